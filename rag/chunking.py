"""An Article -> Chunks on sentence borders, offsets kept. Pure."""

import re
from collections.abc import Iterator, Sequence

from rag.records import Article, Chunk, Sentence
from rag.segmentation import flat, split

TARGET = 1100
"""Characters a chunk holds at most, unless a single sentence is longer."""

VERSION = f"sentences-3/{TARGET}"
"""Recorded in the library; changes whenever the same text would be cut or encoded otherwise."""

_NOT_SPACE = re.compile(r"\S")


def chunk(article: Article, target: int = TARGET) -> list[Chunk]:
    """Cut an article into chunks that cover it in order, every sentence in exactly one.

    A heading starts a chunk; asides have chunks of their own, which are not searched. The context
    is encoded with the chunk and never quoted: what a reader of the article would know by then,
    its title and the nearest heading.
    """
    chunks: list[Chunk] = []
    heading = ""
    end = 0
    for group in _groups(article.text, split(article.text), target):
        start = _next_start(article.text, end)
        end = group[-1].end
        headings = [flat(article.text[s.start : s.end]) for s in group if s.kind == "heading"]
        known = [article.title] if headings else [article.title, heading]
        body = flat(article.text[start:end])
        unsaid = [line for line in known if line and line.rstrip("…") not in body]
        chunks.append(Chunk(start, end, tuple(group), " – ".join(dict.fromkeys(unsaid))))
        heading = headings[-1] if headings else heading
    return chunks


def _groups(text: str, sentences: Sequence[Sentence], target: int) -> Iterator[list[Sentence]]:
    """Runs of sentences for one chunk each: short paragraphs together, long ones in parts."""
    begin = 0
    for section in _sections(sentences):
        group: list[Sentence] = []
        for part in _parts(text, section, target):
            start = _next_start(text, begin)
            if group and part[-1].end - start > target:
                yield group
                begin = group[-1].end
                group = []
            group += part
        yield group
        begin = group[-1].end


def _next_start(text: str, end: int) -> int:
    """Where the chunk after the one that ends at `end` starts: markers count, white space not."""
    found = _NOT_SPACE.search(text, end)
    return found.start() if found else len(text)


def _sections(sentences: Sequence[Sentence]) -> Iterator[list[Sentence]]:
    """Headings with what stands under them; asides apart."""
    section: list[Sentence] = []
    for sentence in sentences:
        if section:
            last = section[-1].kind
            under_another = sentence.kind == "heading" and last != "heading"
            if under_another or (sentence.kind == "aside") != (last == "aside"):
                yield section
                section = []
        section.append(sentence)
    if section:
        yield section


def _parts(text: str, section: Sequence[Sentence], target: int) -> Iterator[list[Sentence]]:
    """The paragraphs of a section, those longer than `target` in parts of about the same size."""
    for paragraph in _paragraphs(text, section):
        length = paragraph[-1].end - paragraph[0].start
        share = length / -(-length // target)
        part: list[Sentence] = []
        for sentence in paragraph:
            if part:
                without, within = part[-1].end - part[0].start, sentence.end - part[0].start
                if within > target or abs(without - share) < abs(within - share):
                    yield part
                    part = []
            part.append(sentence)
        yield part


def _paragraphs(text: str, section: Sequence[Sentence]) -> Iterator[list[Sentence]]:
    paragraph: list[Sentence] = []
    for sentence in section:
        if paragraph and "\n" in text[paragraph[-1].end : sentence.start]:
            yield paragraph
            paragraph = []
        paragraph.append(sentence)
    yield paragraph


def encoder_input(text: str, chunk: Chunk) -> tuple[str, list[int]]:
    """What encoders read of a chunk of `text`, and where in that each sentence begins.

    The context has a line of its own; line breaks and list markers are gone.
    """
    encoded = chunk.context + "\n" if chunk.context else ""
    starts: list[int] = []
    for sentence in chunk.sentences:
        starts.append(len(encoded))
        encoded += flat(text[sentence.start : sentence.end]) + " "
    return encoded, starts
