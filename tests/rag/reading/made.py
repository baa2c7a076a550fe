"""Files of each format, made as people's tools make them."""

import io
import zipfile
from collections.abc import Iterable, Sequence

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pypdf import PdfReader, PdfWriter

from rag.errors import InputError
from rag.reading import article


def page(body: str, head: str = "", charset: str = '<meta charset="utf-8">') -> str:
    """A web page around an article, with all that stands around articles."""
    return f"""<!DOCTYPE html>
<html lang="en"><head>{charset}{head}<style>.a {{ color: red }}</style>
<script>var tracking = "We track what you read. It is never shown.";</script></head>
<body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/news">All the news</a></li></ul></nav>
</header>
<div id="cookie-banner" class="cookie-consent"><p>We use cookies to improve your experience.</p>
<button>Accept all</button></div>
<main><article>{body}</article>
<aside class="sidebar"><h3>Most read</h3><ul><li><a href="/1">Ten castles</a></li></ul></aside>
<section id="comments" class="comments"><h3>Comments</h3>
<div class="comment"><p>Great article, I shared it with all of my friends at once!</p></div>
</section>
</main>
<footer><p>© 2019 The Coast Gazette. All rights reserved.</p></footer></body></html>"""


def pdf(
    pages: Sequence[Sequence[str]], metadata: dict[str, str] | None = None, xmp: str = ""
) -> bytes:
    """A PDF of these lines, by page, set 14 points apart in Helvetica."""
    writer = PdfWriter(io.BytesIO(_bare_pdf([_content(lines) for lines in pages])))
    writer.add_metadata(metadata or {"/CreationDate": "D:20200102030405Z"})
    if xmp:
        writer.xmp_metadata = xmp.encode()
    return _written(writer)


def encrypted_pdf(lines: Sequence[str], password: str, algorithm: str = "AES-256") -> bytes:
    """A PDF that opens with the password alone."""
    writer = PdfWriter(PdfReader(io.BytesIO(pdf([lines]))))
    writer.encrypt(password, algorithm=algorithm)
    return _written(writer)


def pdf_drawing(operators: bytes, pages: int = 1) -> bytes:
    """A PDF whose pages all draw this."""
    return _bare_pdf([operators] * pages)


def _content(lines: Iterable[str]) -> bytes:
    escaped = (line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines)
    shown = "\n".join(f"({line}) Tj T*" for line in escaped)
    return f"BT /F1 11 Tf 14 TL 60 780 Td\n{shown}\nET".encode("cp1252")


def _bare_pdf(contents: Sequence[bytes]) -> bytes:
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for at, content in enumerate(contents):
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            b"/Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * at),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    file = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return file + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(file))
    )


def _written(writer: PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def docx_file(document: Document) -> bytes:
    """The document as a file."""
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def docx_of(*paragraphs: str) -> bytes:
    """A Word document of plain paragraphs."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return docx_file(document)


def word_xml(inner: str) -> object:
    """An element of a Word document's body, its namespaces declared."""
    office = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    shapes = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
    declared = f'{nsdecls("w", "wp", "a")} xmlns:mc="{office}" xmlns:wps="{shapes}"'
    return parse_xml(inner.replace(">", f" {declared}>", 1))


def zipped(parts: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def old_office(stream: str) -> bytes:
    """What an Office file of before 2007 begins like, or one that is protected by a password."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + stream.encode("utf-16-le") + b"\0" * 64
    )


def refusal(source: str, content: bytes) -> str:
    """Why a file is not read: one line, with what to do after a colon."""
    try:
        found = article(source, content)
    except InputError as error:
        reason = str(error)
        assert reason.startswith(source), reason
        assert "\n" not in reason
        assert ": " in reason
        return reason
    raise AssertionError(f"{source} was read: {found.text[:200]!r}")
