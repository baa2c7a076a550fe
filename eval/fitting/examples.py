"""What the cross-encoder is fitted on: texts, sentences, and whether the one holds the other.

Questions and the sentences that retrieval finds for them, from a SQuAD 2.0 file; the same questions
about another name, number or date; the statements that they make with their answers, right, wrong
and merely plausible; sentences of its articles, perturbed; claims of FEVER-Symmetric; and the tune
half of what is known about the seeds.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from eval.cases import CaseSet, Statement, split
from eval.fitting import perturbations
from eval.fitting.statements import statement
from eval.squad import Squad, SquadQuestion
from rag.evidence.answers import JUDGED, reading
from rag.records import Passage
from rag.retrieval import by_score
from rag.segmentation import flat
from rag.segmentation import split as sentences_of
from rag.service import Service

_WRONG = 2  # sentences that do not answer, for each question of a set
_ASKED = {"name": 0.4, "number": 0.7, "date": 0.7, "role": 0.3, "negation": 0.1, "overclaim": 0.2}
_KEPT = {"role": 0.5, "negation": 0.5, "overclaim": 0.3, "name": 0.15, "number": 0.3, "date": 0.6}


@dataclass(frozen=True, slots=True)
class Example:
    """A question or statement, a sentence as the cross-encoder reads it, whether the one answers or
    bears out the other, and how much that counts. Those of one `group` are sentences for the same
    question, of which the ones that hold are to come first."""

    text: str
    sentence: str
    holds: bool
    weight: float = 1.0
    group: str = ""


def from_questions(squad: Squad, service: Service, rng: Random, wrong: int) -> Iterator[Example]:
    """The answering sentence of each question, and `wrong` others that retrieval finds: the best
    but for one, drawn from the rest. Those that happen to hold the answer's words are left out."""
    found = {source: sentences_of(text) for source, text in squad.articles.items()}
    for question in squad.questions:
        gold = {
            (question.source, sentence.start)
            for _, start in question.answers
            for sentence in found[question.source]
            if sentence.start <= start < sentence.end
        }
        right, others = _candidates(question, gold, service)
        chosen = others[: wrong - 1] + (
            [rng.choice(others[wrong - 1 :])] if others[wrong - 1 :] else []
        )
        group = question.id if right else ""
        for sentence in right:
            yield Example(question.question, sentence, True, 1.5, group)
        for sentence in chosen:
            yield Example(question.question, sentence, False, 1.0, group)


def from_other_questions(squad: Squad, rng: Random) -> Iterator[Example]:
    """Questions asked about another name, number or date of the article, with the sentence that
    answers as they were."""
    for source, text in squad.articles.items():
        golds = _Golds(source, text)
        names = _names(_sentences(text))
        for question in squad.questions:
            if question.source != source or not question.answers:
                continue
            gold = golds.at(question.answers[0][1])
            if not gold:
                continue
            read = f"{golds.title}. {gold}"
            asked = perturbations.false_forms(question.question, read, names, rng)
            for kind, other in asked.items():
                if rng.random() < _ASKED[kind]:
                    yield Example(other, read, False, 0.8)


def from_statements(squad: Squad, rng: Random) -> Iterator[Example]:
    """Each question with its answer, with a wrong answer of the same sort, and, where it has no
    answer, with the one that is plausible."""
    golds = {source: _Golds(source, text) for source, text in squad.articles.items()}
    same_sort: dict[tuple[str, str], list[str]] = {}
    for question in squad.questions:
        for answer, _ in question.answers[:1]:
            same_sort.setdefault((question.source, _sort(answer)), []).append(answer)
    for question in squad.questions:
        possible = question.answers or question.plausible
        said, at = min(possible, key=lambda one: len(one[0]), default=("", -1))
        gold = golds[question.source].at(at)
        text = statement(question.question, said) if gold else None
        if not gold or not text:
            continue
        read = f"{golds[question.source].title}. {gold}"
        yield Example(text, read, bool(question.answers), 1.5 if question.answers else 0.8)
        if question.answers:
            others = [a for a in same_sort[question.source, _sort(said)] if a not in gold]
            for other in rng.sample(others, min(1, len(others))):
                if wrong := statement(question.question, other):
                    yield Example(wrong, read, False, 0.8)


def from_sentences(squad: Squad, rng: Random) -> Iterator[Example]:
    """The sentences of the articles, in part or in other words, and perturbed."""
    for source, text in squad.articles.items():
        title = _title(source)
        sentences = _sentences(text)
        others = _names(sentences)
        for sentence in sentences:
            if not 40 <= len(sentence) <= 400:
                continue
            read = f"{title}. {sentence}"
            forms = perturbations.true_forms(sentence)
            form = rng.choice(forms[1:] or forms or [sentence])
            rewritten = perturbations.rewritten(form)
            if rewritten or rng.random() < 0.3:
                yield Example(rewritten or form, read, True, 1.5)
            for kind, false in perturbations.false_forms(form, sentence, others, rng).items():
                if rng.random() < _KEPT[kind]:
                    yield Example(false, read, False, 0.8)
            true, swapped = perturbations.voices(sentence)
            yield from (Example(one, read, True, 1.5) for one in true)
            yield from (Example(one, read, False, 0.8) for one in swapped)


def from_claims(path: Path) -> Iterator[Example]:
    """FEVER-Symmetric (Schuster et al. 2019), a JSON object a line, its tokens joined to text."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        holds = row["gold_label"] == "SUPPORTS"
        yield Example(joined(row["claim"]), joined(row["evidence"]), holds, 2.0)


def from_cases(cases: CaseSet, service: Service) -> Iterator[Example]:
    """The tune half of a set of cases: sentences that say every fact, and two that say none."""
    for case in cases.cases:
        if split(case.id) != "tune" or case.conversation or case.kind == "false_premise":
            continue
        wrong = 0
        for passage, at in by_score(service.retriever.search(case.question))[:JUDGED]:
            sentence = passage.sentences[at]
            quote = [flat(passage.slice(sentence.start, sentence.end))]
            said = [any(cases.says(one, quote) for one in fact.any) for fact in case.facts]
            if said and all(said) and case.expect != "refuse":
                yield Example(case.question, reading(passage, at), True, 2.0)
            elif not any(said) and wrong < _WRONG:
                wrong += 1
                yield Example(case.question, reading(passage, at), False, 1.5)


def from_known(statements: Sequence[Statement], service: Service) -> Iterator[Example]:
    """The tune half of known statements: a true one with the one excerpt that bears it out, a false
    one with the sentences that come nearest."""
    for known in statements:
        if split(known.id) != "tune":
            continue
        if known.supported and len(known.evidence) == 1:
            yield Example(known.statement, flat(known.evidence[0].excerpt), True, 2.0)
        elif not known.supported:
            for passage, at in by_score(service.retriever.search(known.statement))[:2]:
                yield Example(known.statement, reading(passage, at), False, 1.5)


def joined(tokens: str) -> str:
    """Text whose tokens stand apart, as it was written."""
    text = tokens.replace("-LRB-", "(").replace("-RRB-", ")").replace(" -- ", "–")
    text = re.sub(r"\s+([.,;:!?')])", r"\1", text)
    return text.replace("`` ", '"').replace("( ", "(")


def _candidates(
    question: SquadQuestion, gold: set[tuple[str, int]], service: Service
) -> tuple[list[str], list[str]]:
    """The sentences found for a question, best first: those that answer, and those that do not."""
    right, wrong = [], []
    for rank, (passage, at) in enumerate(by_score(service.retriever.search(question.question))):
        if _is_gold(passage, at, gold):
            right.append(reading(passage, at))
        elif rank < JUDGED and not any(a in reading(passage, at) for a, _ in question.answers):
            wrong.append(reading(passage, at))
    return right, wrong


def _is_gold(passage: Passage, at: int, gold: set[tuple[str, int]]) -> bool:
    return (passage.source, passage.sentences[at].start) in gold


class _Golds:
    """The sentences of an article, by the characters that stand in them."""

    def __init__(self, source: str, text: str) -> None:
        self.title = _title(source)
        self._text = text
        self._spans = [(sentence.start, sentence.end) for sentence in sentences_of(text)]

    def at(self, place: int) -> str | None:
        """The sentence around a character."""
        spans = ((start, end) for start, end in self._spans if start <= place < end)
        return next((flat(self._text[start:end]) for start, end in spans), None)


def _sentences(text: str) -> list[str]:
    return [flat(text[sentence.start : sentence.end]) for sentence in sentences_of(text)]


def _names(sentences: Sequence[str]) -> list[str]:
    """The names in an article's sentences that can take another's place."""
    return [name for one in sentences for name, _ in perturbations.names(one) if len(name) > 3]


def _title(source: str) -> str:
    return source.removesuffix(".txt").replace("_", " ")


def _sort(answer: str) -> str:
    """What sort of thing an answer is: a wrong one is to be of the same."""
    if re.search(r"\b\d{4}\b", answer):
        return "year"
    if re.search(r"\d", answer):
        return "number"
    return "name" if answer[:1].isupper() else "other"
