"""The things Citewell speaks of: plain frozen dataclasses, no framework types.

All offsets count characters (code points) of `Article.text`; spans are half-open.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

SentenceKind = Literal["prose", "item", "heading", "aside"]
Status = Literal["answered", "refused"]
Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Article:
    """One file as the library keeps it.

    `text` is what every quote refers to, `sha256` is the file's, `date` is ISO 8601 or None.
    """

    source: str
    title: str
    date: str | None
    text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of the text that is quoted whole.

    A heading gives context and is not quoted; an aside (a comment form, a bare URL, front matter)
    is kept in the text but neither searched nor quoted.
    """

    start: int
    end: int
    kind: SentenceKind

    @property
    def quotable(self) -> bool:
        """Whether it says something, to be searched and quoted."""
        return self.kind in ("prose", "item")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive sentences that are found together, and the context they are encoded with."""

    start: int
    end: int
    sentences: tuple[Sentence, ...]
    context: str

    @property
    def searchable(self) -> bool:
        """Whether there is anything here to quote."""
        return any(sentence.quotable for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A quotable sentence of a passage; `score` is its late-interaction share of the question."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved chunk with its article's facts; `text` is `article.text[start:end]`."""

    chunk_id: int
    source: str
    title: str
    date: str | None
    sha256: str
    text: str
    start: int
    end: int
    line: int
    context: str
    score: float
    sentences: tuple[ScoredSentence, ...]

    def slice(self, start: int, end: int) -> str:
        """The article's text from `start` to `end`, both inside this passage."""
        return self.text[start - self.start : end - self.start]


@dataclass(frozen=True, slots=True)
class Citation:
    """An exact quote: `article.text[start:end] == quote`, `line` is 1-based."""

    id: int
    source: str
    title: str
    date: str | None
    quote: str
    start: int
    end: int
    line: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, the ids of its citations, and how well they bear it out."""

    text: str
    citations: tuple[int, ...]
    support: float


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """A statement held against the library; unsupported, its citations are the nearest passages,
    and `reason` says what is missing."""

    claim: str
    supported: bool
    support: float
    citations: tuple[Citation, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said earlier in a conversation."""

    role: Role
    content: str


def in_words(claims: Sequence[Claim]) -> str:
    """The claims as an answer's text, each followed by its `[n]` markers."""
    return " ".join(
        claim.text + " " + "".join(f"[{id_}]" for id_ in claim.citations) for claim in claims
    )


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that the evidence did not let through, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds by stage."""

    retrieve: float = 0.0
    generate: float = 0.0
    verify: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the language model; zero where none was asked."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, the same from the command line, over HTTP and in the eval suite."""

    question: str
    standalone_question: str
    status: Status
    answer: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    dropped: tuple[Dropped, ...]
    confidence: float
    model: str
    degraded: str | None
    timings_ms: Timings = field(default_factory=Timings)
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the library knows of an article besides its text; `characters` counts code points."""

    source: str
    title: str
    date: str | None
    sha256: str
    characters: int
    chunks: int
