"""The parts of the page that show the figures of one set."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from xml.etree.ElementTree import Element

from eval.bootstrap import Figure, mean
from eval.headlines import HEADLINES, LABELS, LAYERS, shown, shown_interval
from eval.markup import element
from eval.plots import interval_bar, reliability_plot, risk_coverage_plot
from eval.saved import SavedCase, SavedEarning, SavedRow, SavedStatement, by_layer
from eval.trade import Trade, trade_of

_THRESHOLDS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_STAGES = {"dense": "search by meaning", "bm25": "search by words (BM25)", "ranking": "reranking"}


def cards(figures: Mapping[str, Figure], suffix: str) -> Element:
    cards = []
    for name in HEADLINES:
        figure = figures.get(name + suffix)
        if figure is None:
            continue
        label = LABELS[name]
        value, unit = shown(name, figure.value)
        cards.append(
            element(
                "div",
                element("h4", label.title),
                element("p", value, element("small", unit), class_="value"),
                interval_bar(figure),
                element("p", _range(name, figure), class_="range"),
                element("p", label.meaning, class_="meaning"),
                class_="card",
            )
        )
    return element("div", *cards, class_="cards")


def _range(name: str, figure: Figure) -> str:
    if figure.value is None:
        return "nothing to measure"
    n = f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{figure.n:,}"
    interval = shown_interval(name, figure)
    return f"{interval} · {n}" if interval else n


def plots(cases: Sequence[SavedCase], figures: Mapping[str, Figure], suffix: str) -> Element:
    confidences = [case.confidence for case in cases]
    right = [case.right for case in cases]

    def titled(title: str, plot: Element, metric: str, meaning: str) -> Element:
        figure = figures.get(metric + suffix)
        value = f"{metric.upper()} {shown(metric, figure.value)[0]}. " if figure else ""
        return element("figure", element("h4", title), plot, element("figcaption", value + meaning))

    return element(
        "div",
        titled(
            "Fewer answers, fewer errors",
            risk_coverage_plot(confidences, right),
            "aurc",
            "The share of outcomes that are wrong when only the surest are let through. "
            "A confidence that says nothing would stay on the dashed line.",
        ),
        titled(
            "Is it as sure as it should be?",
            reliability_plot(confidences, right),
            "ece",
            "Outcomes by stated confidence, against how often they were right. "
            "Larger dots are more outcomes; on the diagonal, what was said is what came.",
        ),
        class_="plots",
    )


def kinds(
    rows: Sequence[SavedRow], anchors: str, counted: str, counts: Mapping[str, int]
) -> Element:
    """A row a kind: how many are right, and under `counted` how many are what that says.

    A kind of which some are wrong leads to what went wrong.
    """
    lines = []
    for kind in kinds_of(rows):
        members = [row for row in rows if row.kind == kind]
        figure = mean([row.right for row in members])
        wrong = sum(not row.right for row in members)
        link = element("a", words(kind), href=f"#{anchor(anchors, rows, kind)}")
        lines.append(
            element(
                "tr",
                element("td", link if wrong else words(kind)),
                element("td", "".join(shown("outcome_accuracy", figure.value))),
                element("td", interval_bar(figure), class_="wide"),
                element("td", f"{len(members) - wrong:,} of {len(members):,}"),
                *(element("td", _right_of(members, half)) for half in ("tune", "test")),
                element("td", f"{counts.get(kind, 0):,}"),
                element("td", f"{sum(row.error is not None for row in members):,}"),
            )
        )
    return table(("kind", "right", "", "of", "tune", "test", counted, "errors"), lines)


def refused(cases: Sequence[SavedCase]) -> Counter[str]:
    """How many of each kind were refused."""
    return Counter(case.kind for case in cases if case.refused)


def released(statements: Sequence[SavedStatement]) -> Counter[str]:
    """How many of each kind were let through."""
    return Counter(statement.kind for statement in statements if statement.released)


def trades(cases: Sequence[SavedCase]) -> Element:
    """What giving only the surest answers would buy, at the price of more refusals."""
    rows: list[Element] = []
    for threshold in _THRESHOLDS:
        found = _trade(cases, threshold)
        if rows and found == _trade(cases, 0.0):
            continue
        label = f"sure to {100 * threshold:.0f} %" if threshold else "all, as they are"
        shares = (found.coverage, found.precision, found.answer_accuracy, found.refusal_recall)
        cells = [element("td", "".join(shown("", share))) for share in shares]
        rows.append(element("tr", element("td", label), *cells))
    heads = (
        "answers given", "questions answered", "of these right", "of answerable, rightly answered",
        "of the others, refused",
    )  # fmt: skip
    return table(heads, rows)


def _trade(cases: Sequence[SavedCase], threshold: float) -> Trade:
    return trade_of(
        (case.expect, case.answered and case.confidence >= threshold, case.right) for case in cases
    )


def ablation(earned: Sequence[SavedEarning]) -> Element:
    """What each figure is without each stage; what the stage earns beyond noise is marked."""
    earned = [one for one in earned if not one.kind]
    metrics = list(dict.fromkeys(one.metric for one in earned))
    whole = {one.metric: one.whole for one in earned}
    rows = [
        element(
            "tr",
            element("td", "every stage"),
            *(element("td", "".join(shown(metric, whole[metric]))) for metric in metrics),
        )
    ]
    for stage in dict.fromkeys(one.stage for one in earned):
        found = {one.metric: one for one in earned if one.stage == stage}
        cells = [_without(found.get(metric)) for metric in metrics]
        rows.append(element("tr", element("td", f"without {_STAGES.get(stage, stage)}"), *cells))
    return table(("", *(LABELS[metric].title.lower() for metric in metrics)), rows)


def layers(earned: Sequence[SavedEarning]) -> Element:
    """The share of each kind of statement that both layers of evidence let through, and that each
    does alone."""
    rows = []
    for one, shares in by_layer(earned):
        cells = [element("td", "".join(shown(one.metric, share))) for share in shares]
        rows.append(element("tr", element("td", words(one.kind)), *cells))
    return table(("kind", "both layers", *LAYERS.values()), rows)


def _without(one: SavedEarning | None) -> Element:
    if one is None:
        return element("td", "–")
    value = "".join(shown(one.metric, one.without))
    if one.earns is None:
        return element("td", value)
    class_, mark = ("missed", "▼") if one.earns else ("harmful", "▲")
    return element("td", f"{value} ", element("span", mark), class_=class_)


def _right_of(rows: Sequence[SavedRow], split: str) -> str:
    members = [row.right for row in rows if row.split == split]
    return f"{sum(members):,}/{len(members):,}" if members else "–"


def all_figures(figures: Mapping[str, Figure], halved: bool) -> Element:
    """Every figure, whole and by half; those by kind are in the JSON."""
    suffixes = ("/test", "/tune", "") if halved else ("",)
    names = list(dict.fromkeys(name.partition("/")[0] for name in figures))
    rows = [
        element(
            "tr",
            element("td", element("code", name)),
            *(_figure_cell(name, figures.get(name + suffix)) for suffix in suffixes),
        )
        for name in names
    ]
    heads = {"/test": "test half", "/tune": "tune half", "": "all"}
    shown_all = table(("figure", *(heads[suffix] for suffix in suffixes)), rows)
    return element(
        "details", element("summary", f"All {len(names)} figures"), shown_all, class_="figures"
    )


def _figure_cell(name: str, figure: Figure | None) -> Element:
    if figure is None:
        return element("td", "–")
    small = element("small", _range(name, figure))
    return element("td", "".join(shown(name, figure.value)), small)


def kinds_of(rows: Sequence[SavedRow]) -> list[str]:
    """The kinds, in the order in which they come."""
    return list(dict.fromkeys(row.kind for row in rows))


def words(kind: str) -> str:
    """A kind as people write it."""
    return kind.replace("_", " ")


def anchor(anchors: str, rows: Sequence[SavedRow], kind: str) -> str:
    """Where on the page stands what went wrong of a kind, in the part that `anchors` names."""
    return f"{anchors}-kind-{kinds_of(rows).index(kind)}"


def table(names: Sequence[str], rows: Iterable[Element]) -> Element:
    head = element("tr", *(element("th", name, scope="col") for name in names))
    table = element("table", element("thead", head), element("tbody", *rows))
    return element("div", table, class_="scroll")
