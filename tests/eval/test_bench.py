"""The speed report: what it measures and how it is told. No time is asserted."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from eval.bench import AIMS, bench, met, save, table
from eval.bootstrap import Figure
from eval.growth import Growth, measure_growth
from eval.speed import Scale, measure, run_alone, variations
from rag.errors import CitewellError, InputError

STAGES = ("Ingesting", "Asking", "Writing", "Starting")

words = st.text("abcdefgh ", min_size=1).filter(str.strip)
articles = st.lists(
    st.lists(words, min_size=1, max_size=4).map("\n\n".join), min_size=1, max_size=4
)


@given(articles, st.integers(0, 12))
def test_variations_are_as_many_as_asked_all_different_and_the_same_again(
    texts: list[str], count: int
) -> None:
    made = variations(texts, count)
    assert len(set(made)) == len(made) == count
    assert variations(texts, count) == made


@given(articles)
def test_variations_are_made_of_the_articles_paragraphs_alone(texts: list[str]) -> None:
    lined = [text.split("\n\n" if "\n\n" in text else "\n") for text in texts]
    known = {paragraph.strip() for paragraphs in lined for paragraph in paragraphs}
    for made in variations(texts, 3):
        _, *paragraphs = made.split("\n\n")
        assert paragraphs
        assert set(paragraphs) <= known


def test_variations_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="no paragraph"):
        variations([" \n "], 1)


def test_everything_is_measured_in_one_run_whatever_the_users_settings(
    seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITEWELL_MODEL", "of another setting")
    monkeypatch.setenv("CITEWELL_NONSENSE", "unknown")
    told: list[tuple[str, int, int]] = []
    texts = [path.read_text(encoding="utf-8") for path in sorted(seeds.iterdir())]
    questions = ["Who led the troops?", "What is the capital of Australia?", "Never asked?"]
    figures = measure(
        texts,
        questions,
        Scale(texts=2, questions=2, runs=1, sentences=3, written=1),
        lambda *step: told.append(step),
    )

    grown = measure_growth(Growth(30, 100, 300, 5, 0.5), lambda *step: told.append(step))
    of_load = {name for name in AIMS if name.startswith("http_")}
    assert set(AIMS) - of_load < {*figures, *grown}
    assert all(figure.value is not None and figure.value >= 0 for figure in grown.values())
    assert all(figure.value is not None and figure.value > 0 for figure in figures.values())
    efficiency = figures["ingest_efficiency"].value
    assert efficiency is not None
    assert efficiency < 1
    assert {name: figure.n for name, figure in figures.items()} == {
        "ingest_efficiency": 2,
        "ingest_chunks_per_second": figures["chunks"].value,
        "chunks": 2,
        "retrieve_over_encode_p50": 2,
        "ask_p50_ms": 2,
        "ask_p95_ms": 2,
        "dense_recall@30": 2,
        "check_50_sentences_s": 3,
        "release_p50_ms": figures["release_p50_ms"].n,
        "cold_start_ratio": 1,
        "help_ratio": 1,
    }
    last = {stage: (done, of) for stage, done, of in told}
    assert last["Large library"] == (30, 30)
    assert {stage: last[stage] for stage in STAGES} == {
        "Ingesting": (2, 2),
        "Asking": (2, 2),
        "Writing": (1, 1),
        "Starting": (3, 3),
    }


def test_a_process_that_fails_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    program = "import sys; print('much'); sys.exit('the disk is on fire')"
    with pytest.raises(CitewellError, match=r"code 1 \(the disk is on fire\)"):
        run_alone([sys.executable, "-c", program], tmp_path)


def test_aims_are_met_on_their_border_only_where_they_say_so() -> None:
    assert met("ingest_efficiency", 0.85) is True
    assert met("ingest_efficiency", 0.84) is False
    assert met("retrieve_over_encode_p50", 5.0) is True
    assert met("retrieve_over_encode_p50", 5.01) is False
    assert met("help_ratio", 0.39) is True
    assert met("help_ratio", 0.4) is False
    assert met("ask_p50_ms", 1e6) is None
    assert met("help_ratio", None) is None


def test_the_table_shows_value_aim_and_verdict() -> None:
    figures = {
        "cold_start_ratio": Figure(1.234, 5),
        "help_ratio": Figure(0.5, 5),
        "chunks": Figure(1404, 150),
    }
    console = Console(file=StringIO(), width=100)
    console.print(table(figures))
    assert isinstance(console.file, StringIO)
    rows = [line.split() for line in console.file.getvalue().splitlines()]
    assert ["cold_start_ratio", "1.23", "≤", "1.5", "met"] in [row[:5] for row in rows]
    assert ["help_ratio", "0.50", "<", "0.4", "missed"] in [row[:5] for row in rows]
    assert ["chunks", "1,404"] in [row[:2] for row in rows]


def test_the_json_holds_value_and_n_by_name(tmp_path: Path) -> None:
    save({"help_ratio": Figure(0.25, 5)}, tmp_path / "bench.json")
    assert json.loads((tmp_path / "bench.json").read_text(encoding="utf-8")) == {
        "metrics": {"help_ratio": {"value": 0.25, "n": 5}}
    }


def test_a_file_that_cannot_be_written_is_named_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make the folder"):
        bench(json_file=tmp_path / "missing" / "bench.json")
    with pytest.raises(InputError, match="cannot be written"):
        save({}, tmp_path)


def test_a_folder_without_articles_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing does not exist"):
        bench(articles=tmp_path / "missing")


def test_importing_the_command_loads_nothing_heavy() -> None:
    heavy = {"numpy", "onnxruntime", "chromadb", "langchain_core", "pydantic", "rich.progress"}
    program = "import sys, eval.bench; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", program], text=True).split()
    assert "eval.bench" in modules
    assert not heavy & set(modules)
