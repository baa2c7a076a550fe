"""Prompts: text files with variables."""

from pathlib import Path

import pytest

import prompts


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of prompts in place of ours."""
    monkeypatch.setattr("prompts.files", lambda package: tmp_path)
    return tmp_path


def test_variables_are_filled_in_and_everything_else_is_kept(folder: Path) -> None:
    (folder / "greet.md").write_text("\n# Hi $who,\n\nsaid ${other}s. It costs $$5 {here}.\n\n")
    assert prompts.load("greet", who="Kim", other="friend") == (
        "# Hi Kim,\n\nsaid friends. It costs $5 {here}."
    )


def test_what_is_filled_in_is_not_read_as_a_prompt(folder: Path) -> None:
    (folder / "ask.md").write_text("$question|$passages")
    assert prompts.load("ask", question="$passages ${x} $", passages="100%") == (
        "$passages ${x} $|100%"
    )


def test_a_prompt_is_utf_8_on_every_machine(folder: Path) -> None:
    (folder / "greet.md").write_bytes("“今天” $who".encode())
    assert prompts.load("greet", who="é") == "“今天” é"


def test_a_missing_variable_is_named(folder: Path) -> None:
    (folder / "greet.md").write_text("Hi $who and $other")
    with pytest.raises(KeyError, match="other"):
        prompts.load("greet", who="Kim")


@pytest.mark.parametrize("name", ["nobody", "refusal.md"])
def test_an_unknown_name_is_an_error_that_names_it(name: str) -> None:
    with pytest.raises(FileNotFoundError, match=name):
        prompts.load(name)


def test_the_refusal_is_one_sentence() -> None:
    refusal = prompts.load("refusal")
    assert refusal.endswith(".")
    assert refusal.count(".") == 1
    assert "\n" not in refusal
