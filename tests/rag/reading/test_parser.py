"""The child process that parses: whatever a file does to it, reading goes on."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import InputError
from rag.reading import article
from rag.reading.contents import Unreadable
from rag.reading.parser import Parser
from tests.rag.reading.made import docx_of, page, pdf, pdf_drawing, refusal

GOOD = page("<h1>Parade</h1><p>The parade began at noon. It rained.</p>").encode()
SLOW = pdf_drawing(b"BT /F1 11 Tf (a) Tj " + b"1 0 0 1 5 5 Tm (word) Tj " * 60_000 + b"ET")


@pytest.fixture
def parser() -> Iterator[Parser]:
    parser = Parser(cpu_seconds=1.5)
    yield parser
    parser.close()


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read(parser: Parser) -> None:
    with pytest.raises(Unreadable, match=r"cannot be read in 1\.5 s"):
        parser.read("pdf", SLOW)
    assert "It rained." in parser.read("html", GOOD).text


def test_a_parser_that_dies_is_replaced(parser: Parser) -> None:
    first = parser.read("html", GOOD)
    assert parser._child
    os.kill(parser._child.pid, signal.SIGKILL)
    parser._child.wait()
    with pytest.raises(Unreadable, match="breaks its parser"):
        parser.read("html", GOOD)
    assert parser.read("html", GOOD) == first


def test_many_threads_are_each_given_their_own_file(parser: Parser) -> None:
    found: dict[int, str] = {}

    def read(number: int) -> None:
        found[number] = parser.read("docx", docx_of(f"Parade number {number}.")).text

    threads = [threading.Thread(target=read, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"Parade number {number}.\n" for number in range(12)}


def test_the_libraries_of_the_formats_are_not_loaded_into_this_process() -> None:
    script = (
        "import sys; from rag.reading import article; article('a.txt', b'It rained.')\n"
        f"article('a.html', {GOOD!r})\n"
        "print({'trafilatura', 'lxml', 'pypdf', 'docx', 'charset_normalizer'} & {*sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
    assert run.stderr == ""


BASES = {
    ".txt": "The parade began at the café.\n".encode(),
    ".md": b"# Parade\n\n- It rained.\n",
    ".html": GOOD,
    ".pdf": pdf([["The parade began at noon.", "It rained."]]),
    ".docx": docx_of("The parade began.", "It rained."),
}


@settings(max_examples=60)
@given(st.sampled_from(sorted(BASES)), st.binary(max_size=400))
def test_any_bytes_are_an_article_or_refused(suffix: str, content: bytes) -> None:
    _read_or_refused(suffix, content)


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(BASES)),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8)), max_size=12),
    st.floats(0.3, 1),
)
def test_any_damage_leaves_an_article_or_is_refused(
    suffix: str, damages: list[tuple[float, bytes]], share: float
) -> None:
    content = bytearray(BASES[suffix])
    for place, noise in damages:
        at = int(place * (len(content) - 1))
        content[at : at + len(noise)] = noise
    _read_or_refused(suffix, bytes(content[: int(share * len(content))]))


def _read_or_refused(suffix: str, content: bytes) -> None:
    try:
        found = article("a" + suffix, content)
    except InputError:
        assert refusal("a" + suffix, content)
    else:
        found.text.encode()
        assert any(map(str.isalnum, found.text))
