"""HEAD: whatever GET says, without its body."""

import socket
from pathlib import Path

import httpx
import pytest

ROUTES = ["/", "/healthz", "/readyz", "/docs", "/v1/models", "/v1/sources"]
OF_AN_ARTICLE = ["/v1/sources/{}", "/v1/sources/{}/text"]


@pytest.mark.parametrize("route", [*ROUTES, *OF_AN_ARTICLE])
def test_a_head_has_the_status_and_the_headers_of_a_get(
    client: httpx.Client, seeds: Path, route: str
) -> None:
    path = route.format(min(seeds.iterdir()).name)
    got, head = client.get(path), client.head(path)
    assert (got.status_code, head.status_code) == (200, 200)
    assert int(head.headers["content-length"]) == len(got.content)
    assert _lasting(head) == _lasting(got)


def test_what_is_not_there_has_no_head_either(client: httpx.Client) -> None:
    for path in ("/nothing", "/v1/sources/nothing.txt", "/v1/sources/nothing.txt/text"):
        got, head = client.get(path), client.head(path)
        assert (got.status_code, head.status_code) == (404, 404)
        assert _lasting(head) == _lasting(got)


def test_no_body_follows_a_head(client: httpx.Client) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as connection:
        connection.sendall(
            b"HEAD /v1/sources HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        said = b"".join(iter(lambda: connection.recv(65536), b""))
    assert said.startswith(b"HTTP/1.1 200 ")
    assert said.partition(b"\r\n\r\n")[2] == b""


def _lasting(response: httpx.Response) -> dict[str, str]:
    """The headers that are the same each time."""
    own = ("date", "x-request-id")
    return {name: value for name, value in response.headers.items() if name not in own}
