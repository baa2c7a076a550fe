"""SQuAD 2.0 files (Rajpurkar, Jia, Liang 2018) as articles and questions, and as a set of cases."""

import json
import random
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.cases import Case, CaseSet, Excerpt, Fact
from rag.errors import InputError
from rag.segmentation import split

SQUAD = "squad"
"""The name of the set."""

_ARTICLES = frozenset(("a", "an", "the"))


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A question and its gold answers as (text, start) in the article; none: unanswerable, and then
    what might be taken for one is `plausible`."""

    id: str
    question: str
    source: str
    answers: tuple[tuple[str, int], ...]
    plausible: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Squad:
    """The articles, text by source, and the questions about them in the file's order."""

    articles: dict[str, str]
    questions: tuple[SquadQuestion, ...]

    def without(self, sources: Collection[str]) -> "Squad":
        """The same without these articles and the questions about them."""
        return Squad(
            {source: text for source, text in self.articles.items() if source not in sources},
            tuple(asked for asked in self.questions if asked.source not in sources),
        )

    def write(self, folder: Path) -> None:
        """Write the articles into `folder`, one text file each."""
        for source, text in self.articles.items():
            (folder / source).write_bytes(text.encode())


def read_squad(path: Path) -> Squad:
    """Read a SQuAD 2.0 file; an article is its paragraphs with an empty line between them.

    Raises InputError where the file is not of that format.
    """
    articles: dict[str, str] = {}
    questions: list[SquadQuestion] = []
    try:
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            source = re.sub(r"[^\w.,()'-]", "_", article["title"]) + ".txt"
            text = ""
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    answers = () if qa.get("is_impossible") else qa["answers"]
                    questions.append(
                        SquadQuestion(
                            qa["id"],
                            qa["question"],
                            source,
                            _spans(answers, len(text)),
                            _spans(qa.get("plausible_answers", ()), len(text)),
                        )
                    )
                text += paragraph["context"] + "\n\n"
            articles[source] = text
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not a SQuAD 2.0 file ({error!r}): check the path") from error
    return Squad(articles, tuple(questions))


def squad_set(squad: Squad, questions: int, seed: int) -> CaseSet:
    """`questions` answerable and as many unanswerable questions, drawn with `seed`, or all there
    are of a sort.

    A question's one fact is any of its gold answers; the evidence is the sentence, as the engine
    cuts the article, in which a gold answer starts.
    """
    chosen: list[SquadQuestion] = []
    for answerable in (True, False):
        there = [asked for asked in squad.questions if bool(asked.answers) is answerable]
        chosen += random.Random(seed).sample(there, min(questions, len(there)))
    sentences = {
        source: [(sentence.start, sentence.end) for sentence in split(squad.articles[source])]
        for source in {asked.source for asked in chosen}
    }
    cases = (
        _case(asked, squad.articles[asked.source], sentences[asked.source]) for asked in chosen
    )
    return CaseSet(
        name=SQUAD,
        cases=tuple(cases),
        texts=squad.articles,
        says=contains_answer,
    )


def contains_answer(answer: str, claims: Sequence[str]) -> bool:
    """Whether one of the claims contains a gold answer, both normalised, in whole words."""
    wanted = f" {normalised(answer)} "
    return any(wanted in f" {normalised(claim)} " for claim in claims)


def normalised(text: str) -> str:
    """Lower case without punctuation and articles, single-spaced, after SQuAD's evaluation.

    There punctuation is deleted; here it parts words, so that 1314 is found in “1249–1314”.
    """
    words = re.findall(r"\w+", text.lower())
    return " ".join(word for word in words if word not in _ARTICLES)


def _spans(answers: Iterable[dict[str, Any]], offset: int) -> tuple[tuple[str, int], ...]:
    return tuple(sorted({(one["text"], offset + one["answer_start"]) for one in answers}))


def _case(asked: SquadQuestion, text: str, sentences: Sequence[tuple[int, int]]) -> Case:
    if not asked.answers:
        return Case(asked.id, "unanswerable", asked.question, "refuse")
    gold = {
        text[start:end] for _, at in asked.answers for start, end in sentences if start <= at < end
    }
    evidence = tuple(Excerpt(asked.source, sentence) for sentence in sorted(gold))
    alternatives = tuple(sorted({answer for answer, _ in asked.answers}))
    return Case(asked.id, "answerable", asked.question, "answer", (Fact(alternatives, evidence),))
