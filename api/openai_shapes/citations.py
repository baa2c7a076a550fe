"""Citations as OpenAI's `file_citation` annotations."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from rag.records import Answer, Citation


@dataclass(frozen=True, slots=True)
class FileCitation(Citation):
    """Citewell's citation with OpenAI's own fields, where `index` is where the marker `[id]` stands
    in the text."""

    file_id: str
    filename: str
    index: int
    type: Literal["file_citation"] = "file_citation"


def file_citation(citation: Citation, index: int) -> FileCitation:
    """A citation whose marker stands at `index`."""
    return FileCitation(
        **asdict(citation),
        file_id=f"file-{citation.sha256[:24]}",
        filename=citation.source,
        index=index,
    )


def file_citations(answer: Answer) -> list[FileCitation]:
    """An answer's citations, each where its marker first stands."""
    return placed(answer.citations, answer.answer, 0)


def placed(citations: Iterable[Citation], text: str, begins: int) -> list[FileCitation]:
    """Citations whose markers are first in `text`, which begins at `begins` of the whole."""
    return [file_citation(one, begins + text.index(f"[{one.id}]")) for one in citations]
