"""Two results side by side: what improved, what broke, and which differences are more than noise.

A difference is taken over the cases that both results have, each set against itself by the paired
bootstrap. To that end a ratio over cases is written as a mean of one value a case.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from eval import metrics
from eval.bootstrap import Difference, Figure, paired_bootstrap, ratio
from eval.headlines import HEADLINES, LABELS, shown
from eval.saved import Saved, SavedCase, judged, parse
from rag.errors import InputError
from rag.segmentation import flat
from rag.terminal import inert

NOISE = 0.05
"""A difference that chance alone would show at least this often is noise."""

Part = tuple[float, float]
Pair = tuple[SavedCase, SavedCase]


@dataclass(frozen=True, slots=True)
class Change:
    """A headline of one set in both results.

    Where every case says what it adds to the figure, `a` and `b` are over the shared cases and
    `difference` is how far b is above a. Else they are as each result has them, and there is none.
    """

    set: str
    metric: str
    a: Figure
    b: Figure
    difference: Difference | None

    @property
    def more_than_noise(self) -> bool | None:
        """Whether b differs from a by more than chance explains; None where that is not known.

        Without a paired difference, only intervals that lie apart tell.
        """
        if self.difference is not None:
            return None if self.difference.p is None else self.difference.p < NOISE
        if None in (self.a.low, self.a.high, self.b.low, self.b.high):
            return None
        return True if _above(self.a, self.b) or _above(self.b, self.a) else None

    @property
    def gain(self) -> float | None:
        """How far b is above a; None where either was not measured."""
        if self.a.value is None or self.b.value is None:
            return None
        return self.b.value - self.a.value


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of the shared cases from result a to result b, in the order of b.

    `improved` and `broke` hold the case in both; the others stayed right or stayed wrong. `only_a`
    and `only_b` count the cases without a counterpart.
    """

    shared: int
    improved: tuple[Pair, ...]
    broke: tuple[Pair, ...]
    only_a: int
    only_b: int
    changes: tuple[Change, ...]


def compare(a: Mapping[str, Any], b: Mapping[str, Any]) -> Comparison:
    """Compare two results as `citewell eval --json` writes them; b is the newer one.

    A case is shared where set, id, question and expectation are the same. Raises InputError for
    anything that is no result, and for results that share no case.
    """
    before, after = parse(a), parse(b)
    earlier = {_key(case): case for case in before.cases}
    pairs = [(earlier[key], case) for case in after.cases if (key := _key(case)) in earlier]
    if not pairs:
        raise InputError(
            "The two results share no case "
            f"({', '.join(before.sets)} against {', '.join(after.sets)}): "
            "compare two runs over the same set"
        )
    changes = [change for name in after.sets for change in _changes(name, before, after, pairs)]
    return Comparison(
        shared=len(pairs),
        improved=tuple(pair for pair in pairs if pair[1].right and not pair[0].right),
        broke=tuple(pair for pair in pairs if pair[0].right and not pair[1].right),
        only_a=len(before.cases) - len(pairs),
        only_b=len(after.cases) - len(pairs),
        changes=tuple(changes),
    )


def rendered(comparison: Comparison) -> Group:
    """The comparison for the terminal: a table of headlines, then the cases that turned."""
    return Group(*_lines(comparison))


def _lines(comparison: Comparison) -> Iterator[RenderableType]:
    both = f"{comparison.shared:,} cases are in both"
    alone = f"{comparison.only_a:,} in the first alone, {comparison.only_b:,} in the second alone"
    yield Text(f"{both}, {alone}.")
    yield _headlines(comparison.changes)
    gained = [(new, f"was {old.why_wrong}") for old, new in comparison.improved]
    yield from _turned("improved", "green", gained)
    yield from _turned("broke", "red", [(new, str(new.why_wrong)) for _, new in comparison.broke])


def _headlines(changes: Sequence[Change]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("figure", overflow="fold")
    for heading in ("n", "first", "second", "gain", "95 %"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    several = len({change.set for change in changes}) > 1
    for change in changes:
        paired, title = change.difference, LABELS[change.metric].title
        interval = (_signed(paired.low), _signed(paired.high)) if paired else ()
        style = ("green" if (change.gain or 0) > 0 else "red") if change.more_than_noise else "dim"
        table.add_row(
            Text(inert(f"{change.set}: {title}" if several else title)),
            f"{paired.n if paired else change.b.n:,}",
            "".join(shown(change.metric, change.a.value)),
            "".join(shown(change.metric, change.b.value)),
            _signed(change.gain),
            " to ".join(interval),
            Text(_verdict(change), style),
        )
    return table


def _verdict(change: Change) -> str:
    if change.gain is None:
        return "not measured"
    if change.gain == 0:
        return "the same"
    known = {True: "more than noise", False: "may be noise", None: "cannot tell"}
    return known[change.more_than_noise]


def _signed(difference: float | None) -> str:
    """In points of a hundred."""
    return "–" if difference is None else f"{100 * difference:+.1f}"


def _turned(how: str, style: str, cases: Sequence[tuple[SavedCase, str]]) -> Iterator[Text]:
    """The cases that turned, each with its question and what is or was wrong."""
    yield Text(f"{len(cases):,} {how}", f"bold {style}")
    for case, wrong in cases:
        yield Text("  ").append(inert(flat(case.question)), style)
        yield Text("    ").append(inert(flat(f"{case.id}, {case.split}: {wrong}")), "dim")


def _changes(name: str, before: Saved, after: Saved, pairs: Sequence[Pair]) -> list[Change]:
    """The headlines that both results have of the set `name`, over its test half if it has one."""
    members = [pair for pair in pairs if pair[1].set == name]
    if not members:
        return []
    cases, suffix = judged([case for _, case in members])
    kept = {_key(case) for case in cases}
    members = [pair for pair in members if _key(pair[1]) in kept]
    old, new = before.figures_of(name), after.figures_of(name)
    return [
        _change(name, metric, old[metric + suffix], new[metric + suffix], members)
        for metric in HEADLINES
        if metric + suffix in old and metric + suffix in new
    ]


def _change(name: str, metric: str, a: Figure, b: Figure, pairs: Sequence[Pair]) -> Change:
    if metric not in _PARTS:
        return Change(name, metric, a, b, None)
    part = _PARTS[metric]
    parts = [(part(old), part(new)) for old, new in pairs]
    parts = [(old, new) for old, new in parts if old[1] or new[1]]
    old, new = [old for old, _ in parts], [new for _, new in parts]
    first, second = ratio(old), ratio(new)
    if first.value is None or second.value is None:
        return Change(name, metric, first, second, None)
    difference = paired_bootstrap(as_mean(new), as_mean(old))
    return Change(name, metric, first, second, difference)


def as_mean(parts: Sequence[Part]) -> list[float]:
    """One value a case, the mean of which is the ratio of the sums of `parts`.

    Each is the ratio plus the case's own pull on it, the first-order term of its Taylor series
    (Cochran 1977, "Sampling Techniques", chapter 6). Where all denominators are 1, these are the
    numerators themselves. Raises ZeroDivisionError where the denominators sum to 0.
    """
    over = sum(bottom for _, bottom in parts) / len(parts)
    whole = sum(top for top, _ in parts) / len(parts) / over
    return [top / over + whole * (1 - bottom / over) for top, bottom in parts]


def _above(one: Figure, other: Figure) -> bool:
    return one.low is not None and other.high is not None and one.low > other.high


def _key(case: SavedCase) -> tuple[str, str, str, str]:
    return case.set, case.id, case.question, case.expect


def _outcome(case: SavedCase) -> Part:
    return case.right, 1


def _answer(case: SavedCase) -> Part:
    return _outcome(case) if case.expect == "answer" else (0, 0)


def _citations(case: SavedCase) -> Part:
    sources = {evidence.source for fact in case.facts for evidence in fact.evidence}
    if not sources or case.answer is None:
        return 0, 0
    quotes = {one.id: (one.source, one.start, one.end) for one in case.answer.citations}
    nowhere = ("", 0, 0)
    claims = [[quotes.get(id_, nowhere) for id_ in c.citations] for c in case.answer.claims]
    return metrics.citation_precision(claims, sources)


def _exactness(case: SavedCase) -> Part:
    return case.exact_quotes, len(case.answer.citations) if case.answer else 0


def _refusal(case: SavedCase) -> Part:
    """As in `eval.metrics.refusal_f1`: an error did the opposite of what was due."""
    if case.error is not None:
        return 0, 1
    due = case.refused if case.expect == "either" else case.expect == "refuse"
    return 2 * (case.refused and due), case.refused + due


# What a case adds to a headline, as (numerator, denominator).
_PARTS: dict[str, Callable[[SavedCase], Part]] = {
    "outcome_accuracy": _outcome,
    "answer_accuracy": _answer,
    "answer_contains_gold": _answer,
    "citation_precision": _citations,
    "quote_exactness": _exactness,
    "refusal_f1": _refusal,
}
