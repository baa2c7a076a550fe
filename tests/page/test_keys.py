"""The key that a service may ask for."""

from playwright.sync_api import FilePayload, Request, expect

from rag.service import Service
from tests.page.browsing import Visits, ask, served

KEY = "first-key-5ca1ab1e"
TROOPS = "How many troops marched through Red Square?"


def test_a_key_is_asked_for_and_kept_in_the_tab_alone(
    visit: Visits, seeds_service: Service
) -> None:
    with served(seeds_service, api_keys=[KEY]) as url:
        page = visit(url, meets=401)
        expect(page.locator("#key-dialog")).to_be_visible()
        expect(page.locator("#key-field")).to_be_focused()
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        expect(page.locator("#key-refused")).to_contain_text("was not accepted")
        page.keyboard.type(KEY)
        page.keyboard.press("Enter")
        expect(page.locator("#article-count")).to_contain_text("5")
        ask(page, TROOPS)
        assert page.evaluate("JSON.stringify([{...localStorage}, document.cookie])") == '[{},""]'
        page.reload()
        expect(page.locator("#article-count")).to_contain_text("5")
        page.click("#key-button")
        page.click("#key-forget")
        expect(page.locator("#key-button")).to_be_hidden()
        assert page.evaluate("sessionStorage.length") == 0


def test_what_no_header_can_hold_is_not_taken_for_a_key(
    visit: Visits, seeds_service: Service
) -> None:
    with served(seeds_service, api_keys=[KEY]) as url:
        page = visit(url, meets=401)
        for typed in ("schlüssel", "two words", "🔑"):
            expect(page.locator("#key-field")).to_be_focused()
            page.keyboard.insert_text(typed)
            page.keyboard.press("Enter")
            expect(page.locator("#key-refused")).to_contain_text("plain letters")
            expect(page.locator("#key-dialog")).to_be_visible()
            expect(page.locator("#key-field")).to_have_value("")
            assert page.evaluate("sessionStorage.length") == 0
        page.keyboard.type(KEY)
        page.keyboard.press("Enter")
        expect(page.locator("#article-count")).to_contain_text("5")
        expect(page.locator("#key-dialog")).to_be_hidden()


def test_without_a_key_one_file_is_refused_and_the_others_are_not_sent(
    visit: Visits, service: Service
) -> None:
    with served(service, api_keys=[KEY]) as url:
        page = visit(url, meets=401)
        expect(page.locator("#key-field")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#welcome .problem")).to_be_visible()
        requests: list[Request] = []
        page.on("request", lambda sent: requests.append(sent))
        files: list[FilePayload] = [
            {"name": name, "mimeType": "text/plain", "buffer": b"The bridge was opened in 1911."}
            for name in ("a.txt", "b.txt", "c.txt")
        ]
        page.set_input_files("#file-input", files)
        expect(page.locator("#key-field")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#uploads h2")).to_have_text("3 files not taken")
        expect(page.locator("[data-state=failed]").first).to_contain_text("asks for a key")
        expect(page.locator("[data-state=failed]").last).to_contain_text("no key was given")

        page.click("#uploads button:has-text('Try the failed ones again')")
        expect(page.locator("#key-field")).to_be_focused()
        page.keyboard.type(KEY)
        page.keyboard.press("Enter")
        expect(page.locator("#uploads h2")).to_have_text("3 articles uploaded")
        assert len(service.sources()) == 3
        asked = [sent.method for sent in requests if "/v1/" in sent.url]
        assert asked[:5] == ["PUT"] * 5  # nothing else has asked for the key meanwhile


def test_without_a_key_the_page_says_what_is_missing(visit: Visits, seeds_service: Service) -> None:
    with served(seeds_service, api_keys=[KEY]) as url:
        page = visit(url, meets=401)
        expect(page.locator("#key-field")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#welcome .problem")).to_contain_text("asks for a key")
        page.click("#welcome .problem button")
        expect(page.locator("#key-dialog")).to_be_visible()
