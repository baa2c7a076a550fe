"""Articles put in, listed and taken out on the page."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from rag.service import Service
from tests.page.browsing import Visits, article_text, ask, highlighted

LIGHTHOUSE = "The lighthouse of Ondry was built in 1873 by Mira Falk."
WHO = "Who built the lighthouse of Ondry?"


def test_a_newcomer_uploads_a_file_and_asks_about_it(visit: Visits, url: str) -> None:
    page = visit(url)
    expect(page.locator("#welcome-lead")).to_contain_text("The library is empty")
    page.set_input_files("#file-input", _file("ondry.txt", LIGHTHOUSE))
    expect(page.locator("[data-state=done]")).to_contain_text("Added")
    expect(page.locator(".article-rows")).to_contain_text("ondry.txt")
    expect(page.locator("#article-count")).to_contain_text("1")
    page.click("nav [data-view=ask]")
    ask(page, WHO)
    page.locator(".chip").first.click()
    assert highlighted(page) == LIGHTHOUSE


def test_each_file_that_cannot_be_taken_says_why_and_the_others_are(
    visit: Visits, service: Service, url: str
) -> None:
    page = visit(url, "#library", meets=400)
    page.set_input_files(
        "#file-input",
        [_file("picture.xyz", "?"), _file("ondry.txt", LIGHTHOUSE), _file("empty.txt", " ")],
    )
    expect(page.locator("#uploads h2")).to_have_text("1 article uploaded, 2 files not taken")
    expect(page.locator("[data-state=failed]").first).to_contain_text("picture.xyz")
    expect(page.locator("[data-state=failed]").last).to_contain_text("empty")
    assert [facts.source for facts in service.sources()] == ["ondry.txt"]


def test_a_file_uploaded_again_takes_the_place_of_the_earlier_one(
    visit: Visits, service: Service, url: str
) -> None:
    service.put("ondry.txt", b"Nobody knows who built the lighthouse of Ondry.")
    page = visit(url, "#library")
    page.set_input_files("#file-input", _file("ondry.txt", LIGHTHOUSE))
    expect(page.locator("[data-state=done]")).to_contain_text("Brought up to date")
    assert service.article("ondry.txt").text == LIGHTHOUSE


def test_a_folder_s_files_are_named_as_ingesting_names_them(
    visit: Visits, service: Service, url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "news"
    (folder / "north").mkdir(parents=True)
    (folder / "tarn.txt").write_text("The bridge of Tarn was opened in 1911.")
    (folder / "north" / "ondry.txt").write_text(LIGHTHOUSE)
    (folder / ".hidden.txt").write_text("Not this one, please.")
    page = visit(url, "#library")
    page.set_input_files("#folder-input", folder)
    expect(page.locator("#uploads h2")).to_have_text("2 articles uploaded")
    assert {facts.source for facts in service.sources()} == {"tarn.txt", "north/ondry.txt"}


def test_files_dropped_on_any_view_are_uploaded(visit: Visits, service: Service, url: str) -> None:
    page = visit(url)
    _drop(page, "ondry.txt", LIGHTHOUSE)
    expect(page.locator("#uploads h2")).to_have_text("1 article uploaded")
    expect(page.locator("#view-library")).to_be_visible()
    assert service.article("ondry.txt").text == LIGHTHOUSE


def test_where_there_is_nothing_to_send_the_page_says_why(
    visit: Visits, service: Service, url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / ".hidden.txt").write_text(LIGHTHOUSE)
    page = visit(url, "#library")
    page.set_input_files("#folder-input", folder)
    expect(page.locator("#uploads h2")).to_contain_text("hidden ones are left out")
    page.evaluate(
        """DataTransferItem.prototype.webkitGetAsEntry = () => ({
            name: "gone.txt", isFile: true, file: (read, failed) => failed(new Error("gone")),
        })"""
    )
    _drop(page, "gone.txt", LIGHTHOUSE)
    expect(page.locator("#uploads h2")).to_contain_text("cannot be read")
    assert service.sources() == []


def test_an_article_is_removed_once_that_is_confirmed(
    visit: Visits, service: Service, url: str
) -> None:
    service.put("ondry.txt", LIGHTHOUSE.encode())
    service.put("tarn.txt", b"The bridge of Tarn was opened in 1911.")
    page = visit(url, "#library")
    row = page.locator("li[data-source='ondry.txt']")
    row.get_by_role("button", name="Remove").click()
    row.get_by_role("button", name="Keep it").click()
    expect(row.get_by_role("button", name="Remove")).to_be_focused()
    row.get_by_role("button", name="Remove").click()
    row.get_by_role("button", name="Remove it").click()
    expect(row).to_have_count(0)
    assert [facts.source for facts in service.sources()] == ["tarn.txt"]
    expect(page.locator("#announcer")).to_contain_text("is removed")


def test_one_article_alone_can_be_asked(visit: Visits, service: Service, url: str) -> None:
    service.put("tarn/one.txt", b"The bridge of Tarn was opened in 1911.")
    service.put("tarn/two.txt", b"The bridge of Tarn was opened in 1925.")
    page = visit(url, "#library")
    page.click("li[data-source='tarn/two.txt'] button:has-text('Ask only this')")
    expect(page.locator("#filter-button")).to_contain_text("Only")
    ask(page, "When was the bridge of Tarn opened?")
    expect(page.locator(".claims")).to_contain_text("1925")
    expect(page.locator(".claims")).not_to_contain_text("1911")


HOSTILE = (
    "# <script>alert('title')</script>\n\n"
    "<img src=x onerror=alert('text')> [a link](javascript:alert(1)) {{7*7}} "
    "The lighthouse of Ondry was built in 1873 by <b>Mira Falk</b> \u202eklaF\u202c.\n"
)
NAMES = ["<img src=x onerror=alert('name')>.txt", "a&amp;b %2e%2e?#x.txt", "x" * 200 + ".txt"]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_and_text_stay_text(
    visit: Visits, service: Service, url: str, name: str
) -> None:
    service.put(name, HOSTILE.encode())
    page = visit(url, "#library", viewport={"width": 375, "height": 740})
    page.locator(".row-title").click()
    assert article_text(page) == HOSTILE
    expect(page.locator(".article-facts")).to_contain_text(name)
    page.keyboard.press("Escape")
    page.click("nav [data-view=ask]")
    ask(page, WHO)
    page.locator(".source-line").click()
    assert highlighted(page) in HOSTILE
    for made in ("main script", "main img", "#article img", "#article a", "#article b", "main b"):
        expect(page.locator(made)).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") == 375


def test_what_turns_the_direction_of_writing_stays_where_it_is(
    visit: Visits, service: Service, url: str
) -> None:
    service.put("turned.md", "# Ondry \u202etxet desrever\n\nIt was built in 1873.\n".encode())
    page = visit(url, "#library")
    title = page.locator(".row-title bdi")
    expect(title).to_contain_text("U+202E")
    assert title.evaluate("e => getComputedStyle(e).unicodeBidi") == "isolate"


def _file(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def _drop(page: Page, name: str, text: str) -> None:
    transfer = page.evaluate_handle(
        """([name, text]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([text], name, {type: 'text/plain'}));
            return transfer;
        }""",
        [name, text],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("#view-ask", event, {"dataTransfer": transfer})
