"""An evaluation as one HTML page to read: figures, plots, and every case that went wrong.

The page needs no other host and no script, and its content-security policy allows none. Articles
and questions are only ever text in it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any
from xml.etree.ElementTree import Element

from eval.bootstrap import Figure
from eval.failures import failed_case, failed_statement
from eval.markup import element, html
from eval.saved import Row, Saved, SavedCase, SavedStatement, judged, of_set, parse
from eval.sections import (
    ablation,
    all_figures,
    anchor,
    cards,
    kinds,
    kinds_of,
    layers,
    plots,
    refused,
    released,
    trades,
    words,
)
from eval.writing import write_text

_OPEN = 12
"""Where more cases than this went wrong, they are shown closed."""

_ABOUT_TRADES = (
    "Each answer says how sure it is. Giving only the surer ones makes those that are given more "
    "often right, and refuses more questions that do have an answer."
)
_QUESTIONS = "questions: what was asked and expected, and what came"
_STATEMENTS = "statements: what the articles say of them, and what they were read against"
_ABOUT_STATEMENTS = (
    "True statements are in words of their own and should be let through; the others are false or "
    "not said, each in one way, and should be held back."
)
_ABOUT_ABLATION = (
    "The same questions with one stage turned off. ▼ the figure is worse without it by more than "
    "noise, so the stage earns its place; ▲ it is better without it. The rest may be noise."
)


def write(result: Mapping[str, Any], path: Path) -> None:
    """Write the page of a result, which is what `citewell eval --json` writes.

    Raises InputError for anything else, and where the page cannot be written.
    """
    write_text(path, page(parse(result)))


def page(saved: Saved) -> str:
    """The whole page."""
    template = Template((files("eval") / "page.html").read_text(encoding="utf-8"))
    parts = [_header(saved)]
    for number, name in enumerate(saved.sets):
        parts.append(_section(number, name, saved))
    return template.substitute(content=html(*parts))


def _header(saved: Saved) -> Element:
    errors = sum(row.error is not None for row in saved.rows)
    parts = [
        element("p", "Citewell, evaluated", class_="over"),
        element("h1", "How far can an answer be trusted?"),
        *(element("p", each, class_="lede") for each in _in_short(saved)),
    ]
    if errors:
        noun = "case" if errors == 1 else "cases"
        parts.append(
            element("p", f"{errors:,} {noun} failed with an error.", class_="alarm", role="alert")
        )
    settings = [
        element("li", element("span", words(name)), _setting(value))
        for name, value in saved.settings.items()
        if value is not None
    ]
    return element("header", *parts, element("ul", *settings, class_="settings"))


def _in_short(saved: Saved) -> Iterator[str]:
    if saved.cases:
        right = sum(case.right for case in saved.cases)
        yield (
            f"{right:,} of {len(saved.cases):,} questions went as they should: answered with "
            "every fact where the articles have one, refused where they have none."
        )
    if saved.statements:
        true = [one for one in saved.statements if one.supported]
        false = [one for one in saved.statements if not one.supported]
        yield (
            f"Of {len(false):,} false statements {sum(one.released for one in false):,} were let "
            f"through, and of {len(true):,} true ones {sum(one.released for one in true):,}."
        )


def _section(number: int, name: str, saved: Saved) -> Element:
    """One set: its figures, plots and kinds, and at the end all that went wrong."""
    cases, statements = of_set(saved.cases, name), of_set(saved.statements, name)
    figures = saved.figures_of(name)
    _, suffix = judged([*cases, *statements])
    about = f"{_counted(cases, statements)}."
    if suffix:
        about += " Headlines and plots are of its test half, on which nothing was fitted."
    parts = [element("h2", name), element("p", about, class_="note"), cards(figures, suffix)]
    if cases:
        parts += _questions(_place(number), cases, figures)
    if statements:
        parts += [
            element("h3", "By kind of statement"),
            element("p", _ABOUT_STATEMENTS, class_="note"),
            kinds(statements, _place(number, "statements"), "let through", released(statements)),
        ]
    if earned := of_set(saved.ablation, name):
        parts += [
            element("h3", "What each stage earns"),
            element("p", _ABOUT_ABLATION, class_="note"),
            ablation(earned),
        ]
    if any(one.kind for one in earned):
        parts += [element("h3", "Statements let through, layer by layer"), layers(earned)]
    parts.append(all_figures(figures, bool(suffix)))
    if cases:
        parts.append(element("h3", "Questions that went wrong"))
        parts += _failures(_place(number), cases, _QUESTIONS, failed_case)
    if statements:
        parts.append(element("h3", "Statements that went wrong"))
        parts += _failures(_place(number, "statements"), statements, _STATEMENTS, failed_statement)
    return element("section", *parts)


def _questions(
    anchors: str, cases: Sequence[SavedCase], figures: Mapping[str, Figure]
) -> Iterator[Element]:
    tested, suffix = judged(cases)
    yield plots(tested, figures, suffix)
    yield element("h3", "What surer answers would cost")
    yield element("p", _ABOUT_TRADES, class_="note")
    yield trades(tested)
    yield element("h3", "By kind of question")
    yield kinds(cases, anchors, "refused", refused(cases))


def _counted(cases: Sequence[SavedCase], statements: Sequence[SavedStatement]) -> str:
    counts = {"question": len(cases), "statement": len(statements)}
    return " and ".join(
        f"{count:,} {what}{'s' * (count != 1)}" for what, count in counts.items() if count
    )


def _place(number: int, part: str = "questions") -> str:
    return f"set-{number}-{part}"


def _failures(
    anchors: str, rows: Sequence[Row], noun: str, told: Callable[[Row, bool], Element]
) -> Iterator[Element]:
    wrong = [row for row in rows if not row.right]
    if not wrong:
        yield element("p", "Nothing: all went as it should.", class_="lede")
        return
    yield element("p", f"{len(wrong):,} of {len(rows):,} {noun}.", class_="note")
    for kind in kinds_of(wrong):
        members = sorted((row for row in wrong if row.kind == kind), key=lambda r: r.error is None)
        count = element("small", f"{len(members):,}")
        yield element("h4", f"{words(kind)} ", count, id=anchor(anchors, rows, kind))
        yield from (told(row, len(wrong) <= _OPEN) for row in members)


def _setting(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_setting(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_setting, value))
    return str(value)
