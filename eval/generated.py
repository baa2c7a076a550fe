"""SQuAD articles and questions -> labelled statements about them, made by rule from a seed.

True ones reword a sentence (shortened, other number words, date order, voice or spelling) or join a
question and its answer; false ones change a number, date, name, denial, the sides of a verb or how
much is claimed. Each names the exact sentences that it was made from.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.cases import Excerpt, Statement
from eval.joining import joined, sort
from eval.rewordings import CHANGES, EXACT, REWORDINGS, Material, material, shortened
from eval.squad import Squad, SquadQuestion
from rag.segmentation import flat, split


@dataclass(frozen=True, slots=True)
class GeneratedStatement:
    """A statement about an article, whether it says what its `evidence` does, and how it was made.

    `evidence` holds the exact sentences of `source` that it comes from.
    """

    statement: str
    supported: bool
    kind: str
    source: str
    evidence: tuple[str, ...]


def generate(squad: Squad, count: int, seed: int) -> list[GeneratedStatement]:
    """`count` statements, or all that can be made; the same for the same `seed`.

    Kinds come in turn, so that each has its share while it lasts.
    """
    draw = random.Random(seed)
    made: dict[str, list[GeneratedStatement]] = {}
    for source, text in sorted(squad.articles.items()):
        sentences = [text[s.start : s.end] for s in split(text) if s.quotable]
        whole = [one for one in sentences if 40 <= len(one) <= 320 and one[0].isupper()]
        stock = material(text)
        for one in whole:
            for statement in _about(one, source, stock, draw):
                made.setdefault(statement.kind, []).append(statement)
        asked = [question for question in squad.questions if question.source == source]
        for statement in _answered(asked, text, draw):
            made.setdefault(statement.kind, []).append(statement)
    for statements in made.values():
        draw.shuffle(statements)
    return _in_turn([made[kind] for kind in sorted(made)], count)


def generated(squad: Squad, count: int, seed: int) -> tuple[Statement, ...]:
    """`count` generated statements as those of a set."""
    return tuple(
        Statement(
            id=f"generated-{number}",
            kind="true" if one.supported else one.kind,
            statement=one.statement,
            supported=one.supported,
            evidence=tuple(Excerpt(one.source, sentence) for sentence in one.evidence),
        )
        for number, one in enumerate(generate(squad, count, seed), start=1)
    )


def _in_turn(lists: Sequence[list[GeneratedStatement]], count: int) -> list[GeneratedStatement]:
    chosen: list[GeneratedStatement] = []
    for turn in range(max(map(len, lists), default=0)):
        chosen += [each[turn] for each in lists if turn < len(each)]
        if len(chosen) >= count:
            break
    return chosen[:count]


def _about(
    sentence: str, source: str, stock: Material, draw: random.Random
) -> Iterator[GeneratedStatement]:
    """Every statement that the rules make of one sentence."""
    plain = flat(sentence)
    for kind, reword in REWORDINGS.items():
        quoting = any(mark in plain for mark in '"“”')
        said = None if quoting and kind in EXACT else reword(plain, stock, draw)
        if said and said != plain:
            yield GeneratedStatement(said, True, kind, source, (sentence,))
    shorter = shortened(plain, stock, draw) or plain
    for kind, change in CHANGES.items():
        said = change(draw.choice((plain, shorter)), stock, draw)
        if said and said not in (plain, shorter):
            yield GeneratedStatement(said, False, kind, source, (sentence,))


def _answered(
    asked: Sequence[SquadQuestion], text: str, draw: random.Random
) -> Iterator[GeneratedStatement]:
    """Questions joined with their answers, and with answers of the same sort to other questions."""
    spans = [(s.start, s.end) for s in split(text)]
    source = asked[0].source if asked else ""
    pool: dict[str, list[str]] = {}
    for answer in sorted({answer for question in asked for answer, _ in question.answers}):
        pool.setdefault(sort(answer), []).append(answer)
    for question in asked:
        if not question.answers:
            continue
        answer, at = min(question.answers, key=lambda given: (len(given[0]), given))
        evidence = next((text[a:b] for a, b in spans if a <= at < b), None)
        said = joined(question.question, answer)
        if said is None or evidence is None or answer not in evidence:
            continue
        yield GeneratedStatement(said, True, "answer", source, (evidence,))
        sorted_as = sort(answer)
        words = set(re.findall(r"\w+", evidence.lower()))
        others = [
            other
            for other in pool.get(sorted_as, ())
            if not words & set(re.findall(r"\w+", other.lower()))
        ]
        wrong = joined(question.question, draw.choice(others)) if others and sorted_as else None
        if wrong:
            yield GeneratedStatement(wrong, False, f"answer_{sorted_as}", source, (evidence,))
