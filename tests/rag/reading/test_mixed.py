"""A thousand files of all formats with one command: what can be read goes in, the rest is named."""

import os
from dataclasses import replace
from pathlib import Path

import docx

from rag.encoders import Encoders
from rag.service import open_service
from rag.settings import Settings
from tests.fakes import WordEmbeddings, WordTokens
from tests.rag.reading.made import (
    docx_file,
    docx_of,
    encrypted_pdf,
    old_office,
    page,
    pdf,
    pdf_drawing,
    zipped,
)

GOOD = 980
BROKEN: dict[str, tuple[bytes, str]] = {
    "zero.txt": (b"", "is empty (0 bytes)"),
    "blank.md": (b" \n\n", "is empty: an article needs text"),
    "binary.txt": (b"\1\0\2\0", "binary, or UTF-16 without a mark"),
    "cut.txt": ("The parade began.".encode("utf-16")[:-1], "damaged UTF-16"),
    "older.txt": (b"\x93\xfa \xe9 \xd0\xcf", "nor surely in another encoding"),
    "renamed.txt": (pdf([["The parade began."]]), "seems to be a PDF"),
    "picture.md": (b"\x89PNG\r\n\x1a\n\0\0", "seems to be an image"),
    "login.html": (b"<html><form><input></form></html>", "no article"),
    "words.htm": (b"The parade began.", "seems to be plain text, not a web page"),
    "declares.html": (b"<html><meta charset=utf-8><p>caf\xe9 na\xefve</p></html>", "says it is"),
    "locked.pdf": (encrypted_pdf(["The parade began."], "secret"), "by a password"),
    "scanned.pdf": (pdf_drawing(b"q Q"), "only pictures"),
    "cut.pdf": (pdf([["The parade began."]])[:-60], "ends in the middle"),
    "noise.pdf": (b"%PDF-1.7\nnoise\n%%EOF\n", "print it to a new PDF"),
    "endless.pdf": (pdf_drawing(b"", 2001), "more than 2,000 pages"),
    "old.docx": (old_office("WordDocument"), "old Word document"),
    "bomb.docx": (zipped({"word/document.xml": b" " * 101_000_000}), "unpacks to more than"),
    "sheet.docx": (zipped({"xl/workbook.xml": b"<a/>"}), "an Excel sheet"),
    "cut.docx": (docx_of("The parade began.")[:-500], "open it in a word processor"),
}
PIPE = "pipe.txt"


def made(folder: Path) -> None:
    """980 articles that can be read, 196 of each format, and 20 that cannot."""
    document = docx.Document()
    paragraph = document.add_paragraph()
    for number in range(GOOD // 5):
        say = f"Harbour {number} was opened in {1500 + number}. Ships sail there."
        paragraph.text = say
        files = {
            "txt": say.encode("cp1252" if number % 9 == 0 else "utf-8"),
            "md": f"# Harbour\n\n{say}\n".encode(),
            "html": page(f"<h1>Harbour</h1><p>{say}</p><p>It is deep and wide.</p>").encode(),
            "pdf": pdf([[say]]),
            "docx": docx_file(document),
        }
        for suffix, content in files.items():
            path = folder / suffix / f"{number}.{suffix}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
    (folder / "broken").mkdir()
    for name, (content, _) in BROKEN.items():
        (folder / "broken" / name).write_bytes(content)
    os.mkfifo(folder / PIPE)


def test_of_a_thousand_files_980_go_in_and_20_are_named(tmp_path: Path, encoders: Encoders) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    made(folder)
    service = open_service(Settings(data=tmp_path / "library"), encoders)
    fast = replace(service.ingestion, embeddings=WordEmbeddings(), tokens=WordTokens())
    try:
        report = replace(service, ingestion=fast).ingest([folder])
        assert len(report.added) == GOOD
        reasons = {os.path.basename(path): reason for path, reason in report.failed}
        assert set(reasons) == {*BROKEN, PIPE}
        assert len(reasons) == 20
        for name, (_, reason) in BROKEN.items():
            assert reason in reasons[name]
        assert "not a file but a pipe" in reasons[PIPE]
        without_names = {reason.replace(path, "") for path, reason in report.failed}
        assert len(without_names) == 20
        for suffix in ("txt", "md", "html", "pdf", "docx"):
            text = service.article(f"{suffix}/7.{suffix}").text
            assert "Harbour 7 was opened in 1507." in text
        again = replace(service, ingestion=fast).ingest([folder])
        assert (len(again.added), len(again.unchanged), len(again.failed)) == (0, GOOD, 20)
    finally:
        service.close()
