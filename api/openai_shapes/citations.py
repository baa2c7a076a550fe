"""Citations as OpenAI's `file_citation` annotations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rag.records import Answer, Citation


@dataclass(frozen=True, slots=True)
class FileCitation:
    """OpenAI's own fields, where `index` is where the marker `[id]` stands in the text; then
    Citewell's: the quote is `text[start:end]` of the source."""

    file_id: str
    filename: str
    index: int
    id: int
    source: str
    title: str
    date: str | None
    quote: str
    start: int
    end: int
    line: int
    sha256: str
    type: Literal["file_citation"] = "file_citation"


def file_citation(citation: Citation, index: int) -> FileCitation:
    """A citation whose marker stands at `index`."""
    return FileCitation(
        file_id=f"file-{citation.sha256[:24]}",
        filename=citation.source,
        index=index,
        id=citation.id,
        source=citation.source,
        title=citation.title,
        date=citation.date,
        quote=citation.quote,
        start=citation.start,
        end=citation.end,
        line=citation.line,
        sha256=citation.sha256,
    )


def file_citations(answer: Answer) -> list[FileCitation]:
    """An answer's citations, each where its marker first stands."""
    return placed(answer.citations, answer.answer, 0)


def placed(citations: Iterable[Citation], text: str, begins: int) -> list[FileCitation]:
    """Citations whose markers are first in `text`, which begins at `begins` of the whole."""
    return [file_citation(one, begins + text.index(f"[{one.id}]")) for one in citations]
