"""What people ask and models say about articles, written by hand in words far from theirs.

Rules perturb a sentence but keep its words; these are what is left to tell by meaning alone. Each
line of `questions.jsonl` has every place that answers the question, or those that come nearest
where none does; each of `statements.jsonl` the place that bears the statement out, or comes
nearest, and which of the two it is. The articles are SQuAD's, read from its file, and the invented
ones of the folder `articles`: some tell of the same event and contradict each other, some of one
like it.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from eval.fitting.examples import Question, Remark, Span


def articles() -> dict[str, str]:
    """The invented articles, text by source."""
    folder = files(__name__) / "articles"
    return {file.name: file.read_text("utf-8") for file in folder.iterdir()}


def questions(known: Mapping[str, str]) -> Iterator[Question]:
    """What is asked about the articles that are `known`."""
    for line in _lines("questions.jsonl"):
        answers, nearest = _spans(line["answers"]), _spans(line["nearest"])
        if all(source in known for source, _, _ in (*answers, *nearest)):
            yield Question(line["text"], answers, nearest)


def statements(known: Mapping[str, str]) -> Iterator[Remark]:
    """What is said about the articles that are `known`."""
    for line in _lines("statements.jsonl"):
        source, start, end = line["place"]
        if source in known:
            yield Remark(line["text"], line["holds"], (source, start, end))


def _lines(file: str) -> Iterator[Any]:
    lines = (files(__name__) / file).read_text("utf-8").splitlines()
    return map(json.loads, lines)


def _spans(found: list[list[Any]]) -> tuple[Span, ...]:
    return tuple((source, start, end) for source, start, end in found)
