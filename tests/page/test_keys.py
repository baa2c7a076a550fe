"""The key that a service may ask for."""

from playwright.sync_api import expect

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


def test_without_a_key_the_page_says_what_is_missing(visit: Visits, seeds_service: Service) -> None:
    with served(seeds_service, api_keys=[KEY]) as url:
        page = visit(url, meets=401)
        expect(page.locator("#key-field")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#welcome .problem")).to_contain_text("asks for a key")
        page.click("#welcome .problem button")
        expect(page.locator("#key-dialog")).to_be_visible()
