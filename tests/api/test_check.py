"""POST /v1/check: each sentence of a text, until whoever asked has left."""

import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, fields

import httpx
import pytest

from api.work import Caller
from rag.errors import Abandoned
from rag.records import ClaimCheck
from rag.service import Service
from tests.api.serving import client_of

DRAFT = "11,000 troops marched through Red Square. Tickets to the Louvre cost 22 euros."


def test_each_sentence_is_held_as_the_service_holds_it(
    client: httpx.Client, seeds_service: Service
) -> None:
    checks = client.post("/v1/check", json={"text": DRAFT}).json()
    assert [check["supported"] for check in checks] == [True, False]
    expected = [asdict(check) for check in seeds_service.check(DRAFT)]
    assert checks == json.loads(json.dumps(expected))


def test_nothing_is_checked_for_a_caller_who_has_left(seeds_service: Service) -> None:
    caller = Caller()
    assert seeds_service.check(DRAFT, caller.gone)
    caller.leave()
    with pytest.raises(Abandoned):
        seeds_service.check(DRAFT, caller.gone)


class Slow(Service):
    """Begins to check once its caller has left, and notes that it is given up."""

    begun = threading.Event()
    given_up = threading.Event()

    def check(self, text: str, gone: Callable[[], bool] = lambda: False) -> list[ClaimCheck]:
        self.begun.set()
        while not gone():
            time.sleep(0.02)
        try:
            return super().check(text, gone)
        except Abandoned:
            self.given_up.set()
            raise


def test_a_client_that_leaves_ends_the_check_frees_its_place_and_is_counted(
    seeds_service: Service,
) -> None:
    slow = Slow(**{f.name: getattr(seeds_service, f.name) for f in fields(seeds_service)})
    body = json.dumps({"text": DRAFT}).encode()
    head = (
        "POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with client_of(slow) as client:
        address = client.base_url.host, client.base_url.port or 0
        with socket.create_connection(address) as connection:
            connection.sendall(head.encode() + body)
            assert slow.begun.wait(60)
            assert 'citewell_running{desk="asking"} 1.0' in client.get("/metrics").text
        while 'citewell_running{desk="asking"} 0.0' not in client.get("/metrics").text:
            time.sleep(0.02)
        left = 'citewell_requests_total{method="POST",route="/v1/check",status="499"} 1.0'
        while left not in client.get("/metrics").text:
            time.sleep(0.02)
    assert slow.given_up.is_set()
