"""What is written by hand to fit on."""

from collections import Counter

from eval.fitting import written
from rag.segmentation import split


def test_what_is_written_about_an_article_lies_on_its_whole_sentences() -> None:
    news = written.news()
    about = [one for one in written.read_written() if one.source in news]
    assert {one.source for one in about} == set(news)
    for source, text in news.items():
        sentences = split(text)
        starts = {sentence.start for sentence in sentences}
        ends = {sentence.end for sentence in sentences}
        here = [one for one in about if one.source == source]
        assert all(one.start in starts and one.end in ends for one in here)


def test_nothing_is_told_by_what_is_said_alone() -> None:
    said = written.read_written()
    assert len({(one.source, one.text) for one in said}) == len(said)
    for asks in (True, False):
        held = Counter(one.holds for one in said if one.asks == asks)
        assert 0.5 <= held[False] / held[True] <= 2


def test_a_statement_stands_beside_its_sentences_under_the_title() -> None:
    name, article = next(iter(written.news().items()))
    made = list(written.statements({name: article}))
    title = name.removesuffix(".txt")
    for example in made:
        assert example.sentence.startswith(f"{title}. ")
        assert example.sentence.removeprefix(f"{title}. ") in " ".join(article.split())
    assert {example.holds for example in made} == {True, False}


def test_a_question_is_answered_by_its_sentences_or_by_nothing() -> None:
    name, article = next(iter(written.news().items()))
    squad = written.questions({name: article})
    assert {bool(asked.answers) for asked in squad.questions} == {True, False}
    for asked in squad.questions:
        assert asked.question.endswith("?")
        assert all(article.startswith(answer, start) for answer, start in asked.answers)
