"""A result as `citewell eval --json` writes it, read back with every field checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from eval.bootstrap import Figure
from eval.cases import Expect, Split
from rag.errors import InputError
from rag.records import Answer


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
class SavedCase:
    """A case and what became of it; `answer` is None where `error` says why there is none."""

    set: str
    id: str
    kind: str
    split: Split
    question: str
    conversation: tuple[SavedMessage, ...]
    expect: Expect
    facts: tuple[SavedFact, ...]
    right: bool
    why_wrong: str | None
    error: str | None
    confidence: float
    answerability: float
    exact_quotes: int
    latency_ms: float
    answer: Answer | None

    @property
    def refused(self) -> bool:
        """Whether it was refused; an error is no refusal."""
        return self.answer is not None and self.answer.status == "refused"


@dataclass(frozen=True, slots=True)
class Saved:
    """A whole result. Names of figures are those of `eval.figures`."""

    metrics: dict[str, Figure]
    settings: dict[str, Any]
    cases: tuple[SavedCase, ...]

    @property
    def sets(self) -> list[str]:
        """The names of the sets, in the order they were run."""
        return list(dict.fromkeys(case.set for case in self.cases))

    def cases_of(self, set_name: str) -> list[SavedCase]:
        """The cases of one set."""
        return [case for case in self.cases if case.set == set_name]

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
    if not saved.cases:
        raise InputError("The result holds no cases: write one with `citewell eval --json FILE`")
    return saved


def judged(cases: Sequence[SavedCase]) -> tuple[Sequence[SavedCase], str]:
    """The cases of a set that headlines are about, and what the names of their figures end in.

    These are the cases of its test half, as thresholds are fitted on the other; or all of them,
    where there are no halves.
    """
    test = [case for case in cases if case.split == "test"]
    return (test, "/test") if 0 < len(test) < len(cases) else (cases, "")
