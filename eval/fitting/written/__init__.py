"""What people ask and models say about articles, written by hand in words far from theirs.

`written.jsonl` holds a statement or question a line, the part of an article that bears it out or
answers it, or that comes nearest where none does, and which of the two it is. Rules perturb a
sentence but keep its words; these are what is left to tell by meaning alone. The articles are
SQuAD's, read from its file, and the invented ones of the folder `news`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from eval.fitting.examples import Article, Example
from eval.squad import Squad, SquadQuestion


@dataclass(frozen=True, slots=True)
class Written:
    """A statement, or a question where it ends so, and the characters of an article that it is held
    against; `kind` says how it was made."""

    source: str
    start: int
    end: int
    text: str
    holds: bool
    kind: str

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.text.endswith("?")


def read_written() -> Sequence[Written]:
    """All that is written."""
    lines = (files("eval.fitting") / "written.jsonl").read_text("utf-8").splitlines()
    return [Written(**json.loads(line)) for line in lines]


def news() -> dict[str, str]:
    """The invented articles, text by source."""
    folder = files("eval.fitting") / "news"
    return {file.name: file.read_text("utf-8") for file in folder.iterdir()}


def statements(articles: Mapping[str, str]) -> Iterator[Example]:
    """What is said about `articles`, beside the sentences that bear it out or come nearest."""
    read = {source: Article(source, text) for source, text in articles.items()}
    for one in _about(articles):
        if not one.asks:
            article = read[one.source]
            sentence = article.read(*article.between(one.start, one.end))
            yield Example(one.text, sentence, one.holds, 2.0)


def questions(articles: Mapping[str, str]) -> Squad:
    """What is asked about `articles`, the sentence that answers as the answer."""
    asked = (
        SquadQuestion(
            f"{one.source}:{one.start}:{number}",
            one.text,
            one.source,
            ((articles[one.source][one.start : one.end], one.start),) if one.holds else (),
        )
        for number, one in enumerate(_about(articles))
        if one.asks
    )
    return Squad(dict(articles), tuple(asked))


def _about(articles: Mapping[str, str]) -> list[Written]:
    return [one for one in read_written() if one.source in articles]
