"""Word documents: all that their readers see, in order."""

import io
from datetime import datetime

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.reading import article
from rag.segmentation import flat, split
from tests.rag.reading.made import docx_file, docx_of, old_office, refusal, word_xml, zipped


def test_headings_paragraphs_lists_and_tables_come_in_order() -> None:
    document = docx.Document()
    document.add_heading("Harbour works", 0)
    document.add_paragraph("The mole was rebuilt in nine months. It was dear.")
    document.add_heading("What was repaired", 2)
    document.add_paragraph("Mole: 40 blocks", style="List Bullet")
    document.add_paragraph("Lighthouse: a new lamp", style="List Number")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["Berth", "Depth", "North", "9 m"], strict=True):
        cell.text = text
    document.add_paragraph("Ships\tsail again.").add_run().add_break()
    text = article("a.docx", docx_file(document)).text
    assert text == (
        "# Harbour works\n\nThe mole was rebuilt in nine months. It was dear.\n\n"
        "# What was repaired\n\n- Mole: 40 blocks\n- Lighthouse: a new lamp\n\n"
        "| Berth | Depth |\n| North | 9 m |\n\nShips sail again.\n"
    )
    assert [s.kind for s in split(text)] == [
        "heading", "prose", "prose", "heading", "item", "item", "item", "item", "prose",
    ]  # fmt: skip


def test_words_in_boxes_links_fields_and_changes_are_read_and_deleted_ones_are_not() -> None:
    document = docx.Document()
    run = "<w:r><w:t xml:space='preserve'>{}</w:t></w:r>"
    box = (
        "<mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:inline><a:graphic>"
        "<a:graphicData uri='x'><wps:wsp><wps:txbx><w:txbxContent><w:p>"
        + run.format("In the box.")
        + "</w:p></w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline>"
        "</w:drawing></mc:Choice><mc:Fallback><w:pict><w:p>"
        + run.format("In the box.")
        + "</w:p></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    inner = (
        run.format("The ")
        + "<w:ins w:id='1' w:author='x'>" + run.format("new ") + "</w:ins>"
        + "<w:del w:id='2' w:author='x'><w:r><w:delText>old </w:delText></w:r></w:del>"
        + "<w:hyperlink>" + run.format("harbour") + "</w:hyperlink>"
        + run.format(" is open.") + f"<w:r>{box}</w:r>"
    )  # fmt: skip
    body = document.element.body
    body.insert(0, word_xml(f"<w:p>{inner}</w:p>"))
    controlled = (
        f"<w:sdt><w:sdtContent><w:p>{run.format('In a control.')}</w:p></w:sdtContent></w:sdt>"
    )
    body.insert(1, word_xml(controlled))
    text = article("a.docx", docx_file(document)).text
    assert text == "The new harbour is open.\n\nIn the box.\n\nIn a control.\n"


def test_words_that_were_moved_are_read_where_they_stand_now() -> None:
    document = docx.Document()
    run = "<w:r><w:t xml:space='preserve'>{}</w:t></w:r>"
    away = f"<w:moveFrom w:id='1' w:author='x'>{run.format('in May ')}</w:moveFrom>"
    here = f"<w:moveTo w:id='2' w:author='x'>{run.format(' in May')}</w:moveTo>"
    inner = run.format("The harbour ") + away + run.format("opened") + here + run.format(".")
    document.element.body.insert(0, word_xml(f"<w:p>{inner}</w:p>"))
    assert article("a.docx", docx_file(document)).text == "The harbour opened in May.\n"


def test_a_figure_above_or_below_the_line_is_no_part_of_a_number() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("12,500")
    paragraph.add_run("1").font.superscript = True
    paragraph.add_run(" grains of H")
    paragraph.add_run("2").font.subscript = True
    paragraph.add_run("O on the 4")
    paragraph.add_run("th").font.superscript = True
    assert article("a.docx", docx_file(document)).text == "12,500¹ grains of H₂O on the 4th\n"


def test_words_that_are_struck_out_or_hidden_are_not_read() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("It opened in ")
    paragraph.add_run("1950").font.strike = True
    paragraph.add_run("1951").font.strike = False
    paragraph.add_run(" (draft)").font.hidden = True
    paragraph.add_run(" and 1952").font.double_strike = True
    assert article("a.docx", docx_file(document)).text == "It opened in 1951\n"


def test_a_table_in_a_cell_of_a_table_is_read_once() -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["Berth", "Depth", "North", "9 m"], strict=True):
        cell.text = text
    inner = table.cell(1, 0).add_table(1, 2)
    for cell, text in zip(inner._cells, ["Tide", "3 m"], strict=True):
        cell.text = text
    document.add_paragraph("Ships sail again.")
    text = article("a.docx", docx_file(document)).text
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines()[:3]]
    assert rows == [["Berth", "Depth"], ["North", "9 m"], ["Tide", "3 m"]]
    assert text.splitlines()[3:] == ["", "Ships sail again."]


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), max_size=6))
def test_every_paragraph_is_in_the_text_in_order(paragraphs: list[str]) -> None:
    from rag.reading.contents import cleaned

    paragraphs = [*paragraphs, "The end."]
    text = article("a.docx", docx_of(*paragraphs)).text
    at = 0
    for paragraph in paragraphs:
        said = flat(cleaned(paragraph))
        at = flat(text).index(said, at) + len(said)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Annual report of the harbour", "Annual report of the harbour"),
        ("", "The parade began."),
        ("Untitled", "The parade began."),
        ("Document1", "The parade began."),
        ("report.docx", "The parade began."),
    ],
)
def test_the_title_is_the_properties_where_that_is_a_title(title: str, expected: str) -> None:
    document = docx.Document(io.BytesIO(docx_of("The parade began.")))
    document.core_properties.title = title
    assert article("0.docx", docx_file(document)).title == expected


def test_the_date_is_that_on_the_cover_page_and_not_when_the_file_was_saved() -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    document = docx.Document(io.BytesIO(docx_of("The parade began.")))
    document.core_properties.created = datetime(2020, 1, 2)
    document.core_properties.modified = datetime(2021, 1, 2)
    assert article("a.docx", docx_file(document)).date is None
    cover = (
        b'<CoverPageProperties xmlns="http://schemas.microsoft.com/office/2006/coverPageProps">'
        b"<PublishDate>2024-03-07T00:00:00</PublishDate></CoverPageProperties>"
    )
    package = document.part.package
    part = Part(PackURI("/customXml/item9.xml"), "application/xml", cover, package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_XML)
    assert article("a.docx", docx_file(document)).date == "2024-03-07"


GOOD = docx_of("The parade began.")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (docx_of(), "has no text"),
        (GOOD[: len(GOOD) // 2], "damaged"),
        (GOOD[:2000] + b"\xff" * 200 + GOOD[2200:], "damaged"),
        (zipped({"word/document.xml": b"<a/>"}), "damaged"),
        (zipped({"word/document.xml": b" " * 101_000_000}), "unpacks to more than 100 MB"),
        (zipped({"xl/workbook.xml": b"<a/>"}), "seems to be an Excel sheet"),
        (zipped({"ppt/presentation.xml": b"<a/>"}), "seems to be a PowerPoint file"),
        (zipped({"notes.txt": b"notes"}), "seems to be a ZIP archive"),
        (old_office("EncryptedPackage"), "protected by a password"),
        (old_office("WordDocument"), "seems to be an old Word document"),
        (old_office("Something"), "seems to be an Office file"),
        (b"{\\rtf1 The parade began.}", "seems to be a rich text file"),
        (b"The parade began.", "seems to be plain text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_of_a_word_document_is_refused_with_the_reason(
    content: bytes, reason: str
) -> None:
    assert reason in refusal("a.docx", content)
