"""A result as `citewell eval --json` writes it, read back with every field checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from eval.bootstrap import Figure
from eval.cases import Expect, Split
from eval.headlines import LAYERS
from eval.tally import Part
from rag.errors import InputError
from rag.records import Answer, ClaimCheck


@dataclass(frozen=True, slots=True)
class SavedMessage:
    """A turn of the conversation before a question."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class SavedExcerpt:
    """A piece of a source that bears a fact out."""

    source: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class SavedFact:
    """A fact that was asked for, any alternative of which will do, and whether it was said."""

    any: tuple[str, ...]
    evidence: tuple[SavedExcerpt, ...]
    said: bool


@dataclass(frozen=True, slots=True)
class SavedJudgement:
    """What a judge says of an answer; no verdict, as `error` says why, counts as wrong."""

    right: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class SavedRow:
    """What cases and statements have in common; `ratios` and `scores` as in `eval.tally`."""

    set: str
    id: str
    kind: str
    split: Split
    right: bool
    why_wrong: str | None
    error: str | None
    ratios: dict[str, Part]
    scores: dict[str, Part]

    @property
    def text(self) -> str:
        """What was asked or stated."""
        raise NotImplementedError

    @property
    def due(self) -> str:
        """What should have come."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SavedCase(SavedRow):
    """A case and what became of it; `answer` is None where `error` says why there is none, and in a
    brief result, which has no `facts` or `conversation` either."""

    question: str
    expect: Expect
    confidence: float
    facts: tuple[SavedFact, ...] = ()
    conversation: tuple[SavedMessage, ...] = ()
    answer: Answer | None = None
    judged: SavedJudgement | None = None

    @property
    def text(self) -> str:
        return self.question

    @property
    def due(self) -> str:
        return self.expect

    @property
    def answered(self) -> bool:
        """Whether there are claims; a refusal and an error have none."""
        return self.answer is not None and self.answer.status == "answered"

    @property
    def refused(self) -> bool:
        """Whether it was refused; an error is no refusal."""
        return self.answer is not None and self.answer.status == "refused"


@dataclass(frozen=True, slots=True)
class SavedStatement(SavedRow):
    """A statement, whether the articles bear it out, and what became of it; a brief result has no
    `evidence` and no `checks`."""

    statement: str
    supported: bool
    released: bool
    support: float
    evidence: tuple[SavedExcerpt, ...] = ()
    checks: tuple[ClaimCheck, ...] = ()

    @property
    def text(self) -> str:
        return self.statement

    @property
    def due(self) -> str:
        return "released" if self.supported else "held back"


@dataclass(frozen=True, slots=True)
class SavedEarning:
    """What a figure of a set, or of one kind of its statements, is with every stage and without
    one, as in `eval.ablation`."""

    set: str
    stage: str
    metric: str
    whole: float | None
    without: float | None
    n: int
    p: float | None
    earns: bool | None
    kind: str = ""


Row = TypeVar("Row", bound=SavedRow)
Kept = TypeVar("Kept", SavedCase, SavedStatement, SavedEarning)


@dataclass(frozen=True, slots=True)
class Saved:
    """A whole result. Names of figures are those of `eval.figures`."""

    metrics: dict[str, Figure]
    settings: dict[str, Any]
    cases: tuple[SavedCase, ...]
    statements: tuple[SavedStatement, ...] = ()
    ablation: tuple[SavedEarning, ...] = ()

    @property
    def rows(self) -> list[SavedRow]:
        """The cases, then the statements."""
        return [*self.cases, *self.statements]

    @property
    def sets(self) -> list[str]:
        """The names of the sets, in the order they were run."""
        named = {row.set for row in self.rows}
        in_order = dict.fromkeys([*self.settings.get("sets", ()), *(row.set for row in self.rows)])
        return [name for name in in_order if name in named]

    def figures_of(self, set_name: str) -> dict[str, Figure]:
        """The figures of one set, under their plain names."""
        others = tuple(f"{name}:" for name in self.sets[1:])
        if set_name == self.sets[0]:
            return {name: at for name, at in self.metrics.items() if not name.startswith(others)}
        prefix = f"{set_name}:"
        return {
            name.removeprefix(prefix): at
            for name, at in self.metrics.items()
            if name.startswith(prefix)
        }


_SAVED = TypeAdapter(Saved)


def parse(result: Mapping[str, Any]) -> Saved:
    """Check a result. Raises InputError that names the first field that is not as it should be."""
    try:
        saved = _SAVED.validate_python(result)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(
            f"This is no result of an evaluation ({place}: {first['msg']}): write one with "
            "`citewell eval --json FILE`"
        ) from error
    if not saved.rows:
        raise InputError("The result holds no cases: write one with `citewell eval --json FILE`")
    return saved


def of_set(rows: Sequence[Kept], set_name: str) -> list[Kept]:
    """Those of one set."""
    return [row for row in rows if row.set == set_name]


def judged(rows: Sequence[Row]) -> tuple[Sequence[Row], str]:
    """Those of a set that headlines are about, and what the names of their figures end in.

    These are the ones of its test half, as thresholds are fitted on the other; or all of them,
    where there are no halves.
    """
    test = [row for row in rows if row.split == "test"]
    return (test, "/test") if 0 < len(test) < len(rows) else (rows, "")


def by_layer(
    earned: Sequence[SavedEarning],
) -> list[tuple[SavedEarning, list[float | None]]]:
    """For each kind of one set's statements one of its figures, and what that is with every stage
    and without each of the stages in `LAYERS`."""
    found = {(one.kind, one.metric, one.stage): one for one in earned if one.kind}
    rows = []
    for kind, metric in dict.fromkeys((kind, metric) for kind, metric, _ in found):
        alone = [found[kind, metric, stage] for stage in LAYERS]
        rows.append((alone[0], [alone[0].whole, *(one.without for one in alone)]))
    return rows
