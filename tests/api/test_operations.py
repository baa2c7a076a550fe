"""What is counted and logged of requests: enough to run the server, nothing of anyone's text."""

import json
import logging
import re
import socket
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.logs import JsonLines, NoText, request_id
from rag.encoders import Encoders
from rag.service import Service, open_service
from rag.settings import Settings
from tests.api.serving import client_of, problem

TROOPS = "How many troops marched through Red Square?"


def counted(client: httpx.Client) -> dict[tuple[str, ...], float]:
    """Every sample of the metrics, by its name and the values of its sorted labels."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_requests_answers_and_the_library_are_counted(seeds_service: Service) -> None:
    with client_of(seeds_service) as client:
        for question in (TROOPS, TROOPS, "What does a ticket to the Louvre cost?"):
            client.post("/v1/ask", json={"question": question})
        client.post("/v1/ask", json={"question": ""})
        client.get("/v1/sources/secret-name.txt")
        samples = counted(client)
    assert samples["citewell_requests_total", "POST", "/v1/ask", "200"] == 3
    assert samples["citewell_requests_total", "POST", "/v1/ask", "400"] == 1
    assert samples["citewell_requests_total", "GET", "/v1/sources/{source:source}", "404"] == 1
    assert samples["citewell_answers_total", "answered"] == 2
    assert samples["citewell_answers_total", "refused"] == 1
    assert samples["citewell_dropped_sentences_total",] == 0
    assert samples["citewell_degraded_answers_total",] == 0
    for stage in ("retrieve", "generate", "verify", "total"):
        assert samples["citewell_answer_seconds_count", stage] == 3
    assert samples["citewell_answer_seconds_sum", "total"] > 0
    assert samples["citewell_running", "asking"] == 0
    assert samples["citewell_waiting", "asking"] == 0
    assert samples["citewell_library", "articles"] == 5
    assert not any("secret" in part for sample in samples for part in sample)


def test_a_head_is_counted_under_its_route(seeds_service: Service) -> None:
    with client_of(seeds_service) as client:
        client.head("/healthz")
        client.head("/v1/sources/secret-name.txt/text")
        samples = counted(client)
    assert samples["citewell_requests_total", "HEAD", "/healthz", "200"] == 1
    of_text = "/v1/sources/{source:source}/text"
    assert samples["citewell_requests_total", "HEAD", of_text, "404"] == 1


def test_a_client_that_leaves_during_an_upload_is_counted_and_is_no_fault_of_the_server(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"PUT /v1/sources/a.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
    left = "citewell_requests_total", "PUT", "/v1/sources/{source:source}", "499"
    with client_of(service) as client:
        address = client.base_url.host, client.base_url.port or 0
        with socket.create_connection(address) as connection:
            connection.sendall(head + b"The harbour of")
            while counted(client)["citewell_running", "writing"] != 1:
                time.sleep(0.02)
        while left not in counted(client):
            time.sleep(0.02)
        samples = counted(client)
        assert client.get("/v1/sources").json() == {"sources": []}
    assert samples[left] == 1
    assert samples["citewell_running", "writing"] == 0
    assert [r for r in caplog.records if r.exc_info or r.levelno >= logging.ERROR] == []


def test_it_is_not_ready_where_the_judge_that_is_set_cannot_be_used(
    encoders: Encoders, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path / "library", judge="nobody")
    with closing(open_service(settings, encoders)) as service, client_of(service) as client:
        assert "model" in problem(client.get("/readyz"), 503)["detail"]


def test_each_application_counts_for_itself(seeds_service: Service) -> None:
    with client_of(seeds_service) as one, client_of(seeds_service) as other:
        one.post("/v1/ask", json={"question": TROOPS})
        assert counted(other)["citewell_answers_total", "answered"] == 0


def test_the_metrics_ask_for_a_key_where_there_are_keys(seeds_service: Service) -> None:
    with client_of(seeds_service, ["a-key"]) as client:
        problem(client.get("/metrics"), 401)
        bearer = {"authorization": "Bearer a-key"}
        assert client.get("/metrics", headers=bearer).status_code == 200


def test_a_request_has_the_clients_id_or_one_of_its_own(client: httpx.Client) -> None:
    given = client.get("/healthz", headers={"x-request-id": "mine-42"})
    assert given.headers["x-request-id"] == "mine-42"
    made = {client.get("/healthz").headers["x-request-id"] for _ in range(3)}
    assert len(made) == 3
    failed = client.get("/nothing", headers={"x-request-id": "mine-43"})
    assert failed.headers["x-request-id"] == "mine-43"


@pytest.mark.parametrize("id_", ["", "x" * 200, "with space", '"quoted"', "<b>"])
def test_an_id_that_is_not_sane_is_replaced(client: httpx.Client, id_: str) -> None:
    made = client.get("/healthz", headers={"x-request-id": id_}).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", made)


def test_the_log_tells_of_each_request_and_of_nothing_that_was_said(
    seeds_service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), client_of(seeds_service, ["k-secret"]) as client:
        headers = {"authorization": "Bearer k-secret", "x-request-id": "mine-42"}
        answer = client.post("/v1/ask", json={"question": TROOPS}, headers=headers).json()
        client.get("/v1/sources/a-secret.txt", headers=headers)
        client.post("/v1/ask", json={"question": TROOPS})
    told = [record for record in caplog.records if record.name == "api.requests"]
    lines = [json.loads(JsonLines().format(record)) for record in told]
    assert [(line["route"], line["method"], line["status"]) for line in lines] == [
        ("/v1/ask", "POST", 200),
        ("/v1/sources/{source:source}", "GET", 404),
        ("none", "POST", 401),
    ]
    assert all(line["ms"] >= 0 for line in lines)
    ours = [r.getMessage() for r in caplog.records if r.name.startswith(("api", "rag"))]
    for secret in ("troops", "secret", answer["citations"][0]["quote"]):
        assert secret not in str([*ours, *lines])


def test_a_warning_is_told_without_what_it_says() -> None:
    record = logging.getLogger("py.warnings").makeRecord(
        "py.warnings", logging.WARNING, __file__, 1, "%s", ("/a.py:7: UserWarning: a secret",), None
    )
    assert NoText().filter(record)
    assert json.loads(JsonLines().format(record))["message"] == "A warning from /a.py:7"


def test_a_line_holds_the_requests_id_and_stays_one_line() -> None:
    token = request_id.set("mine-42")
    try:
        raise ValueError("of two\nlines")
    except ValueError:
        record = logging.getLogger("api").makeRecord(
            "api", logging.ERROR, __file__, 1, "It %s\n", ("failed",), sys.exc_info()
        )
        line = JsonLines().format(record)
    finally:
        request_id.reset(token)
    assert "\n" not in line
    told = json.loads(line)
    assert (told["level"], told["message"], told["request_id"]) == (
        "error",
        "It failed\n",
        "mine-42",
    )
    assert "ValueError" in told["traceback"]
