"""PDFs: printed lines become whole paragraphs again, and what is no text is named."""

import zlib

import pytest

from rag.reading import article
from rag.reading.pdf import MAX_PAGES
from rag.segmentation import flat, split
from tests.rag.reading.made import encrypted_pdf, pdf, pdf_drawing, refusal

LINES = [
    "Report on harbour works",
    "The reconstruction of the northern mole was completed in nine months, notwith-",
    "standing the storms. The international consortium had anticipated longer inter-",
    "ruptions. A well-known engineer supervised all of the work, and the energy-",
    "efficient lamp was his idea. It is efficient: energy use fell, as energy was dear.",
    "Efficient lamps are rare.",
    "What was repaired",
    "Divers replaced 40 concrete blocks between the fifth of May and the twentieth of",
    "July. The lighthouse was repainted.",
    "1. Northern mole: 40 blocks were put in place of those that the waves had broken",
    "and carried off.",
    "2. Lighthouse: a new lamp.",
]
TEXT = """Report on harbour works

The reconstruction of the northern mole was completed in nine months, notwithstanding the storms. \
The international consortium had anticipated longer interruptions. A well-known engineer \
supervised all of the work, and the energy-efficient lamp was his idea. It is efficient: energy \
use fell, as energy was dear. Efficient lamps are rare.

What was repaired

Divers replaced 40 concrete blocks between the fifth of May and the twentieth of July. The \
lighthouse was repainted.

1. Northern mole: 40 blocks were put in place of those that the waves had broken and carried off.

2. Lighthouse: a new lamp.
"""


def test_printed_lines_become_paragraphs_and_broken_words_whole() -> None:
    assert article("a.pdf", pdf([LINES])).text == TEXT


def test_headings_and_items_of_a_pdf_are_known_and_its_sentences_whole() -> None:
    text = article("a.pdf", pdf([LINES])).text
    found = {text[s.start : s.end]: s.kind for s in split(text)}
    assert found["What was repaired"] == "heading"
    assert found["The lighthouse was repainted."] == "prose"
    assert found["Lighthouse: a new lamp."] == "item"


def test_a_sentence_that_crosses_pages_is_whole_and_what_all_pages_share_is_gone() -> None:
    pages = [
        [
            "Harbour News, 7 March",
            f"Matter {number} begins here and is told at some length until its very last line,",
            f"which is not the {['first', 'second', 'third', 'last'][number - 1]} of all.",
            "The matter",
            "breaks off where the paper ends, as lines do in texts that are set for the press, so",
            f"Harbour News - {number} of 4",
        ]
        for number in range(1, 5)
    ]
    text = article("a.pdf", pdf(pages)).text
    assert "Harbour News" not in text
    assert " of 4" not in text
    assert "texts that are set for the press, so Matter 2 begins here and is told" in text


def test_page_numbers_are_left_out_and_numbers_that_end_a_page_are_not() -> None:
    pages = [
        ["The bridge was opened in", "1994", "- 7 -"],
        ["It rained in", "2001"],
        ["It is long.", "9"],
        ["It was dear.", "Page 10 of 12"],
    ]
    text = article("a.pdf", pdf(pages)).text
    assert flat(text) == "The bridge was opened in 1994 It rained in 2001 It is long. It was dear."


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Annual report of the harbour", "Annual report of the harbour"),
        ("Jahresbericht", "Jahresbericht"),
        ("Microsoft Word - harbour.doc", "Report on harbour works"),
        ("untitled", "Report on harbour works"),
        ("report_final_2.docx", "Report on harbour works"),
        ("D00042-7", "Report on harbour works"),
        ("  ", "Report on harbour works"),
    ],
)
def test_the_title_is_the_metadata_s_where_that_is_a_title(title: str, expected: str) -> None:
    assert article("0.pdf", pdf([LINES], {"/Title": title})).title == expected


XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/">{}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@pytest.mark.parametrize(
    ("stated", "date"),
    [
        ("<prism:publicationDate>2024-03-07</prism:publicationDate>", "2024-03-07"),
        ("<prism:coverDate>2024-03-07T00:00:00Z</prism:coverDate>", "2024-03-07"),
        ("<prism:coverDate>March</prism:coverDate>", None),
        ("<prism:coverDate/>", None),
        ("<xmp:CreateDate>2024-03-07T08:00:00Z</xmp:CreateDate>", None),
    ],
)
def test_the_date_is_that_of_publication_and_not_when_the_file_was_made(
    stated: str, date: str | None
) -> None:
    file = pdf([LINES], {"/CreationDate": "D:20200102030405Z"}, XMP.format(stated))
    assert article("a.pdf", file).date == date


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256"])
def test_a_pdf_that_anyone_may_open_is_read_though_it_is_encrypted(algorithm: str) -> None:
    assert article("a.pdf", encrypted_pdf(LINES, "", algorithm)).text == TEXT


@pytest.mark.parametrize("junk", [b"\0\1\2", b"\xfe\r\n\0" * 200])
def test_a_pdf_after_bytes_that_are_no_text_is_read(junk: bytes) -> None:
    assert article("a.pdf", junk + pdf([LINES])).text == TEXT
    assert "seems to be a PDF" in refusal("a.txt", junk + pdf([LINES]))


PICTURE = b"q 100 0 0 100 60 600 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \xff EI Q"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encrypted_pdf(LINES, "secret"), "protected by a password"),
        (pdf_drawing(PICTURE), "no text, only pictures"),
        (pdf([LINES])[:-40], "ends in the middle"),
        (pdf([LINES])[: len(pdf([LINES])) // 2] + b"\n%%EOF\n", "damaged"),
        (b"%PDF-1.7\n%%EOF\n", "damaged"),
        (pdf_drawing(b"", MAX_PAGES + 1), "more than 2,000 pages"),
        (b"<!DOCTYPE html><html><body>Please log in</body></html>", "seems to be an HTML page"),
        (b"The parade began.", "seems to be plain text"),
        (bytes(range(256)), "is not a PDF inside"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_of_a_pdf_is_refused_with_the_reason(
    content: bytes, reason: str
) -> None:
    assert reason in refusal("a.pdf", content)


def test_a_stream_that_unpacks_without_end_is_refused() -> None:
    bomb = zlib.compress(b"BT (a) Tj ET\n" * 10_000_000, 9)
    file = pdf_drawing(b"")
    at = file.index(b"<< /Length 0 >>")
    file = (
        file[:at]
        + b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(bomb)
        + bomb
        + file[at + len(b"<< /Length 0 >>\nstream\n") :]
    )
    assert refusal("a.pdf", file)
