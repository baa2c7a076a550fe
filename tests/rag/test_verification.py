"""Verifying a saved answer: whatever does not hold is named, and nothing else."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from rag.errors import InputError
from rag.library import Library
from rag.records import Answer, Citation, Claim
from rag.verification import load, problems
from tests.fakes import article

HARBOUR = "Harbours\n\nShips call daily. The harbour\nwas opened in 1856.\nIt is “deep”.\n"
CASTLE = "The castle burned down."


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library", {})
    put(library, "a.txt", HARBOUR)
    put(library, "b.txt", CASTLE)
    yield library
    library.close()


def put(library: Library, source: str, text: str) -> None:
    library.put(article(source, text), None, [])


def citation(id_: int, source: str, text: str, quote: str) -> Citation:
    of = article(source, text)
    start = text.index(quote)
    line = text[:start].count("\n") + 1
    return Citation(
        id=id_,
        source=source,
        title=of.title,
        date=of.date,
        quote=quote,
        start=start,
        end=start + len(quote),
        line=line,
        sha256=of.sha256,
    )


FIRST = citation(1, "a.txt", HARBOUR, "The harbour\nwas opened in 1856.")
SECOND = citation(2, "b.txt", CASTLE, "The castle burned down.")
ANSWER = Answer(
    question="What happened?",
    standalone_question="What happened?",
    status="answered",
    answer="The harbour was opened in 1856. [1] The castle burned down. [2]",
    claims=(
        Claim("The harbour was opened in 1856.", (1,), 0.9),
        Claim("The castle burned down.", (2,), 0.8),
    ),
    citations=(FIRST, SECOND),
    dropped=(),
    confidence=0.9,
    model="extractive",
    degraded=None,
)
REFUSAL = replace(ANSWER, status="refused", answer="No.", claims=(), citations=())


def with_first(**changes: str | int) -> Answer:
    """The answer with its first citation changed."""
    return replace(ANSWER, citations=(replace(FIRST, **changes), SECOND))  # type: ignore[arg-type]


def test_an_answer_that_holds_has_no_problems(library: Library) -> None:
    assert problems(ANSWER, library) == []
    assert problems(REFUSAL, library) == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (with_first(start=FIRST.start + 1), r"\[1\] a\.txt: the quote is not at 29–"),
        (with_first(end=FIRST.end - 1), "the quote is not at"),
        (with_first(start=FIRST.start + 1, end=FIRST.end + 1), "the quote is not at"),
        (with_first(quote="The harbour was opened in 1856."), "the quote is not at"),
        (with_first(start=-1), "the quote is not at"),
        (with_first(start=FIRST.end, end=FIRST.end, quote=""), "the quote is not at"),
        (with_first(end=10**30), "the quote is not at"),
        (with_first(line=FIRST.line + 1), r"\[1\] a\.txt: the quote is not on line 4"),
        (with_first(sha256="0" * 64), r"\[1\] a\.txt has changed since"),
        (with_first(source="c.txt"), r"\[1\] c\.txt is no longer in the library"),
        (replace(ANSWER, answer=ANSWER.answer + " [3]"), r"\[3\] is cited and not there"),
        (replace(ANSWER, citations=(FIRST,)), r"\[2\] is cited and not there"),
        (replace(ANSWER, claims=ANSWER.claims[:1]), r"\[2\] is not used by any claim"),
        (replace(ANSWER, citations=(FIRST, SECOND, SECOND)), "same id"),
        (replace(REFUSAL, citations=(FIRST,)), "refusal has"),
        (replace(REFUSAL, claims=ANSWER.claims[:1], citations=(FIRST,)), "refusal has"),
        (
            replace(ANSWER, claims=(*ANSWER.claims, Claim("It is so.", (), 1.0))),
            "No citation: It is so",
        ),
    ],
)
def test_what_does_not_hold_is_named(library: Library, answer: Answer, problem: str) -> None:
    found = problems(answer, library)
    assert any(re.search(problem, line) for line in found), found
    assert all("\n" not in line for line in found)


def test_a_changed_article_is_named_even_where_the_quote_still_stands(library: Library) -> None:
    put(library, "a.txt", HARBOUR + "A line was added.\n")
    assert problems(ANSWER, library) == ["[1] a.txt has changed since"]


def test_a_quote_that_moved_in_a_changed_article_is_named(library: Library) -> None:
    put(library, "a.txt", "A line before.\n" + HARBOUR)
    found = problems(ANSWER, library)
    assert len(found) == 2
    assert all(line.startswith("[1] a.txt") for line in found)


def test_a_removed_article_is_named(library: Library) -> None:
    library.remove("b.txt")
    assert problems(ANSWER, library) == ["[2] b.txt is no longer in the library"]


@pytest.mark.parametrize(
    "answer",
    [
        replace(ANSWER, answer="It is so.", claims=(), citations=()),
        replace(ANSWER, answer="The harbour was closed. [1] The castle burned down. [2]"),
        replace(ANSWER, answer=f"{ANSWER.answer} And more was said."),
    ],
)
def test_words_that_no_claim_bears_do_not_hold(library: Library, answer: Answer) -> None:
    assert problems(answer, library)


def test_a_marker_of_absurd_length_is_a_problem_and_no_crash(library: Library) -> None:
    assert problems(replace(ANSWER, answer=f"{ANSWER.answer} [{'9' * 5000}]"), library)


def saved(tmp_path: Path, *answers: Answer, **how: object) -> Path:
    path = tmp_path / "answers.json"
    lines = [json.dumps(asdict(answer), ensure_ascii=False, **how) for answer in answers]  # type: ignore[arg-type]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_saved_answer_is_read_as_it_was(tmp_path: Path) -> None:
    assert load(saved(tmp_path, ANSWER)) == [ANSWER]
    assert load(saved(tmp_path, REFUSAL, indent=2)) == [REFUSAL]
    assert load(saved(tmp_path, ANSWER, REFUSAL, ANSWER)) == [ANSWER, REFUSAL, ANSWER]


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x1c", "\n", "\r"], ids=ascii)
def test_only_a_line_feed_ends_a_line_of_saved_answers(tmp_path: Path, separator: str) -> None:
    odd = replace(ANSWER, question=f"What{separator}happened?")
    assert load(saved(tmp_path, odd)) == [odd]
    assert load(saved(tmp_path, odd, ANSWER)) == [odd, ANSWER]


def without(field: str) -> Callable[[dict[str, object]], object]:
    return lambda answer: {key: value for key, value in answer.items() if key != field}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "Answer"),
        ("no JSON", "Answer"),
        ("[1, 2", "Answer"),
        ("null", "Answer"),
        ("[]", "Answer"),
        ('{"a": 1}', "question"),
        (json.dumps({**asdict(ANSWER), "status": "perhaps"}), "status"),
        (json.dumps({**asdict(ANSWER), "claims": "none"}), "claims"),
        (json.dumps({**asdict(ANSWER), "citations": [{"id": "one"}]}), "citations"),
        (json.dumps(without("confidence")(asdict(ANSWER))), "confidence"),
        (json.dumps(asdict(ANSWER)) + "\nno JSON\n", "Answer"),
    ],
)
def test_what_is_no_answer_is_an_error_that_names_the_next_step(
    tmp_path: Path, content: str, named: str
) -> None:
    path = tmp_path / "answer.json"
    path.write_text(content)
    with pytest.raises(InputError, match=f"{named}.*citewell ask --json") as error:
        load(path)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("damaged", [0, 1, 3], ids=["first", "middle", "last"])
def test_of_many_saved_answers_the_damaged_line_is_named(tmp_path: Path, damaged: int) -> None:
    path = saved(tmp_path, ANSWER, REFUSAL, ANSWER, REFUSAL)
    lines = path.read_text().splitlines()
    lines[damaged] = lines[damaged][:-9]
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match=f"line {damaged + 1}, does not hold an Answer"):
        load(path)


def test_a_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes("ä".encode("latin-1"))
    for path in (tmp_path / "none.json", tmp_path, tmp_path / "latin.json"):
        with pytest.raises(InputError, match=rf"{path.name}.* cannot be read"):
            load(path)
