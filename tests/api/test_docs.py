"""Health, the docs page, and the OpenAPI document."""

import re

import httpx

from rag.service import Service
from tests.api.serving import client_of


def test_a_service_with_articles_is_alive_and_ready(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "articles": 5}


def test_a_service_without_articles_is_ready_for_them(service: Service) -> None:
    with client_of(service) as client:
        assert client.get("/readyz").json() == {"status": "ready", "articles": 0}


def test_the_docs_page_needs_no_other_host(client: httpx.Client) -> None:
    page = client.get("/docs").text
    loaded = re.findall(r"""(?:src|href)="([^"]+)"|\burl: '([^']+)'""", page)
    addresses = [one or other for one, other in loaded]
    assert len(addresses) == 4  # the style, the script, the icon, the document
    for address in addresses:
        assert address.startswith("/")
        response = client.get(address)
        assert response.status_code == 200
        assert response.content


def test_every_example_question_can_be_asked_as_it_stands(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    body = document["paths"]["/v1/ask"]["post"]["requestBody"]["content"]["application/json"]
    answers = {
        name: client.post("/v1/ask", json=example["value"] | {"stream": False}).json()
        for name, example in body["examples"].items()
    }
    statuses = {name: answer["status"] for name, answer in answers.items()}
    assert statuses.pop("refused") == "refused"
    assert set(statuses.values()) == {"answered"}


def test_the_example_source_is_there(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path in ("/v1/sources/{source}", "/v1/sources/{source}/text"):
        (parameter,) = paths[path]["get"]["parameters"]
        (example,) = parameter["schema"]["examples"]
        assert client.get(path.format(source=example)).status_code == 200


def test_every_problem_is_documented_as_one(client: httpx.Client) -> None:
    operations = [
        operation
        for methods in client.get("/openapi.json").json()["paths"].values()
        for operation in methods.values()
    ]
    problems = [
        response["content"]
        for operation in operations
        for status, response in operation["responses"].items()
        if status >= "400"
    ]
    assert problems
    assert all(list(content) == ["application/problem+json"] for content in problems)
