"""What the page says when the service does not answer as it should."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from rag.answering.conversation import MAX_QUESTION
from rag.service import Service
from tests.page.browsing import Visits, ask, served

TROOPS = "How many troops marched through Red Square?"


def test_a_service_that_is_gone_is_named_and_asked_again(
    visit: Visits, seeds_service: Service
) -> None:
    with served(seeds_service) as url:
        page = visit(url, meets="no connection")
        page.locator("#article-count").wait_for()
    page.fill("#question", TROOPS)
    page.keyboard.press("Enter")
    expect(page.locator(".problem")).to_contain_text("The service cannot be reached")
    expect(page.locator(".problem button")).to_have_text("Try again")


def test_too_many_requests_say_when_to_try_again(visit: Visits, seeds_service: Service) -> None:
    with served(seeds_service, rate_limit=1) as url:
        page = visit(url, meets=429)
        page.locator("#article-count").wait_for()
        page.fill("#question", TROOPS)
        page.keyboard.press("Enter")
        page.wait_for_selector(".exchange .problem, .exchange .about")
        if page.locator(".exchange .about").count():
            page.fill("#question", TROOPS)
            page.keyboard.press("Enter")
        expect(page.locator(".problem")).to_contain_text(re.compile(r"Try again\s*in \d+ second"))


def test_a_stream_that_is_cut_keeps_what_was_verified(
    visit: Visits, seeds_service: Service
) -> None:
    cut = threading.Event()
    with served(seeds_service) as url, _cutting(url, b"event: claim\n", cut) as cutter:
        page = visit(cutter, meets="a cut")
        page.fill("#question", TROOPS)
        page.keyboard.press("Enter")
        page.wait_for_selector(".claim")
        expect(page.locator(".problem")).to_have_count(0)
        cut.set()
        expect(page.locator(".problem")).to_contain_text("The connection was cut")
        expect(page.locator(".claim")).to_contain_text("11,000 troops")
        expect(page.locator(".below")).to_contain_text("verified before that")
        expect(page.locator(".about")).to_have_count(0)
        page.click(".problem button")
        expect(page.locator(".problem")).to_have_count(1)
        expect(page.locator(".exchange")).to_have_count(1)


def test_a_question_that_cannot_be_used_is_explained(visit: Visits, seeds_url: str) -> None:
    page = visit(seeds_url, meets=400)
    page.fill("#question", "?!")
    page.keyboard.press("Enter")
    expect(page.locator(".problem")).to_contain_text("The question is empty")
    expect(page.locator(".problem button")).to_have_count(0)
    expect(page.locator("#question")).to_have_value("?!")


@pytest.mark.parametrize("width", [375, 1280])
def test_a_question_that_is_too_long_comes_back_to_be_shortened(
    visit: Visits, seeds_url: str, width: int
) -> None:
    page = visit(seeds_url, meets=400, viewport={"width": width, "height": 740})
    ask(page, TROOPS)
    question = " ".join([TROOPS] * (MAX_QUESTION // len(TROOPS) + 1))
    page.fill("#question", question)
    page.keyboard.press("Enter")
    expect(page.locator(".problem")).to_contain_text(f"at most {MAX_QUESTION}")
    expect(page.locator(".problem")).to_be_in_viewport(ratio=1)
    expect(page.locator(".problem button")).to_have_count(0)
    expect(page.locator("#question")).to_have_value(question)
    expect(page.locator("#question")).to_be_in_viewport(ratio=1)


@contextmanager
def _cutting(url: str, after: bytes, cut: threading.Event) -> Iterator[str]:
    """A way to the service at `url`: nothing more comes once a whole event has come that has
    `after`, and at `cut` it breaks."""
    parts = urlsplit(url)
    target = (str(parts.hostname), int(parts.port or 0))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, target, after, cut), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def _accept(
    listener: socket.socket, target: tuple[str, int], after: bytes, cut: threading.Event
) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        server = socket.create_connection(target)
        threading.Thread(target=_carry, args=(client, server, None, cut), daemon=True).start()
        threading.Thread(target=_carry, args=(server, client, after, cut), daemon=True).start()


def _carry(
    source: socket.socket, sink: socket.socket, after: bytes | None, cut: threading.Event
) -> None:
    seen = b""
    with suppress(OSError):
        while carried := source.recv(65536):
            if after:
                seen += carried
                _, found, rest = seen.partition(after)
                event, ended, _ = rest.partition(b"\n\n")
                if found and ended:
                    # Of this piece, what goes no further than the event.
                    surplus = len(rest) - len(event) - len(ended)
                    sink.sendall(carried[: len(carried) - surplus])
                    cut.wait()
                    break
            sink.sendall(carried)
    for end in (source, sink):
        with suppress(OSError):  # the other way may have ended it
            end.shutdown(socket.SHUT_RDWR)
        end.close()
