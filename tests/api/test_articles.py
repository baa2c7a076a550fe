"""GET /v1/sources: what the library holds, and nothing that it does not."""

import http.client
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from rag.service import Service
from tests.api.serving import client_of, problem

ODD_NAMES = [
    "folder/deeper/plain.txt",
    "a name with spaces.md",
    "percent%20sign.txt",
    "question?mark#hash.txt",
    "ünï-漢字-🎉.txt",
    "quotes'\"<b>.txt",
    "text/text/text.txt",
]


def test_every_article_is_listed_with_its_facts(
    client: httpx.Client, seeds_service: Service, seeds: Path
) -> None:
    listed = client.get("/v1/sources").json()
    assert listed == {"sources": [asdict(facts) for facts in seeds_service.sources()]}
    assert [facts["source"] for facts in listed["sources"]] == sorted(
        p.name for p in seeds.iterdir()
    )


def test_an_empty_library_lists_nothing(service: Service) -> None:
    with client_of(service) as client:
        assert client.get("/v1/sources").json() == {"sources": []}


def test_an_articles_facts_are_those_of_the_list(client: httpx.Client) -> None:
    for facts in client.get("/v1/sources").json()["sources"]:
        assert client.get(f"/v1/sources/{facts['source']}").json() == facts


def test_an_articles_text_is_the_file_byte_for_byte(client: httpx.Client, seeds: Path) -> None:
    for file in seeds.iterdir():
        response = client.get(f"/v1/sources/{file.name}/text")
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.content == file.read_bytes()


def test_line_ends_and_a_byte_order_mark_stay_as_they_are(service: Service, tmp_path: Path) -> None:
    content = "\ufeffShips call daily.\r\nThe harbour is old.\rIt was dug by hand. 🎉\n".encode()
    (tmp_path / "harbour.txt").write_bytes(content)
    service.ingest([tmp_path / "harbour.txt"])
    with client_of(service) as client:
        assert client.get("/v1/sources/harbour.txt/text").content == content


def test_any_name_that_a_file_can_have_is_found_again(service: Service, tmp_path: Path) -> None:
    for at, name in enumerate(ODD_NAMES):
        file = tmp_path / "articles" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"The harbour has {at} piers.\n", encoding="utf-8")
    service.ingest([tmp_path / "articles"])
    with client_of(service) as client:
        listed = client.get("/v1/sources").json()["sources"]
        assert {facts["source"] for facts in listed} == set(ODD_NAMES)
        for at, name in enumerate(ODD_NAMES):
            for safe in ("/", ""):  # a slash may stand in the path as it is or encoded
                address = f"/v1/sources/{quote(name, safe=safe)}"
                assert client.get(address).json()["source"] == name
                assert client.get(f"{address}/text").text == f"The harbour has {at} piers.\n"


@pytest.mark.parametrize(
    "name",
    [
        "nothing.txt",
        "",
        "../pyproject.toml",
        "../../../../../../etc/passwd",
        "/etc/passwd",
        "..",
        "000_8e5a7804937815d9.txt/../000_8e5a7804937815d9.txt",
        "000_8E5A7804937815D9.TXT",
        "000_*",
        "000_8e5a7804937815d9.txt\0",
        "%",
        "' OR 1=1 --",
        "\\..\\..",
        "x" * 10_000,
    ],
)
@pytest.mark.parametrize("route", ["", "/text"])
@pytest.mark.parametrize("safe", ["/.", ""])
def test_a_name_is_looked_up_in_the_library_only(
    client: httpx.Client, name: str, route: str, safe: str
) -> None:
    # http.client sends a path as it is: httpx would resolve the dots before anyone sees them.
    connection = http.client.HTTPConnection(client.base_url.host, client.base_url.port or 0)
    path = quote(name, safe=safe).replace("." if safe == "" else "\0", "%2E")
    connection.request("GET", f"/v1/sources/{path}{route}")
    response = connection.getresponse()
    body = response.read()
    connection.close()
    problem(httpx.Response(response.status, headers=response.getheaders(), content=body), 404)


def test_an_unknown_article_is_named(client: httpx.Client) -> None:
    details = problem(client.get("/v1/sources/no%20such.txt"), 404)
    assert "'no such.txt'" in details["detail"]
    assert "'no such.txt'" in problem(client.get("/v1/sources/no%20such.txt/text"), 404)["detail"]
