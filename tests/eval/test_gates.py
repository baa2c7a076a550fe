"""Gates: what passes, what is short, and what is shipped."""

import pytest

from eval import gates
from eval.bootstrap import Figure
from eval.figures import figures
from eval.gates import Gate, short
from eval.runner import Retrieved
from tests.eval.made import answer, case, fact, outcome, quote, statement, verdict

TOML = """
[gates.seeds]
quote_exactness = { minimum = 1.0, maximum = 1.0 }
"answer_accuracy/test" = { minimum = 0.9 }
ece = { maximum = 0.1 }
[gates.other]
hit = { minimum = 0.5 }
[aims.seeds]
hit = { minimum = 0.5 }
"""


def test_a_set_has_the_gates_of_its_own_table() -> None:
    assert gates.gates("seeds", TOML) == [
        Gate("quote_exactness", 1.0, 1.0),
        Gate("answer_accuracy/test", 0.9),
        Gate("ece", maximum=0.1),
    ]
    assert gates.gates("unknown", TOML) == []
    assert gates.aims("seeds", TOML) == [Gate("hit", minimum=0.5)]


@pytest.mark.parametrize(
    ("gate", "value", "passes"),
    [
        (Gate("m", minimum=0.9), 0.9, True),
        (Gate("m", minimum=0.9), 0.8999, False),
        (Gate("m", maximum=0.1), 0.1, True),
        (Gate("m", maximum=0.1), 0.1001, False),
        (Gate("m", 1.0, 1.0), 1.0, True),
        (Gate("m", 1.0, 1.0), 0.999, False),
        (Gate("m", minimum=0.0), None, False),
    ],
)
def test_a_figure_passes_within_its_bounds(gate: Gate, value: float | None, passes: bool) -> None:
    assert gate.passes(Figure(value, 1 if value is not None else 0)) is passes


def test_what_was_not_measured_is_short() -> None:
    bounds = gates.gates("seeds", TOML)
    measured = {"quote_exactness": Figure(1.0, 5), "ece": Figure(0.2, 5)}
    assert [gate.metric for gate in short(bounds, measured)] == ["answer_accuracy/test", "ece"]


def test_bounds_are_shown_as_they_are_meant() -> None:
    assert [gate.bound for gate in gates.gates("seeds", TOML)] == ["= 1", "≥ 0.9", "≤ 0.1"]


def test_the_shipped_gates_are_about_figures_that_there_are() -> None:
    asked = case("a", fact("1932"))
    found = outcome(asked, answer(quote("opened in 1932")), retrieved=Retrieved((), ()))
    measured = figures([found], [verdict(statement(), True)])
    shipped = {gate.metric: gate for gate in gates.gates("seeds")}
    half = f"/{found.split}"
    both = {name.replace(half, other) for name in measured for other in (half, "/test")}
    assert set(shipped) <= both
    assert {aim.metric for name in ("seeds", "squad") for aim in gates.aims(name)} <= both
    assert shipped["quote_exactness"].bound == "= 1"
    assert shipped["errors"].bound == "= 0"
