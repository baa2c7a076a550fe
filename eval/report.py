"""An evaluation as one HTML page to read: figures, plots, and every case that went wrong.

The page needs no other host and no script, and its content-security policy allows none. Articles
and questions are only ever text in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any
from xml.etree.ElementTree import Element

from eval.bootstrap import Figure, mean
from eval.failures import failed_case
from eval.headlines import HEADLINES, LABELS, shown, shown_interval
from eval.markup import element, html
from eval.plots import interval_bar, reliability_plot, risk_coverage_plot
from eval.saved import Saved, SavedCase, judged, parse
from rag.errors import InputError

_OPEN = 12
"""Where more cases than this went wrong, they are shown closed."""


def write(result: Mapping[str, Any], path: Path) -> None:
    """Write the page of a result, which is what `citewell eval --json` writes.

    Raises InputError for anything else, and where the page cannot be written.
    """
    content = page(parse(result))
    try:
        path.write_text(content, encoding="utf-8", errors="xmlcharrefreplace")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path} cannot be written ({reason}): name another file") from error


def page(saved: Saved) -> str:
    """The whole page."""
    template = Template((files("eval") / "page.html").read_text(encoding="utf-8"))
    sections = [_header(saved)]
    for number, name in enumerate(saved.sets):
        sections.append(_section(number, name, saved.cases_of(name), saved.figures_of(name)))
    return template.substitute(content=html(*sections))


def _header(saved: Saved) -> Element:
    right = sum(case.right for case in saved.cases)
    errors = sum(case.error is not None for case in saved.cases)
    parts = [
        element("p", "Citewell, evaluated", class_="over"),
        element("h1", "How far can an answer be trusted?"),
        element(
            "p", f"{right:,} of {len(saved.cases):,} questions went as they should: answered with "
            "every fact where the articles have one, refused where they have none.", class_="lede",
        ),
    ]  # fmt: skip
    if errors:
        noun = "case" if errors == 1 else "cases"
        parts.append(
            element("p", f"{errors:,} {noun} failed with an error.", class_="alarm", role="alert")
        )
    settings = [
        element("li", element("span", name), _setting(value))
        for name, value in saved.settings.items()
        if value is not None
    ]
    return element("header", *parts, element("ul", *settings, class_="settings"))


def _section(
    number: int, name: str, cases: Sequence[SavedCase], figures: Mapping[str, Figure]
) -> Element:
    """One set: its figures, plots and kinds, and what went wrong."""
    tested, suffix = judged(cases)
    about = f"{len(cases):,} questions."
    if suffix:
        about += f" Headlines and plots are of the {len(tested):,} in its test half, "
        about += "on which nothing was fitted."
    return element(
        "section",
        element("h2", name),
        element("p", about, class_="note"),
        _cards(figures, suffix),
        _plots(tested, figures, suffix),
        element("h3", "By kind of question"),
        _kinds(number, cases),
        _all_figures(figures, bool(suffix)),
        element("h3", "What went wrong"),
        *_failures(number, cases),
    )


def _cards(figures: Mapping[str, Figure], suffix: str) -> Element:
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


def _plots(cases: Sequence[SavedCase], figures: Mapping[str, Figure], suffix: str) -> Element:
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


def _kinds(number: int, cases: Sequence[SavedCase]) -> Element:
    rows = []
    for kind in _kinds_of(cases):
        members = [case for case in cases if case.kind == kind]
        figure = mean([case.right for case in members])
        wrong = sum(not case.right for case in members)
        link = element("a", _words(kind), href=f"#{_anchor(number, cases, kind)}")
        rows.append(
            element(
                "tr",
                element("td", link if wrong else _words(kind)),
                element("td", "".join(shown("outcome_accuracy", figure.value))),
                element("td", interval_bar(figure), class_="wide"),
                element("td", f"{len(members) - wrong:,} of {len(members):,}"),
                *(element("td", _right_of(members, half)) for half in ("tune", "test")),
                element("td", f"{sum(case.refused for case in members):,}"),
                element("td", f"{sum(case.error is not None for case in members):,}"),
            )
        )
    names = ("kind", "right", "", "cases", "tune", "test", "refused", "errors")
    return _table(names, rows)


def _right_of(cases: Sequence[SavedCase], split: str) -> str:
    members = [case.right for case in cases if case.split == split]
    return f"{sum(members):,}/{len(members):,}" if members else "–"


def _all_figures(figures: Mapping[str, Figure], halved: bool) -> Element:
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
    table = _table(("figure", *(heads[suffix] for suffix in suffixes)), rows)
    return element(
        "details", element("summary", f"All {len(names)} figures"), table, class_="figures"
    )


def _figure_cell(name: str, figure: Figure | None) -> Element:
    if figure is None:
        return element("td", "–")
    small = element("small", _range(name, figure))
    return element("td", "".join(shown(name, figure.value)), small)


def _failures(number: int, cases: Sequence[SavedCase]) -> Iterable[Element]:
    wrong = [case for case in cases if not case.right]
    if not wrong:
        yield element("p", "Nothing: every question went as it should.", class_="lede")
        return
    noun = "question" if len(wrong) == 1 else "questions"
    about = f"{len(wrong):,} {noun} of {len(cases):,}: what was asked and expected, and what came."
    yield element("p", about, class_="note")
    for kind in _kinds_of(wrong):
        members = sorted((c for c in wrong if c.kind == kind), key=lambda c: c.error is None)
        yield element(
            "h4",
            f"{_words(kind)} ",
            element("small", f"{len(members):,}"),
            id=_anchor(number, cases, kind),
        )
        yield from (failed_case(case, opened=len(wrong) <= _OPEN) for case in members)


def _kinds_of(cases: Sequence[SavedCase]) -> list[str]:
    return list(dict.fromkeys(case.kind for case in cases))


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _anchor(number: int, cases: Sequence[SavedCase], kind: str) -> str:
    return f"set-{number}-kind-{_kinds_of(cases).index(kind)}"


def _table(names: Sequence[str], rows: Iterable[Element]) -> Element:
    head = element("tr", *(element("th", name, scope="col") for name in names))
    table = element("table", element("thead", head), element("tbody", *rows))
    return element("div", table, class_="scroll")


def _setting(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_setting(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_setting, value))
    return str(value)
