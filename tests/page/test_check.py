"""A draft checked on the page."""

import httpx
from playwright.sync_api import expect

from tests.page.browsing import Visits, highlighted

DRAFT = (
    "The parade officially began with Oleg Salyukov, commander-in-chief of the Russian army, "
    "leading 11,000 troops in a march through Red Square. Tickets to the Louvre cost 22 euros."
)
SEVERAL = (
    "The parade that day was attended by leaders from 27 countries, including Brazilian President "
    "Luiz Inácio Lula da Silva and Venezuelan President Nicolás Maduro. The parade officially "
    "began with Oleg Salyukov, commander-in-chief of the Russian army, leading 11,000 troops in a "
    "march through Red Square."
)


def test_each_sentence_comes_back_with_its_quote_or_without_one(
    visit: Visits, seeds_url: str, seeds_client: httpx.Client
) -> None:
    checks = seeds_client.post("/v1/check", json={"text": DRAFT}).json()
    page = visit(seeds_url, "#check")
    page.fill("#draft", DRAFT)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".check-summary")).to_have_text("1 of 2 sentences supported")
    borne, open_ = page.locator(".check").all()
    expect(borne.locator(".verdict")).to_contain_text("Supported")
    expect(open_.locator(".verdict")).to_contain_text("Not supported")
    expect(open_.locator(".chip")).to_have_count(0)
    nearest = checks[1]["citations"][0]["quote"]
    expect(open_.locator(".quoted").first).to_have_text(nearest)
    borne.locator(".chip").first.click()
    assert highlighted(page) == checks[0]["citations"][0]["quote"]
    page.keyboard.press("Escape")
    open_.locator(".source-line").first.click()
    assert highlighted(page) == nearest


def test_what_lacks_support_can_be_shown_alone(visit: Visits, seeds_url: str) -> None:
    page = visit(seeds_url, "#check")
    page.fill("#draft", DRAFT)
    page.click("#check-button")
    page.check(".only input")
    expect(page.locator(".check.yes")).to_be_hidden()
    expect(page.locator(".check.no")).to_be_visible()


def test_all_quotes_from_an_article_can_be_stepped_through(
    visit: Visits, seeds_url: str, seeds_client: httpx.Client
) -> None:
    checks = seeds_client.post("/v1/check", json={"text": SEVERAL}).json()
    cited = [check["citations"][0] for check in checks if check["supported"]]
    (source,) = {citation["source"] for citation in cited}
    page = visit(seeds_url, "#check")
    page.fill("#draft", SEVERAL)
    page.click("#check-button")
    page.locator(".chip").first.click()
    quotes = sorted(cited, key=lambda citation: citation["start"])
    for at in (*range(len(quotes)), 0):
        expect(page.locator(".where")).to_contain_text(f"Quote {at + 1} of {len(quotes)}")
        expect(page.locator(".where")).to_contain_text(f"line {quotes[at]['line']}")
        assert highlighted(page) == quotes[at]["quote"]
        page.keyboard.press("n")
    page.click("button[aria-label='Previous quote']")
    assert highlighted(page) == quotes[0]["quote"]
    everything = page.locator(".article-text mark").all_text_contents()
    assert set(everything) == {citation["quote"] for citation in quotes}
    assert source in (page.locator(".article-facts").text_content() or "")
