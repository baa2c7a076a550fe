"""Plots as SVG elements; the page's style sheet colours them, in light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from eval.bootstrap import Figure
from eval.confidence import reliability, risk_coverage
from eval.markup import element

_WIDTH, _HEIGHT = 360, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 24, 14, 42
_TOPS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The axes: x runs from 0 to 1, y from 0 to `top`; both become places in the drawing."""

    top: float = 1.0

    def x(self, value: float) -> float:
        return _LEFT + value * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - value / self.top * (_HEIGHT - _TOP - _BOTTOM)

    def line(self, x1: float, y1: float, x2: float, y2: float, class_: str) -> Element:
        return element(
            "line", x1=self.x(x1), y1=self.y(y1), x2=self.x(x2), y2=self.y(y2), class_=class_
        )

    def drawn(self, title: str, across: str, up: str, *marks: Element) -> Element:
        """The plot: grid, ticks in per cent, the axes' names, and the marks over them."""
        parts = [element("title", title)]
        for step in range(5):
            along, height = step / 4, self.top * step / 4
            parts += [
                self.line(0, height, 1, height, "grid"),
                _text(_LEFT - 6, self.y(height) + 3.5, _per_cent(height), "end"),
                _text(self.x(along), _HEIGHT - _BOTTOM + 16, _per_cent(along), "middle"),
            ]
        middle = (_HEIGHT - _BOTTOM + _TOP) / 2
        parts += [
            _text(self.x(0.5), _HEIGHT - 6, across, "middle", "axis"),
            element(
                "text", up, x=0, y=0, text_anchor="middle", class_="axis",
                transform=f"translate(9 {middle}) rotate(-90)",
            ),
            *marks,
        ]  # fmt: skip
        return element(
            "svg", *parts, class_="plot", viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img",
            aria_label=title,
        )  # fmt: skip


def risk_coverage_plot(confidences: Sequence[float], right: Sequence[bool]) -> Element:
    """How many outcomes are wrong, as more and more are let through from the surest down.

    The dashed line is what a confidence that says nothing would give. Of at least one case.
    """
    coverage, risk = risk_coverage(confidences, right)
    points = [(float(x), float(y)) for x, y in zip(coverage, risk, strict=True)]
    points.insert(0, (0.0, points[0][1]))
    highest = max(y for _, y in points)
    frame = _Frame(next(top for top in _TOPS if top >= min(1.0, highest)))
    wrong = points[-1][1]
    path = " L".join(f"{frame.x(x):.1f} {frame.y(y):.1f}" for x, y in points)
    area = f"M{frame.x(0)} {frame.y(0)} L{path} L{frame.x(1)} {frame.y(0)} Z"
    return frame.drawn(
        f"Risk and coverage: of all {len(right)} outcomes {wrong:.1%} are wrong",
        "let through, surest first",
        "of these wrong",
        element("path", d=area, class_="area"),
        frame.line(0, wrong, 1, wrong, "guide"),
        element("path", d=f"M{path}", class_="curve"),
        element("circle", cx=frame.x(1), cy=frame.y(wrong), r=3.5, class_="dot"),
    )


def reliability_plot(confidences: Sequence[float], right: Sequence[bool]) -> Element:
    """Stated confidence against how often it was right, a dot a tenth, its area the cases there.

    On the diagonal what was said is what came; a stroke shows how far a dot lies from it.
    """
    frame = _Frame()
    marks = [frame.line(0, 0, 1, 1, "guide")]
    for row in reliability(confidences, right):
        if row.confidence is None or row.accuracy is None:
            continue
        said = (
            f"{row.n} {'outcome' if row.n == 1 else 'outcomes'} with a confidence of "
            f"{row.confidence:.0%} on average: {row.accuracy:.0%} right"
        )
        dot = element(
            "circle",
            element("title", said),
            cx=frame.x(row.confidence),
            cy=frame.y(row.accuracy),
            r=max(2.5, 14 * (row.n / len(right)) ** 0.5),
            class_="dot",
        )
        gap = frame.line(row.confidence, row.confidence, row.confidence, row.accuracy, "gap")
        marks += [gap, dot]
    return frame.drawn("Reliability of confidence", "confidence", "right", *marks)


def interval_bar(figure: Figure) -> Element:
    """A share on a track from 0 to 1, its interval as a band behind it; bare without a value."""
    parts = [element("rect", x=0, y=2.5, width=100, height=1, class_="track")]
    if figure.value is not None:
        low = figure.value if figure.low is None else figure.low
        high = figure.value if figure.high is None else figure.high
        at = min(max(100 * figure.value - 0.75, 0), 98.5)
        parts += [
            element("rect", x=100 * low, y=1, width=100 * (high - low), height=4, class_="band"),
            element("rect", x=at, y=0, width=1.5, height=6, class_="mark"),
        ]
    return element(
        "svg", *parts, class_="bar", viewBox="0 0 100 6", preserveAspectRatio="none",
        aria_hidden="true",
    )  # fmt: skip


def _text(x: float, y: float, content: str, anchor: str, class_: str = "tick") -> Element:
    return element("text", content, x=x, y=y, text_anchor=anchor, class_=class_)


def _per_cent(share: float) -> str:
    return f"{100 * share:.4g} %"
