"""Gates and aims: what figures must hold, and what they are meant to reach; from `gates.toml`."""

import tomllib
from collections.abc import Mapping, Sequence
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


def gates(name: str, toml: str | None = None) -> list[Gate]:
    """What the set `name` must hold, as shipped or as `toml` says."""
    return _read("gates", name, toml)


def aims(name: str, toml: str | None = None) -> list[Gate]:
    """What the set `name` is meant to reach, as shipped or as `toml` says."""
    return _read("aims", name, toml)


def short(bounds: Sequence[Gate], figures: Mapping[str, Figure]) -> list[Gate]:
    """Those that the figures do not pass."""
    return [gate for gate in bounds if not gate.passes(figures.get(gate.metric))]


def _read(table: str, name: str, toml: str | None) -> list[Gate]:
    text = toml if toml is not None else (files("eval") / "gates.toml").read_text("utf-8")
    bounds = tomllib.loads(text).get(table, {}).get(name, {})
    return [Gate(metric, **bound) for metric, bound in bounds.items()]
