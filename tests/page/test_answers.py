"""Questions asked on the page, and how their answers are shown."""

import json
import re
from dataclasses import replace

import httpx
import pytest
from playwright.sync_api import Request, expect

from rag.models import Limits, Models
from rag.service import Service
from rag.settings import Settings
from tests.openai_server import OpenAIServer, Reply
from tests.page.browsing import (
    Visits,
    article_text,
    ask,
    before_highlight,
    highlighted,
    served,
)

TROOPS = "How many troops marched through Red Square?"
LOUVRE = "What does a ticket to the Louvre cost?"
BORNE_OUT = (
    "The parade that day was attended by leaders from 27 countries, including Brazilian President "
    "Luiz Inácio Lula da Silva and Venezuelan President Nicolás Maduro. [1]",
    "The parade officially began with Oleg Salyukov, commander-in-chief of the Russian army, "
    "leading 11,000 troops in a march through Red Square. [1]",
)
MADE_UP = "The fireworks were sold to a circus in Peru. [1]"


@pytest.fixture
def written(seeds_service: Service, openai_server: OpenAIServer) -> Service:
    """The seeds with a chat model that the test tells what to say."""
    set_ = Settings(model="openai:test-model")
    limits = Limits(set_.first_token_seconds, set_.answer_seconds)
    return replace(seeds_service, models=Models(set_.model, set_.context_tokens, limits))


def test_an_answer_is_the_service_s_own(
    visit: Visits, seeds_url: str, seeds_client: httpx.Client
) -> None:
    answer = seeds_client.post("/v1/ask", json={"question": TROOPS}).json()
    page = visit(seeds_url)
    ask(page, TROOPS)
    claims = page.locator(".claim > bdi").all_text_contents()
    assert claims == [claim["text"] for claim in answer["claims"]]
    chips = page.locator(".claim .chip").all_text_contents()
    assert chips == [str(id_) for claim in answer["claims"] for id_ in claim["citations"]]
    assert page.locator(".source-lines .source-title").all_text_contents() == [
        citation["title"] for citation in answer["citations"]
    ]
    expect(page.locator(".confidence")).to_contain_text(f"{answer['confidence'] * 100:.0f} %")
    expect(page.locator(".tag")).to_have_text("Quotes only")


def test_a_citation_opens_the_article_with_its_quote_marked_at_its_offsets(
    visit: Visits, seeds_url: str, seeds_client: httpx.Client
) -> None:
    (cited, *_) = seeds_client.post("/v1/ask", json={"question": TROOPS}).json()["citations"]
    page = visit(seeds_url)
    ask(page, TROOPS)
    page.locator(".chip").first.click()
    assert highlighted(page) == cited["quote"]
    assert len(before_highlight(page)) == cited["start"]
    assert article_text(page) == seeds_client.get(f"/v1/sources/{cited['source']}/text").text
    expect(page.locator("mark.current").first).to_be_in_viewport()
    expect(page.locator(".where")).to_contain_text(f"Line {cited['line']}")
    line = page.locator(".line", has=page.locator("mark.current")).first
    expect(line).to_have_attribute("data-line", str(cited["line"]))


def test_offsets_hold_where_characters_are_more_than_one_unit(
    visit: Visits, service: Service, url: str
) -> None:
    text = (
        "\ufeffKeepers’ notes 🗼👩‍🚀🇳🇴\r\n\r\n𝒯𝓌ℴ lines of 🎉🎉🎉 come first.\r\n"
        "The lighthouse of Ondry was built in 1873 by Mira Falk 👷🏽. It has stood since.\r\n"
    )
    service.put("keepers 🗼.txt", text.encode())
    page = visit(url)
    ask(page, "Who built the lighthouse of Ondry?")
    page.locator(".chip").first.click()
    quote = highlighted(page)
    start = len(before_highlight(page))
    assert "Mira Falk" in quote
    assert article_text(page) == text
    (cited, *_) = httpx.post(
        f"{url}/v1/ask", json={"question": "Who built the lighthouse of Ondry?"}, timeout=60
    ).json()["citations"]
    assert (start, start + len(quote)) == (cited["start"], cited["end"])


def test_an_article_that_changed_meanwhile_is_not_marked_wrongly(
    visit: Visits, service: Service, url: str
) -> None:
    service.put("ondry.txt", b"The lighthouse of Ondry was built in 1873 by Mira Falk.")
    page = visit(url)
    ask(page, "Who built the lighthouse of Ondry?")
    service.put("ondry.txt", b"Nothing is known of who built the lighthouse of Ondry, they say.")
    page.locator(".chip").first.click()
    expect(page.locator(".where")).to_contain_text("the article has changed since")
    expect(page.locator("mark.current")).to_have_count(0)


def test_the_quote_shows_on_hover_and_on_focus(visit: Visits, seeds_url: str) -> None:
    page = visit(seeds_url)
    ask(page, TROOPS)
    card = page.locator("#quote-card")
    page.hover(".chip >> nth=0")
    expect(card).to_contain_text("11,000 troops")
    page.hover("#quote-card")
    expect(card).to_be_visible()
    page.hover("h2.asked")
    expect(card).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    while not page.evaluate("document.activeElement.classList.contains('chip')"):
        page.keyboard.press("Shift+Tab")
    expect(card).to_be_visible()
    assert page.evaluate("document.activeElement.getAttribute('aria-describedby')") == "quote-card"
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_a_refusal_says_so_and_shows_what_came_nearest(visit: Visits, seeds_url: str) -> None:
    page = visit(seeds_url)
    ask(page, LOUVRE)
    expect(page.locator(".refusal")).to_have_text("The articles do not answer this question.")
    expect(page.locator(".chip, .source-lines")).to_have_count(0)
    page.click(".near summary")
    nearest = page.locator(".near .source-line").first
    said = nearest.locator(".quoted").text_content()
    nearest.click()
    assert highlighted(page) == said


def test_the_conversation_is_sent_along_until_a_new_one_begins(
    visit: Visits, seeds_url: str
) -> None:
    page = visit(seeds_url)
    requests: list[Request] = []
    page.on("request", lambda sent: requests.append(sent))
    ask(page, TROOPS)
    ask(page, LOUVRE)
    page.click("#new-conversation")
    ask(page, TROOPS)
    asked = [json.loads(sent.post_data or "") for sent in requests if sent.method == "POST"]
    assert [len(sent["conversation"]) for sent in asked] == [0, 2, 0]
    first, second = asked[1]["conversation"]
    assert first == {"role": "user", "content": TROOPS}
    assert second["role"] == "assistant"
    assert "11,000 troops" in second["content"]
    expect(page.locator("h2.asked")).to_have_text([TROOPS, LOUVRE, TROOPS])


def test_only_ticked_articles_are_asked(visit: Visits, service: Service, url: str) -> None:
    service.put("[1]*.txt", b"The bridge of Tarn was opened in 1911.")
    service.put("1x.txt", b"The bridge of Tarn was opened in 1925.")
    page = visit(url)
    page.click("#filter-button")
    page.check("#filter-panel label:has-text('[1]*.txt') input")
    page.keyboard.press("Escape")
    expect(page.locator("#filter-panel")).to_be_hidden()
    ask(page, "When was the bridge of Tarn opened?")
    expect(page.locator(".claims")).to_contain_text("1911")
    expect(page.locator(".claims")).not_to_contain_text("1925")


def test_sentences_arrive_as_they_are_verified_and_the_dropped_are_named(
    visit: Visits, written: Service, openai_server: OpenAIServer
) -> None:
    openai_server.answers(Reply(" ".join((*BORNE_OUT, MADE_UP)), pause=0.04))
    with served(written) as url:
        page = visit(url)
        page.fill("#question", TROOPS)
        page.keyboard.press("Enter")
        page.wait_for_selector(".claim")
        expect(page.locator("#stop-button")).to_be_visible()
        expect(page.locator(".about")).to_have_count(0)
        expect(page.locator(".about")).to_be_visible()
        expect(page.locator(".tag")).to_contain_text("openai:test-model")
        expect(page.locator(".dropped summary")).to_contain_text("1 sentence left out")
        page.click(".dropped summary")
        expect(page.locator(".dropped-text")).to_contain_text("sold to a circus in Peru")
        assert page.locator(".dropped li .soft").text_content()


def test_escape_stops_the_answer_and_the_model(
    visit: Visits, written: Service, openai_server: OpenAIServer
) -> None:
    openai_server.answers(Reply(" ".join(BORNE_OUT * 9), pause=0.05))
    with served(written) as url:
        page = visit(url)
        page.fill("#question", TROOPS)
        page.keyboard.press("Enter")
        page.wait_for_selector(".claim")
        page.keyboard.press("Escape")
        expect(page.locator(".note")).to_contain_text("Stopped")
        expect(page.locator(".claim").first).to_be_visible()
        expect(page.locator("#ask-button")).to_be_visible()
        assert openai_server.saw_hang_up()


def test_a_lesser_answer_says_that_it_is_one(
    visit: Visits, written: Service, openai_server: OpenAIServer
) -> None:
    openai_server.misbehaves("empty")
    with served(written) as url:
        page = visit(url)
        ask(page, TROOPS)
        expect(page.locator(".note")).to_contain_text(re.compile("A lesser way answered. .+"))
        expect(page.locator(".tag")).to_have_text("Quotes only")
