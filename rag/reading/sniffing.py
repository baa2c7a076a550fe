"""What bytes seem to be, whatever their file is called."""

import re

TEXT, HTML, PDF, DOCX = "plain text", "an HTML page", "a PDF", "a Word document (.docx)"
PROTECTED = "an Office file protected by a password"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"

# The directory of such a file names its streams in UTF-16.
_IN_OLE = {
    "EncryptedPackage".encode("utf-16-le"): PROTECTED,
    "WordDocument".encode("utf-16-le"): "an old Word document (.doc)",
    "Workbook".encode("utf-16-le"): "an old Excel sheet (.xls)",
    "PowerPoint Document".encode("utf-16-le"): "an old PowerPoint file (.ppt)",
}
_IN_ZIP = {
    b"word/document": DOCX,
    b"xl/workbook": "an Excel sheet (.xlsx)",
    b"ppt/presentation": "a PowerPoint file (.pptx)",
    b"application/vnd.oasis.opendocument.text": "an OpenDocument text (.odt)",
    b"application/vnd.oasis.opendocument": "an OpenDocument file",
    b"application/epub+zip": "an e-book (.epub)",
}
_OPENINGS = [
    (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|BM.{4}\0\0\0\0", "an image"),
    (rb"RIFF.{4}WEBP|.{4}ftyp(?:avif|heic|mif1)", "an image"),
    (
        rb"ID3[\x02-\x04]|OggS\0|fLaC\0|RIFF.{4}(?:WAVE|AVI )|.{4}ftyp|\x1aE\xdf\xa3",
        "a sound or video file",
    ),
    (rb"\x1f\x8b\x08|BZh\d|\xfd7zXZ\0|7z\xbc\xaf|Rar!\x1a|\x28\xb5\x2f\xfd", "a compressed file"),
    (rb"\x7fELF|MZ.{1,2}\0|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe", "a program"),
    (rb"SQLite format 3\0", "a database"),
    (rb"\{\\rtf", "a rich text file (.rtf)"),
    (rb"%!PS", "a PostScript file"),
]
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?>\s*+<!--.*?-->)*+\s*+<(?:!doctype\s+html|html[\s>])", re.I | re.S
)
_HEAD = 4096


def seems(content: bytes) -> str:
    """What `content` seems to be, in words; `TEXT` where nothing tells."""
    head = content[:_HEAD]
    if content.startswith(_OLE):
        return next((what for name, what in _IN_OLE.items() if name in content), "an Office file")
    if content.startswith(_ZIP):
        return next((what for name, what in _IN_ZIP.items() if name in content), "a ZIP archive")
    # Other bytes may stand before it, and a text may speak of it.
    if head.startswith(b"%PDF-") or (b"%PDF-" in head[:1024] and b"endobj" in content):
        return PDF
    for opening, what in _OPENINGS:
        if re.match(opening, head, re.S):
            return what
    return HTML if _PAGE.match(head) else TEXT
