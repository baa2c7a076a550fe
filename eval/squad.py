"""SQuAD 2.0 files (Rajpurkar, Jia, Liang 2018) as articles and questions."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from rag.errors import InputError


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A question and its gold answers as (text, start) in the article; none: unanswerable."""

    id: str
    question: str
    source: str
    answers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Squad:
    """The articles, text by source, and the questions about them in the file's order."""

    articles: dict[str, str]
    questions: tuple[SquadQuestion, ...]


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
                    spans = {(a["text"], len(text) + a["answer_start"]) for a in answers}
                    questions.append(
                        SquadQuestion(qa["id"], qa["question"], source, tuple(sorted(spans)))
                    )
                text += paragraph["context"] + "\n\n"
            articles[source] = text
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not a SQuAD 2.0 file ({error!r}): check the path") from error
    return Squad(articles, tuple(questions))
