"""How logits become probabilities, and from where on they are enough for an answer."""

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a logit becomes a probability (Platt 1999), and from where on a sentence is given as an
    answer. Fitted by `citewell eval --calibrate`."""

    scale: float
    bias: float
    threshold: float

    def probability(self, logit: float) -> float:
        """The probability that a sentence of this logit answers."""
        return 1 / (1 + math.exp(min(700.0, -(self.scale * logit + self.bias))))


@cache
def calibration() -> Calibration:
    """The calibration that is shipped."""
    shipped = json.loads((files("rag") / "calibration.json").read_text("utf-8"))
    return Calibration(**shipped["answers"])
