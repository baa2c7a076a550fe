"""A real Chromium that visits real services, and notes whatever it complains of."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    sync_playwright,
)

from rag.service import Service
from tests.api.serving import client_of

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000
"""Milliseconds: machines may be busy, and no test asserts a time."""

_ABSENT = "Chromium is not installed: `apt-get install chromium` (Debian), then run this again"


def chromium() -> str:
    """The system's Chromium.

    Where there is none the test is skipped, for all to see: `make test` is to work on a machine
    with nothing but Python. Where CI runs it that is a failure: there the page has to be tested.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found:
        return found
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(_ABSENT, pytrace=False)
    pytest.skip(_ABSENT)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The browser, headless."""
    executable = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Visits:
    """Opens pages, each in a profile of its own; `complaints` are all that they had.

    A complaint is an error or warning in the console, a script's exception, a dialog, or a request
    to another host. Where a visit `meets` an HTTP status, the console's word of it is none.
    """

    def __init__(self, browser: Browser) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def __call__(self, url: str, view: str = "", meets: object = None, **options: Any) -> Page:
        """Visit the page of the service at `url`; `options` are Playwright's of a context."""
        context = self._browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, **options}
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()

        def console(message: ConsoleMessage) -> None:
            expected = meets and message.text.startswith("Failed to load resource")
            if message.type in ("error", "warning") and not expected:
                self.complaints.append(message.text)

        def request(sent: Request) -> None:
            if not sent.url.startswith((url, "blob:", "data:")):
                self.complaints.append(f"request to {sent.url}")

        def dialog(opened: Dialog) -> None:
            self.complaints.append(f"{opened.type}: {opened.message}")
            opened.dismiss()

        page.on("console", console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", dialog)
        page.on("request", request)
        page.goto(f"{url}/{view}")
        return page

    def close(self) -> None:
        """Close every page."""
        for context in self._contexts:
            context.close()


@contextmanager
def served(service: Service, **options: Any) -> Iterator[str]:
    """The address of `service` over HTTP; `options` are those of `client_of`."""
    with client_of(service, **options) as client:
        yield address(client)


def address(client: httpx.Client) -> str:
    """Where a client's service is."""
    return str(client.base_url).rstrip("/")


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the end of the answer."""
    count = page.locator(".exchange").count()
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.locator(".exchange").nth(count).locator(".about").wait_for()


def highlighted(page: Page) -> str:
    """What the current quote's highlight covers."""
    page.wait_for_selector("mark.current")
    return "".join(page.locator("mark.current").evaluate_all("all => all.map(m => m.textContent)"))


def before_highlight(page: Page) -> str:
    """The article's text before the current highlight."""
    text: str = page.evaluate(
        """() => {
            const range = new Range();
            range.setStart(document.querySelector('.article-text'), 0);
            range.setEndBefore(document.querySelector('mark.current'));
            return range.cloneContents().textContent;
        }"""
    )
    return text


def article_text(page: Page) -> str:
    """The whole text of the article that is open."""
    page.wait_for_selector(".article-text")
    text: str = page.evaluate("document.querySelector('.article-text').textContent")
    return text
