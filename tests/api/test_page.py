"""The page's files as they are served."""

from importlib.resources import files

import httpx
import pytest

import api


def test_the_page_is_at_the_root(client: httpx.Client) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.content == (files(api) / "page" / "index.html").read_bytes()
    assert client.head("/").status_code == 200


def test_a_file_that_the_browser_has_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/page/index.html")
    assert first.headers["cache-control"] == "no-cache"
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = client.get("/page/index.html", headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
    other = client.get("/page/index.html", headers={"if-none-match": '"other"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    "path", ["nothing.js", "", "..%2fapp.py", "%2e%2e/app.py", "/etc/passwd", "index.html%00"]
)
def test_nothing_but_the_page_is_there(client: httpx.Client, path: str) -> None:
    assert client.get(f"/page/{path}").status_code == 404
