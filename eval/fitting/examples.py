"""What the cross-encoder is fitted on: texts, sentences, and whether the one holds the other.

Questions and the sentences that retrieval finds for them, from a SQuAD 2.0 file; the same questions
about another name, number or date; the statements that they make with their answers, right, wrong
and merely plausible; sentences of its articles, perturbed; what a small model says about them;
claims of FEVER-Symmetric; and the tune half of what is known about the seeds. What is written by
hand is in `eval.fitting.written`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

from eval.cases import CaseSet, Statement, split
from eval.fitting import perturbations
from eval.fitting.articles import Article, names
from eval.fitting.sayings import Saying
from eval.fitting.statements import statement
from eval.squad import Squad
from rag.evidence.answers import JUDGED
from rag.evidence.mechanical import coverage
from rag.evidence.reading import reading, understood
from rag.evidence.support import candidates
from rag.records import Passage
from rag.retrieval import by_score
from rag.segmentation import flat
from rag.service import Service

_WRONG = 2  # sentences that do not answer, for each question of a set
_RIVALS = 16  # sentences found for a question, the best, of which those may be
_ASKED = {"name": 0.4, "number": 0.7, "date": 0.7, "role": 0.3, "negation": 0.1, "overclaim": 0.2}
_KEPT = {"role": 0.5, "negation": 0.5, "overclaim": 0.3, "name": 0.15, "number": 0.3, "date": 0.6}
_KEPT_VARIED = {**_KEPT, "word": 0.15, "mixed": 0.25}
_WITH_BEFORE = 0.35  # of the statements are read beside the sentence before theirs as well
_COPIED = 0.75  # the share of a saying's words from which on it may well be true

Span = tuple[str, int, int]
"""A source, and the characters of it from where to where."""


def lies_in(spans: Sequence[Span], source: str, start: int, end: int) -> bool:
    """Whether what stands from `start` to `end` of a source has a part in any of the spans."""
    return any(one == source and start < last and first < end for one, first, last in spans)


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


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the spans that matter to it: each sentence of its `answers` answers it, those
    of `nearest` look as if they did. One elsewhere with any of the `words` may answer it too."""

    text: str
    answers: tuple[Span, ...]
    nearest: tuple[Span, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A statement, the span of the sentence or the two neighbours that bear it out or come nearest,
    and which of both."""

    text: str
    holds: bool
    at: Span


def of_squad(squad: Squad) -> Iterator[Question]:
    """The questions of a SQuAD file."""
    for asked in squad.questions:
        spans = tuple((asked.source, start, start + 1) for _, start in asked.answers)
        yield Question(asked.question, spans, words=tuple(text for text, _ in asked.answers))


def from_questions(
    questions: Iterable[Question], service: Service, rng: Random, wrong: int
) -> Iterator[Example]:
    """Of the sentences that retrieval finds for each question those that answer it, and `wrong`
    others: the likeliest but for one, drawn from the rest."""
    for question in questions:
        right, others = _candidates(question, service)
        chosen = others[: wrong - 1] + (
            [rng.choice(others[wrong - 1 :])] if others[wrong - 1 :] else []
        )
        group = question.text if right else ""
        for sentence in right:
            yield Example(question.text, sentence, True, 1.5, group)
        for sentence in chosen:
            yield Example(question.text, sentence, False, 1.0, group)


def from_other_questions(squad: Squad, rng: Random) -> Iterator[Example]:
    """Questions asked about another name, number or date of the article, with the sentence that
    answers as they were."""
    for source, text in squad.articles.items():
        article = Article(source, text)
        for question in squad.questions:
            if question.source != source or not question.answers:
                continue
            gold = article.at(question.answers[0][1])
            if not gold:
                continue
            read, beside = article.read(gold), rng.choice(article.sentences)
            asked = perturbations.false_forms(question.question, read, article.names, beside, rng)
            for kind, other in asked.items():
                if rng.random() < _ASKED.get(kind, 0):
                    yield Example(other, read, False, 0.8)


def from_statements(squad: Squad, rng: Random, varied: bool) -> Iterator[Example]:
    """Each question with its answer, with a wrong answer of the same sort, and, where it has no
    answer, with the one that is plausible; read as `from_sentences` does."""
    among = rng if varied else None
    articles = {source: Article(source, text, among) for source, text in squad.articles.items()}
    same_sort: dict[tuple[str, str], list[str]] = {}
    for question in squad.questions:
        for answer, _ in question.answers[:1]:
            same_sort.setdefault((question.source, _sort(answer)), []).append(answer)
    for question in squad.questions:
        possible = question.answers or question.plausible
        said, at = min(possible, key=lambda one: len(one[0]), default=("", -1))
        article = articles[question.source]
        gold = article.at(at)
        text = statement(question.question, said) if gold else None
        if not gold or not text:
            continue
        read = article.read(gold)
        yield Example(text, read, bool(question.answers), 1.5 if question.answers else 0.8)
        if question.answers:
            others = [a for a in same_sort[question.source, _sort(said)] if a not in gold]
            for other in rng.sample(others, min(1, len(others))):
                if wrong := statement(question.question, other):
                    yield Example(wrong, read, False, 0.8)


def from_sentences(squad: Squad, rng: Random, varied: bool) -> Iterator[Example]:
    """The sentences of the articles, in part or in other words, and perturbed. Where they are
    `varied`, under titles, openings or nothing, some mixed of two or with another's words, and some
    beside the sentence before them, whose names then take their names' place."""
    for source, text in squad.articles.items():
        article = Article(source, text, rng if varied else None)
        kept = _KEPT_VARIED if varied else _KEPT
        for before, sentence in pairwise(["", *article.sentences]):
            if not 40 <= len(sentence) <= 400:
                continue
            read, others = article.read(sentence), article.names
            if varied and before and rng.random() < _WITH_BEFORE:
                read, others = article.read(before, sentence), names([before]) or others
            forms = perturbations.true_forms(sentence)
            form = rng.choice(forms[1:] or forms or [sentence])
            rewritten = perturbations.rewritten(form)
            if rewritten or rng.random() < 0.3:
                yield Example(rewritten or form, read, True, 1.5)
            beside = before or rng.choice(article.sentences)
            false = perturbations.false_forms(form, sentence, others, beside, rng)
            for kind, one in false.items():
                if rng.random() < kept.get(kind, 0):
                    yield Example(one, read, False, 0.8)
            true, swapped = perturbations.voices(sentence)
            yield from (Example(one, read, True, 1.5) for one in true)
            yield from (Example(one, read, False, 0.8) for one in swapped)
            if varied:
                yield from _of_one_named_before(article, before, sentence, rng)


def _of_one_named_before(
    article: Article, before: str, sentence: str, rng: Random
) -> Iterator[Example]:
    """A sentence about somebody by pronoun, said of the one that the sentence before it names, and
    of another."""
    if found := perturbations.named(sentence, before):
        said, name = found
        read = article.read(before, sentence)
        yield Example(said, read, True, 1.5)
        if others := [other for other in article.names if other not in read]:
            yield Example(said.replace(name, rng.choice(others), 1), read, False, 0.8)


def from_remarks(remarks: Iterable[Remark], service: Service) -> Iterator[Example]:
    """Each statement as it is read when it is checked: a true one beside the sentences that bear
    it out, a false one beside the two nearest that the rules leave open."""
    for remark in remarks:
        held = candidates(remark.text, service.retriever.search(remark.text))
        if not remark.holds:
            for one in [one for one in held if not one.unsaid][:_WRONG] or held[:1]:
                yield Example(one.written(remark.text), one.reading, False, 1.5)
            continue
        right = [one for one in held if _lies_in((remark.at,), one.passage, one.at)]
        for one in right[:1]:
            beside = {*one.beside, *((one.passage, at) for at in _within(remark.at, one.passage))}
            read = reading((one.passage, one.at), [*beside - {(one.passage, one.at)}])
            yield Example(one.written(remark.text), read, True, 2.0)


def from_sayings(said: Iterable[Saying], service: Service) -> Iterator[Example]:
    """What a small model said about the articles, beside the two sentences that come nearest: taken
    for its invention but where it mostly repeats their words."""
    for sentence in dict.fromkeys(one.sentence for one in said):
        for one in candidates(sentence, service.retriever.search(sentence))[:2]:
            if coverage(sentence, [one.reading]) < _COPIED:
                yield Example(sentence, one.reading, False, 0.5)


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
                yield Example(case.question, understood(passage, at), True, 2.0)
            elif not any(said) and wrong < _WRONG:
                wrong += 1
                yield Example(case.question, understood(passage, at), False, 1.5)


def from_known(statements: Sequence[Statement], service: Service) -> Iterator[Example]:
    """The tune half of known statements: a true one with the excerpts that bear it out, a false one
    with the sentences that come nearest."""
    for known in statements:
        if split(known.id) != "tune":
            continue
        passages = service.retriever.search(known.statement)
        if known.supported:
            source = known.evidence[0].source
            context = next((f"{one.context}." for one in passages if one.source == source), "")
            read = " ".join([context, *(flat(one.excerpt) for one in known.evidence)])
            yield Example(known.statement, read.strip(), True, 2.0)
            continue
        for one in candidates(known.statement, passages)[:2]:
            yield Example(known.statement, one.reading, False, 1.5)


def joined(tokens: str) -> str:
    """Text whose tokens stand apart, as it was written."""
    text = tokens.replace("-LRB-", "(").replace("-RRB-", ")").replace(" -- ", "–")
    text = re.sub(r"\s+([.,;:!?')])", r"\1", text)
    return text.replace("`` ", '"').replace("( ", "(")


def _candidates(question: Question, service: Service) -> tuple[list[str], list[str]]:
    """The sentences found for a question, likeliest first: those that answer, and the others."""
    right, nearest, others = [], [], []
    for rank, (passage, at) in enumerate(by_score(service.retriever.search(question.text))):
        read = understood(passage, at)
        if _lies_in(question.answers, passage, at):
            right.append(read)
        elif _lies_in(question.nearest, passage, at):
            nearest.append(read)
        elif rank < _RIVALS and not any(word in read for word in question.words):
            others.append(read)
    return right, nearest + others


def _within(span: Span, passage: Passage) -> list[int]:
    """The sentences of a passage that lie in a span."""
    return [at for at in range(len(passage.sentences)) if _lies_in((span,), passage, at)]


def _lies_in(spans: Sequence[Span], passage: Passage, at: int) -> bool:
    sentence = passage.sentences[at]
    return lies_in(spans, passage.source, sentence.start, sentence.end)


def _sort(answer: str) -> str:
    """What sort of thing an answer is: a wrong one is to be of the same."""
    if re.search(r"\b\d{4}\b", answer):
        return "year"
    if re.search(r"\d", answer):
        return "number"
    return "name" if answer[:1].isupper() else "other"
