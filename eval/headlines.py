"""The figures that come first, what they mean, and how a figure is written for people."""

from dataclasses import dataclass

from eval.bootstrap import Figure


@dataclass(frozen=True, slots=True)
class Label:
    """A figure's name and meaning in plain words."""

    title: str
    meaning: str
    less_is_better: bool = False


LABELS = {
    "outcome_accuracy": Label("Right outcomes", "Answered with every fact, or refused, as is due."),
    "answer_accuracy": Label("Answer accuracy", "Answerable questions answered with every fact."),
    "citation_precision": Label("Citation precision", "Quotes given that are from a right source."),
    "citation_recall": Label("Citation recall", "Facts asked for that a quote given bears out."),
    "quote_exactness": Label("Quote exactness", "Quotes that stand in the article as given."),
    "refusal_f1": Label("Refusal F1", "Refusing what has no answer, and nothing else."),
    "evidence_recall@1000": Label(
        "Evidence recall", "Facts whose evidence is in the first 1,000 characters found."
    ),
    "confidence_auroc": Label(
        "Confidence AUROC",
        "How often a question with an answer is held more answerable than one without.",
    ),
    "statement_accuracy": Label(
        "Right verdicts", "Statements let through or held back, as is due."
    ),
    "false_released": Label(
        "False let through",
        "Of statements that the articles do not bear out, those let through. Less is better.",
        less_is_better=True,
    ),
    "true_released": Label(
        "True let through", "Of statements that the articles bear out, those let through."
    ),
    "support_auroc": Label(
        "Support AUROC", "How often a true statement is held better supported than a false one."
    ),
    "judged_accuracy": Label(
        "Judged accuracy", "Answerable questions answered rightly, as a language model judges."
    ),
}
"""The headlines, most telling first."""

HEADLINES = tuple(LABELS)

LAYERS = {"learned": "rules alone", "rules": "model alone"}
"""What of evidence for statements is left without a stage."""

_UNITLESS = ("aurc", "ece", "confidence_auroc", "support_auroc", "mrr@10")


def shown(name: str, value: float | None) -> tuple[str, str]:
    """A value of the figure `name` (without the group it is of) as (number, unit)."""
    if value is None:
        return "–", ""
    if name.endswith("_ms"):
        return f"{value:,.0f}", " ms"
    if name in _UNITLESS:
        return f"{value:.3f}", ""
    if name.endswith(("errors", "_tokens")):
        return f"{value:,.6g}", ""
    return f"{100 * value:.1f}", " %"


def shown_interval(name: str, figure: Figure) -> str:
    """The interval without units, as in `90.1–96.3`; empty where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{shown(name, figure.low)[0]}–{shown(name, figure.high)[0]}"
