"""What is written by hand to fit on."""

from eval.fitting import written
from rag.segmentation import split


def test_what_is_written_about_an_article_lies_on_its_whole_sentences() -> None:
    articles = written.articles()
    places = {
        place for asked in written.questions(articles) for place in asked.answers + asked.nearest
    }
    assert {source for source, _, _ in places} == set(articles)
    for source, text in articles.items():
        sentences = split(text)
        starts = {sentence.start for sentence in sentences}
        ends = {sentence.end for sentence in sentences}
        here = [(start, end) for one, start, end in places if one == source]
        assert all(start in starts and end in ends for start, end in here)


def test_a_question_has_answers_or_what_looks_like_one() -> None:
    asked = list(written.questions(written.articles()))
    assert all(bool(one.answers) != bool(one.nearest) for one in asked)
    assert sum(one.text.endswith("?") for one in asked) > 0.95 * len(asked)
    assert len({one.text for one in asked}) == len(asked)
    assert 0.5 <= sum(bool(one.answers) for one in asked) / len(asked) <= 0.7


def test_statements_lie_on_whole_sentences_and_hold_as_often_as_not() -> None:
    articles = written.articles()
    made = list(written.statements(articles))
    bounds = {
        source: ({one.start for one in split(text)}, {one.end for one in split(text)})
        for source, text in articles.items()
    }
    for remark in made:
        source, start, end = remark.at
        assert start in bounds[source][0]
        assert end in bounds[source][1]
    assert 0.45 <= sum(remark.holds for remark in made) / len(made) <= 0.55


def test_what_is_written_about_an_article_that_is_not_known_is_left_out() -> None:
    assert not list(written.questions({}))
    assert not list(written.statements({}))
