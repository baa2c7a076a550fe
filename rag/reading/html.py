"""A web page -> the article in it. Loaded in the parsing child process alone."""

import codecs
import json
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import trafilatura
from lxml.html import Element, HtmlElement, document_fromstring, tostring
from trafilatura.settings import Document

from rag.reading.contents import (
    Block,
    BlockKind,
    Contents,
    Unreadable,
    iso_date,
    laid_out,
    shifted,
)
from rag.reading.text import decoded, in_utf
from rag.segmentation import flat

_BLOCKS: dict[str, BlockKind] = {
    "p": "paragraph",
    "quote": "paragraph",
    "code": "paragraph",
    "head": "heading",
    "item": "item",
}
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# What browsers read under these names.
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_PUBLISHED = {
    "article:published_time", "article:published", "og:article:published_time", "datepublished",
    "og:published_time", "publication_date", "publish_date", "publish-date", "published_time",
    "published-date", "pubdate", "parsely-pub-date", "sailthru.date", "dc.date.issued",
    "dcterms.issued", "citation_publication_date", "citation_date",
}  # fmt: skip
_DATED_URL = re.compile(r"https?://\S*?/((?:19|20)\d\d)[/-](\d\d?)[/-](\d\d?)(?!\d)")
_UNSEEN = (
    "//body//*[@hidden or contains("
    "translate(@style, 'DISPLAYNOE \t\r\n', 'displaynoe'), 'display:none')]"
    " | //h1//script | //h1//style | //body//del | //body//s | //body//strike"
)
# Of them trafilatura makes paragraphs, or lines that run into each other.
_INLINE = "//body//q | //body//code[not(ancestor::pre or descendant::br)]"
_LOOSE = "//body//div//div[normalize-space(preceding-sibling::node()[1]/self::text())]"
_LOOSE_AFTER = "//body//div//div[normalize-space(following-sibling::node()[1]/self::text())]"
_SAYS_SOMETHING = re.compile(r"[.!?…。！？؟][\"'”’»)\]]*\s*$|.{60}", re.M)


def read(content: bytes) -> Contents:
    """The main text of a page; its title and the date of publication that it declares.

    Raises Unreadable for a page without an article.
    """
    page = _DECLARATION.sub("", _decoded(content)).replace("\0", "")
    if not page.strip():
        raise Unreadable("is empty: an article needs text")
    if not re.search(r"<[a-z!][^<]*>", page, re.I):
        raise Unreadable("seems to be plain text, not a web page: rename it .txt")
    tree = document_fromstring(page)
    _tidy(tree)
    found = trafilatura.bare_extraction(tostring(tree, encoding="unicode"), include_comments=False)
    text = laid_out(_blocks(found.body)) if isinstance(found, Document) else ""
    if not _SAYS_SOMETHING.search(text):
        raise Unreadable("has no article that can be told from the rest of the page: save its text")
    title = trafilatura.extract_metadata(tree, extensive=False).title
    return Contents(text, title, _date(tree))


def _tidy(tree: HtmlElement) -> None:
    """Leave out what is not shown or struck out, and write as text what marks set apart."""
    for element in tree.xpath(_UNSEEN):
        element.drop_tree()
    for element in tree.xpath("//body//sup | //body//sub"):
        _write_shifted(element)
    for element in tree.xpath(_INLINE):
        if element.tag == "q":
            element.text = f"\u201c{element.text or ''}"
            element.tail = f"\u201d{element.tail or ''}"
        element.drop_tag()
    for element in tree.xpath(_LOOSE):
        element.addprevious(Element("br"))
    for element in tree.xpath(_LOOSE_AFTER):
        line = Element("br")
        line.tail, element.tail = element.tail, None
        element.addnext(line)


def _write_shifted(element: HtmlElement) -> None:
    """Write a figure above or below the line as such."""
    figure = element.text_content()
    written = shifted(figure, "above" if element.tag == "sup" else "below")
    if written != figure and element.getparent() is not None:
        tail = element.tail
        for child in list(element):
            element.remove(child)
        element.text, element.tail = written, tail
        element.drop_tag()


def _decoded(content: bytes) -> str:
    text = in_utf(content)
    if text is None and (declared := _DECLARED.search(content[:4096])):
        try:
            name = codecs.lookup(declared[1].decode()).name
            return content.decode(_READ_AS.get(name, name))
        except LookupError:
            pass
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"is not the {error.encoding} text that it says it is: save it as UTF-8"
            ) from error
    return decoded(content) if text is None else text


def _blocks(body: HtmlElement) -> Iterator[Block]:
    """The blocks of what trafilatura found, nested ones after the text they stand in."""
    for border, run in groupby(_pieces(body, "paragraph"), key=lambda piece: piece is None):
        pieces = [] if border else [piece for piece in run if piece and piece[1]]
        said = [kind for kind, text in pieces if text.strip()]
        if said:
            yield Block(said[0], "".join(text for _, text in pieces))


def _pieces(element: HtmlElement, kind: BlockKind) -> Iterator[tuple[BlockKind, str] | None]:
    """Pieces of text with the kind of block they stand in; None where a block begins or ends."""
    own = _BLOCKS.get(element.tag)
    ends = own or element.tag in ("list", "table", "row")
    # A paragraph inside an item is the item's text.
    within = own if own and not (own == "paragraph" and kind == "item") else kind
    if ends:
        yield None
    if element.tag == "row":
        yield "row", " | ".join(map(_in_a_line, element.iter("cell")))
    elif element.tag == "lb":
        yield kind, "\n"
    elif isinstance(element.tag, str):
        yield within, element.text or ""
        for child in element:
            yield from _pieces(child, within)
    if ends:
        yield None
    yield kind, element.tail or ""


def _in_a_line(cell: HtmlElement) -> str:
    """The text of a cell of a table, its paragraphs and lines set apart by spaces."""
    pieces = [piece for child in cell for piece in _pieces(child, "paragraph")]
    return flat((cell.text or "") + "".join(piece[1] if piece else " " for piece in pieces))


def _date(tree: HtmlElement) -> str | None:
    """The date of publication that the page declares, in its metadata or its own address."""
    candidates = [*_declared(tree), *map(_in_address, _addresses(tree))]
    return next((found for found in map(iso_date, candidates) if found), None)


def _declared(tree: HtmlElement) -> Iterator[str]:
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if name.lower() in _PUBLISHED:
            yield meta.get("content") or ""
    for script in tree.xpath('//script[@type="application/ld+json"]'):
        try:
            yield from _published(json.loads(script.text or ""))
        except ValueError:
            continue
    for time in tree.iter("time"):
        if (time.get("itemprop") or "").lower() == "datepublished" or "pubdate" in time.attrib:
            yield time.get("datetime") or ""


def _published(data: Any) -> Iterator[str]:
    """`datePublished` of the things that a JSON-LD script is about, not of those they refer to."""
    things = data if isinstance(data, list) else [data]
    for thing in things:
        if isinstance(thing, dict):
            yield str(thing.get("datePublished", ""))
            yield from _published(thing.get("@graph", []))


def _addresses(tree: HtmlElement) -> Iterator[str]:
    for link in tree.xpath('//link[@rel="canonical"]/@href | //meta[@property="og:url"]/@content'):
        yield str(link)


def _in_address(address: str) -> str:
    found = _DATED_URL.match(address)
    return "-".join(found.groups()) if found else ""
