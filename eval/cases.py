"""Sets of known facts: JSON lines, checked against the articles they are about.

A line is a case (a question, what a right answer says, and the exact excerpts that bear it) or a
statement, which the articles bear out or not; a line that has a `statement` is one. A set is used
whole or not at all: where an excerpt no longer stands in its article, the set has rotted.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    with_config,
)
from pydantic_core import ErrorDetails

from eval.metrics import Span
from rag.errors import InputError
from rag.records import Turn
from rag.segmentation import flat

Expect = Literal["answer", "refuse", "either"]
Split = Literal["tune", "test"]
Texts = Mapping[str, str]
"""The stored text of each source."""

Says = Callable[[str, Sequence[str]], bool]
"""Whether claims, given by their texts, say one alternative of a fact."""

Value = TypeVar("Value")

_closed = with_config(ConfigDict(extra="forbid"))
_Text = Annotated[str, Field(min_length=1)]


class CaseError(InputError):
    """A set cannot be used; `problems` lists all that is wrong with it, line by line."""

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        count = f"{len(problems)} problem" + "s" * (len(problems) > 1)
        super().__init__("\n  ".join([f"{path} has {count}: mend the lines named", *problems]))
        self.problems = tuple(problems)


@_closed
@dataclass(frozen=True, slots=True)
class Message:
    """A turn of the conversation before a question."""

    role: Literal["user", "assistant"]
    content: str


@_closed
@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a source's stored text, exactly as it stands there."""

    source: str
    excerpt: _Text


def _stands(evidence: Excerpt, info: ValidationInfo) -> Excerpt:
    texts: Texts = info.context or {}
    if evidence.source not in texts:
        raise ValueError(f"no source {evidence.source!r} among the articles")
    if evidence.excerpt not in texts[evidence.source]:
        raise ValueError(f"not in the text of {evidence.source}: {evidence.excerpt!r}")
    return evidence


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression ({error}): {pattern!r}") from error
    return pattern


def _some(values: tuple[Value, ...]) -> tuple[Value, ...]:
    if not values:
        raise ValueError("at least one is needed")
    return values


_Pattern = Annotated[_Text, AfterValidator(_compiles)]
_Standing = Annotated[Excerpt, AfterValidator(_stands)]


@_closed
@dataclass(frozen=True, slots=True)
class Fact:
    """Something a right answer says: alternatives, `any` of which will do, and its evidence.

    In a file the alternatives are regular expressions, searched without regard to case.
    """

    any: Annotated[tuple[_Pattern, ...], AfterValidator(_some)]
    evidence: Annotated[tuple[_Standing, ...], AfterValidator(_some)]


@_closed
@dataclass(frozen=True, slots=True)
class Case:
    """A question, whether it has an answer in the articles, and all facts that a right answer says.

    `expect` is `either` where a refusal is right and so is an answer that says the facts.
    """

    id: _Text
    kind: _Text
    question: _Text
    expect: Expect
    facts: tuple[Fact, ...] = ()
    conversation: tuple[Message, ...] = ()

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation as it is given to the engine."""
        return tuple(Turn(said.role, said.content) for said in self.conversation)


@_closed
@dataclass(frozen=True, slots=True)
class Statement:
    """A statement about the articles, whether they support it, and what they say about it."""

    id: _Text
    kind: _Text
    statement: _Text
    supported: Annotated[bool, Field(strict=True)]
    evidence: tuple[_Standing, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What files of known facts hold: cases and statements, each in their order."""

    cases: tuple[Case, ...] = ()
    statements: tuple[Statement, ...] = ()

    def __add__(self, other: "Known") -> "Known":
        return Known(self.cases + other.cases, self.statements + other.statements)


@dataclass(frozen=True, slots=True)
class CaseSet:
    """Cases and statements that are run and reported together.

    `says` tells whether an answer holds an alternative of a fact, `texts` is what the evidence
    stands in.
    """

    name: str
    cases: tuple[Case, ...]
    texts: Texts
    says: Says
    statements: tuple[Statement, ...] = ()


def _coherent(case: Case) -> Case:
    if case.expect != "refuse" and not case.facts:
        raise ValueError("facts: a question that has an answer needs at least one")
    if case.expect == "refuse" and case.facts:
        raise ValueError("facts: a question to be refused has none")
    return case


def _borne(statement: Statement) -> Statement:
    if statement.supported and not statement.evidence:
        raise ValueError("evidence: a supported statement needs at least one excerpt")
    return statement


_CASE: TypeAdapter[Case] = TypeAdapter(Annotated[Case, AfterValidator(_coherent)])
_STATEMENT: TypeAdapter[Statement] = TypeAdapter(Annotated[Statement, AfterValidator(_borne)])


def load(path: Path, texts: Texts) -> Known:
    """Read the cases and statements of a file about the articles with these `texts`.

    Raises CaseError, which lists every problem with its line number, and InputError for a file that
    cannot be read.
    """
    cases: list[Case] = []
    statements: list[Statement] = []
    problems: list[str] = []
    first_lines: dict[str, int] = {}
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        row = _object(line)
        try:
            if "statement" in row:
                statements.append(_STATEMENT.validate_json(line, context=texts))
            else:
                cases.append(_CASE.validate_json(line, context=texts))
        except ValidationError as error:
            found = error.errors(include_url=False)
            problems += (f"line {number}: {_in_words(problem)}" for problem in found)
        if isinstance(id_ := row.get("id"), str):
            first = first_lines.setdefault(id_, number)
            if first != number:
                problems.append(f"line {number}: id {id_!r} is also on line {first}")
    if not cases and not statements and not problems:
        problems.append("line 1: the set is empty")
    if problems:
        raise CaseError(path, problems)
    return Known(tuple(cases), tuple(statements))


def split(case_id: str) -> Split:
    """The half of its set that a case is in, by a hash of its id alone.

    Thresholds are fitted on `tune`; what is promised is measured on `test`.
    """
    return "tune" if hashlib.sha256(case_id.encode()).digest()[0] % 2 == 0 else "test"


def says(pattern: str, claims: Sequence[str]) -> bool:
    """Whether the claims, read on one line, match the regular expression, whatever the case."""
    return re.search(pattern, flat(" ".join(claims)), re.IGNORECASE) is not None


def evidence_spans(fact: Fact, texts: Texts) -> tuple[Span, ...]:
    """Everywhere that a fact's excerpts stand, as spans of stored text."""
    return tuple(
        (evidence.source, start, start + len(evidence.excerpt))
        for evidence in fact.evidence
        for start in _occurrences(evidence.excerpt, texts[evidence.source])
    )


def _occurrences(excerpt: str, text: str) -> Iterator[int]:
    start = text.find(excerpt)
    while start >= 0:
        yield start
        start = text.find(excerpt, start + 1)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path} cannot be read ({reason}): check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: save it as UTF-8") from error


def _object(line: str) -> dict[str, Any]:
    """The object on a line, whatever else is wrong there; empty where there is none."""
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}


def _in_words(problem: ErrorDetails) -> str:
    place = ".".join(map(str, problem["loc"]))
    match problem["type"]:
        case "missing":
            return f"{place} is missing"
        case "unexpected_keyword_argument":
            return f"{place} is not a field"
        case "json_invalid":
            return f"not JSON ({problem['ctx']['error']})"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
