"""Gates: what the known facts' figures must hold, read from `gates.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from eval.bootstrap import Figure


@dataclass(frozen=True, slots=True)
class Gate:
    """The least or the most that a metric may be."""

    metric: str
    minimum: float | None = None
    maximum: float | None = None

    @property
    def bound(self) -> str:
        """The bound in a few characters."""
        if self.minimum is not None and self.minimum == self.maximum:
            return f"= {self.minimum:g}"
        parts = (("≥", self.minimum), ("≤", self.maximum))
        return ", ".join(f"{sign} {limit:g}" for sign, limit in parts if limit is not None)

    def passes(self, figure: Figure | None) -> bool:
        """Whether the value is within bounds; one that was not measured is not."""
        if figure is None or figure.value is None:
            return False
        low = self.minimum is None or figure.value >= self.minimum
        return low and (self.maximum is None or figure.value <= self.maximum)


def read(name: str, toml: str | None = None) -> list[Gate]:
    """The gates of the set `name`: those shipped, or those that `toml` holds."""
    text = toml if toml is not None else (files("eval") / "gates.toml").read_text("utf-8")
    return [Gate(metric, **bounds) for metric, bounds in tomllib.loads(text).get(name, {}).items()]


def short(gates: list[Gate], figures: Mapping[str, Figure]) -> list[Gate]:
    """The gates that the figures do not pass."""
    return [gate for gate in gates if not gate.passes(figures.get(gate.metric))]
