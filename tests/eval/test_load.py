"""The HTTP service under load: a real server, real clients. No time is asserted."""

from pathlib import Path

import pytest

import eval.load
from eval.bench import AIMS
from eval.load import measure_load


def test_the_service_is_measured_over_http_and_by_itself_whatever_the_users_settings(
    seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITEWELL_NONSENSE", "unknown")
    monkeypatch.setattr(eval.load, "CLIENTS", 4)
    monkeypatch.setattr(eval.load, "_RATE_LIMIT", 1)
    told: list[tuple[str, int, int]] = []
    texts = [path.read_text(encoding="utf-8") for path in sorted(seeds.iterdir())[:2]]
    questions = ["Who led the troops?", "What is the capital of Australia?"]
    figures = measure_load(texts, questions, 1, lambda *step: told.append(step))

    assert {name for name in AIMS if name.startswith("http_")} < set(figures)
    ratio = figures.pop("http_throughput_ratio")  # where nothing came in time there is none
    assert ratio.n == 0 or ratio.value
    for name, figure in figures.items():
        assert figure.value is not None, name
        assert figure.value > 0, name
        assert figure.n > 0, name
    assert told == [("Serving", step, 4) for step in range(1, 5)]
