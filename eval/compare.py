"""Two results side by side: what improved, what broke, and which differences are more than noise.

A difference is taken over the cases that both results have, each set against itself by the paired
bootstrap. To that end a ratio over cases is written as a mean of one value a case.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from eval.bootstrap import (
    Difference,
    Figure,
    bootstrap,
    paired_bootstrap,
    paired_statistic,
    ratio,
)
from eval.headlines import HEADLINES, LABELS, shown
from eval.saved import SavedRow, judged, parse
from eval.tally import STATISTICS, Part
from rag.errors import InputError
from rag.segmentation import flat
from rag.terminal import inert

NOISE = 0.05
"""A difference that chance alone would show at least this often is noise."""

Pair = tuple[SavedRow, SavedRow]


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of one set in both results, over the cases that both have, and how far b is above a.

    Nothing in it is None.
    """

    set: str
    metric: str
    a: Figure
    b: Figure
    difference: Difference

    @property
    def more_than_noise(self) -> bool:
        """Whether b differs from a by more than chance explains."""
        return self.difference.p is not None and self.difference.p < NOISE

    @property
    def gain(self) -> float:
        """How far b is above a."""
        return self.difference.value or 0.0

    @property
    def better(self) -> bool:
        """Whether b is the better one, noise or not."""
        return self.gain < 0 if LABELS[self.metric].less_is_better else self.gain > 0


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

    A case or statement is shared where set, id, text and what is due are the same. Raises
    InputError for anything that is no result, and for results that share none.
    """
    before, after = parse(a), parse(b)
    earlier = {_key(row): row for row in before.rows}
    pairs = [(earlier[key], row) for row in after.rows if (key := _key(row)) in earlier]
    if not pairs:
        raise InputError(
            "The two results share no case "
            f"({', '.join(before.sets)} against {', '.join(after.sets)}): "
            "compare two runs over the same set"
        )
    return Comparison(
        shared=len(pairs),
        improved=tuple(pair for pair in pairs if pair[1].right and not pair[0].right),
        broke=tuple(pair for pair in pairs if pair[0].right and not pair[1].right),
        only_a=len(before.rows) - len(pairs),
        only_b=len(after.rows) - len(pairs),
        changes=tuple(change for name in after.sets for change in _changes(name, pairs)),
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
    several = len({each.set for each in changes}) > 1
    for each in changes:
        title = LABELS[each.metric].title
        style = ("green" if each.better else "red") if each.more_than_noise else "dim"
        table.add_row(
            Text(inert(f"{each.set}: {title}" if several else title)),
            f"{each.difference.n:,}",
            "".join(shown(each.metric, each.a.value)),
            "".join(shown(each.metric, each.b.value)),
            _signed(each.gain),
            f"{_signed(each.difference.low)} to {_signed(each.difference.high)}",
            Text(_verdict(each), style),
        )
    return table


def _verdict(change: Change) -> str:
    if change.gain == 0:
        return "the same"
    return "more than noise" if change.more_than_noise else "may be noise"


def _signed(difference: float | None) -> str:
    """In points of a hundred."""
    return "–" if difference is None else f"{100 * difference:+.1f}"


def _turned(how: str, style: str, cases: Sequence[tuple[SavedRow, str]]) -> Iterator[Text]:
    """The cases that turned, each with its question and what is or was wrong."""
    yield Text(f"{len(cases):,} {how}", f"bold {style}")
    for case, wrong in cases:
        yield Text("  ").append(inert(flat(case.text)), style)
        yield Text("    ").append(inert(flat(f"{case.id}, {case.split}: {wrong}")), "dim")


def _changes(name: str, pairs: Sequence[Pair]) -> list[Change]:
    """The headlines that both results have of the set `name`, over its test half if it has one."""
    members = [pair for pair in pairs if pair[1].set == name]
    return [found for metric in HEADLINES if (found := change(name, metric, members))]


def change(name: str, metric: str, pairs: Sequence[Pair]) -> Change | None:
    """A figure over these pairs of one set, or over those of its test half, if it has one.

    None where either result has nothing to measure it by.
    """
    statistic = STATISTICS.get(metric)
    having = [pair for pair in pairs if _has_part(metric, pair)]
    kept = {_key(row) for row in judged([new for _, new in having])[0]}
    having = [pair for pair in having if _key(pair[1]) in kept]
    old, new = ([_part(metric, pair[side]) for pair in having] for side in (0, 1))
    if statistic:
        first, second = (bootstrap(statistic, *_columns(each)) for each in (old, new))
        difference = paired_statistic(statistic, _columns(new), _columns(old))
    else:
        first, second = ratio(old), ratio(new)
        if first.value is None or second.value is None:
            return None
        difference = paired_bootstrap(as_mean(new), as_mean(old))
    return Change(name, metric, first, second, difference) if difference.n else None


def _has_part(metric: str, pair: Pair) -> bool:
    """Whether it has a part in a statistic with both its rows, or in a ratio with either."""
    if metric in STATISTICS:
        return all(metric in row.scores for row in pair)
    return any(metric in row.ratios for row in pair)


def _part(metric: str, row: SavedRow) -> Part:
    return row.scores[metric] if metric in STATISTICS else row.ratios.get(metric, (0, 0))


def _columns(parts: Sequence[Part]) -> tuple[list[float], list[float]]:
    return [score for score, _ in parts], [label for _, label in parts]


def as_mean(parts: Sequence[Part]) -> list[float]:
    """One value a case, the mean of which is the ratio of the sums of `parts`.

    Each is the ratio plus the case's own pull on it, the first-order term of its Taylor series
    (Cochran 1977, "Sampling Techniques", chapter 6). Where all denominators are 1, these are the
    numerators themselves. Raises ZeroDivisionError where the denominators sum to 0.
    """
    over = sum(bottom for _, bottom in parts) / len(parts)
    whole = sum(top for top, _ in parts) / len(parts) / over
    return [top / over + whole * (1 - bottom / over) for top, bottom in parts]


def _key(row: SavedRow) -> tuple[str, str, str, str]:
    return row.set, row.id, row.text, row.due
