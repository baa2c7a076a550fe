"""From cases to outcomes: in process, over HTTP, and where asking fails."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest

from eval.cases import (
    Case,
    CaseSet,
    Excerpt,
    Fact,
    Message,
    Statement,
    evidence_spans,
    says,
)
from eval.runner import Outcome, in_reading_order, run
from eval.runner import check as check_all
from eval.subject import Reply, ServiceError, Subject, in_process, over_http
from rag.errors import ModelError
from rag.records import Answer, ClaimCheck, Passage, ScoredSentence, Turn
from rag.service import Service
from tests.api.serving import client_of
from tests.eval.made import TEXTS, answer, case, case_set, fact, outcome, quote, statement

URL = "http://citewell.test"
MOSCOW = "000_8e5a7804937815d9.txt"
TROOPS = Fact((r"11[,.]?000",), (Excerpt(MOSCOW, "leading 11,000 troops in a march"),))
FOLLOW_UP = Case(
    "follow up",
    "follow_up",
    "How many of them were there?",
    "answer",
    (TROOPS,),
    (Message("user", "Who led the troops through Red Square?"),),
)
SEED_CASES = (
    Case("troops", "single", "How many troops marched through Red Square?", "answer", (TROOPS,)),
    Case("louvre", "unanswerable", "What does a ticket to the Louvre cost?", "refuse"),
    Case("empty", "single", "  ?  ", "refuse"),
    FOLLOW_UP,
)


def untold(_what: str, _done: int, _total: int) -> None: ...


def subject(*answers: Answer) -> Subject:
    """Gives the answers in order."""
    given = iter(answers)
    return asking(lambda _question, _conversation: Reply(next(given)))


def asking(ask: Callable[[str, Sequence[Turn]], Reply]) -> Subject:
    """Asked for answers alone."""
    return Subject(ask, lambda _: (), TEXTS)


def checking(check: Callable[[str], Sequence[ClaimCheck]]) -> Subject:
    """Asked for checks alone."""
    return Subject(lambda _question, _conversation: Reply(answer()), check, TEXTS)


def seed_set(texts: Any) -> CaseSet:
    return CaseSet("some seeds", SEED_CASES, texts, says)


@pytest.fixture
def served(seeds_service: Service) -> Iterator[str]:
    """The address of a real server."""
    with client_of(seeds_service) as client:
        yield str(client.base_url)


def test_a_seed_question_runs_to_an_exact_and_right_outcome(seeds_service: Service) -> None:
    asked = in_process(seeds_service)
    troops, louvre, empty, _ = run(seed_set(asked.texts), asked, untold)
    assert troops.answered
    assert troops.right
    assert troops.answer is not None
    assert troops.exact == len(troops.answer.citations) > 0
    assert troops.retrieved is not None
    assert any(
        start <= gold_start and gold_end <= end
        for source, start, end in troops.retrieved.sentences
        for gold_source, gold_start, gold_end in evidence_spans(TROOPS, asked.texts)
        if source == gold_source
    )
    assert louvre.refused
    assert louvre.right
    assert empty.error is not None
    assert "question is empty" in empty.error


def test_over_http_the_outcomes_are_the_same(seeds_service: Service, served: str) -> None:
    def essence(found: Outcome) -> tuple[object, ...]:
        given = replace(found.answer, timings_ms=None) if found.answer else None  # type: ignore[arg-type]
        return found.case, given, found.right, found.missing, found.exact, bool(found.error)

    inside = in_process(seeds_service)
    with over_http(served) as outside:
        assert outside.texts == inside.texts
        there = run(seed_set(outside.texts), outside, untold, jobs=3)
    here = run(seed_set(inside.texts), inside, untold)
    assert [essence(found) for found in there] == [essence(found) for found in here]
    assert all(found.retrieved is None for found in there)


def test_over_http_the_verdicts_are_the_same(seeds_service: Service, served: str) -> None:
    inside = in_process(seeds_service)
    texts = {
        "moscow": "Oleg Salyukov led 11,000 troops. Kim Jong Un did not come.",
        "mars": "Pigs fly.",
    }
    statements = [
        Statement(id_, "true", text, True, (Excerpt(MOSCOW, "11,000 troops"),))
        for id_, text in texts.items()
    ]
    asked = replace(seed_set(inside.texts), statements=tuple(statements))
    here = check_all(asked, inside, untold)
    with over_http(served) as outside:
        there = check_all(asked, outside, untold, jobs=2)
    assert [one.checks for one in there] == [one.checks for one in here]
    assert [len(one.checks) for one in there] == [2, 1]
    assert all(one.error is None for one in there)


def test_a_busy_service_is_asked_again_when_it_says() -> None:
    replies = [httpx.Response(503, headers={"Retry-After": "0"}), httpx.Response(429)]
    replies.append(httpx.Response(200, json={"sources": []}))
    replies.reverse()
    with over_http(URL, transport=httpx.MockTransport(lambda _: replies.pop())) as outside:
        assert outside.texts == {}
    assert replies == []


def test_a_problem_from_the_service_is_the_error_of_its_case_alone(served: str) -> None:
    with over_http(served) as outside:
        troops, _, empty, _ = run(seed_set(outside.texts), outside, untold)
    assert troops.error is None
    assert empty.error is not None
    assert "/v1/ask answered 400" in empty.error
    assert "question is empty" in empty.error


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (lambda _: httpx.Response(500, text="broken"), "answered 500: broken"),
        (lambda _: httpx.Response(200, text="<html>"), "is it Citewell"),
        (lambda _: httpx.Response(200, json=["other"]), "is it Citewell"),
    ],
)
def test_a_service_that_is_not_citewell_is_an_error_at_once(handler: Any, said: str) -> None:
    transport = httpx.MockTransport(handler)
    with pytest.raises(ServiceError, match=said), over_http(URL, transport=transport):
        pass


def test_an_address_that_leads_nowhere_is_an_error_at_once() -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    transport = httpx.MockTransport(refused)
    with (
        pytest.raises(ServiceError, match="cannot be reached"),
        over_http(URL, transport=transport),
    ):
        pass
    with pytest.raises(ServiceError, match="is no address"), over_http("http://host:port"):
        pass


def test_a_key_goes_along_with_every_request() -> None:
    keys: list[str | None] = []

    def served(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers.get("Authorization"))
        return httpx.Response(200, json={"sources": []})

    for key in ("secret", None):
        with over_http(URL, key, transport=httpx.MockTransport(served)):
            pass
    assert keys == ["Bearer secret", None]


def test_sources_in_folders_and_with_odd_names_are_read_exactly() -> None:
    texts = {"a b/c#?.txt": "é\r\n\u2028x", "d.txt": ""}

    def served(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/sources":
            facts = {"title": "", "date": None, "sha256": "", "characters": 1, "chunks": 1}
            return httpx.Response(
                200, json={"sources": [{"source": source, **facts} for source in texts]}
            )
        source = request.url.path.removeprefix("/v1/sources/").removesuffix("/text")
        return httpx.Response(200, content=texts[source].encode())

    with over_http(URL, transport=httpx.MockTransport(served)) as outside:
        assert outside.texts == texts


def test_an_answer_is_right_with_all_its_facts_only() -> None:
    asked = case("a", fact("1932"), fact("metres", excerpt="1,149 metres long"))
    both = answer(quote("opened in 1932"), quote("1,149 metres", id_=2))
    first, second = run(
        case_set(asked, replace(asked, id="b")), subject(both, answer(quote("1932"))), untold
    )
    assert first.right
    assert first.missing == ()
    assert not second.right
    assert second.missing == (1,)


def test_a_refusal_is_right_only_where_one_is_due() -> None:
    cases = (
        case("a", fact("1932")),
        case("b", expect="refuse"),
        case("c", fact("1932"), expect="either"),
    )
    refusals = run(case_set(*cases), subject(*[answer()] * 3), untold)
    assert [found.right for found in refusals] == [False, True, True]
    answers = run(case_set(*cases), subject(*[answer(quote("opened in 1932"))] * 3), untold)
    assert [found.right for found in answers] == [True, False, True]
    wrong = run(case_set(*cases), subject(*[answer(quote("Trams"))] * 3), untold)
    assert [found.right for found in wrong] == [False, False, False]


def test_a_question_is_asked_with_what_was_said_before() -> None:
    asked: list[tuple[str, Sequence[Turn]]] = []

    def ask(question: str, conversation: Sequence[Turn]) -> Reply:
        asked.append((question, conversation))
        return Reply(answer())

    said = (Message("user", "The bridge?"), Message("assistant", "Yes."))
    follow_up = replace(case("a", expect="refuse"), conversation=said)
    run(case_set(follow_up), asking(ask), untold)
    assert asked == [(follow_up.question, (Turn("user", "The bridge?"), Turn("assistant", "Yes.")))]


@pytest.mark.parametrize("expect", ["answer", "refuse", "either"])
def test_a_failure_is_an_error_and_as_wrong_as_can_be(expect: Any) -> None:
    def ask(_question: str, _conversation: Sequence[Turn]) -> Reply:
        raise ModelError("the model is gone")

    facts = () if expect == "refuse" else (fact("1932"),)
    cases = case_set(case("a", *facts, expect=expect), case("b", *facts, expect=expect))
    for found in run(cases, asking(ask), untold):
        assert found.error == "the model is gone"
        assert not found.right
        assert not found.answered
        assert not found.refused
        assert found.missing == tuple(range(len(facts)))
        assert found.confidence == 1.0
        assert found.answerability == (0.0 if expect == "answer" else 1.0)


def test_a_statement_is_let_through_with_all_its_sentences_only() -> None:
    def check(text: str) -> list[ClaimCheck]:
        return [
            ClaimCheck(one, "1932" in one, 0.9 if "1932" in one else 0.2, ())
            for one in text.split("|")
        ]

    statements = [
        statement("a", "It opened in 1932."),
        statement("b", "It opened in 1932.|It closed.", kind="made_up"),
        statement("c", "It closed in 1932.", kind="role"),
    ]
    whole, half, wrong = check_all(case_set(statements=statements), checking(check), untold)
    assert (whole.released, whole.right, whole.support) == (True, True, 0.9)
    assert (half.released, half.right, half.support) == (False, True, 0.2)
    assert (wrong.released, wrong.right) == (True, False)


@pytest.mark.parametrize("kind", ["true", "number"])
def test_a_check_that_fails_is_an_error_and_as_wrong_as_can_be(kind: str) -> None:
    def failing(_: str) -> list[ClaimCheck]:
        raise ModelError("the model is gone")

    statements = [statement("a", kind=kind), statement("b", kind=kind)]
    for found in check_all(case_set(statements=statements), checking(failing), untold):
        assert found.error == "the model is gone"
        assert not found.right
        assert found.support == (0.0 if kind == "true" else 1.0)
    (silent, _) = check_all(case_set(statements=statements), checking(lambda _: []), untold)
    assert silent.error is not None
    assert not silent.right


def test_many_at_a_time_come_in_the_order_of_the_set() -> None:
    waiting = threading.Barrier(4)

    def ask(question: str, _: Sequence[Turn]) -> Reply:
        waiting.wait(timeout=30)  # nobody goes on before four are under way
        return Reply(replace(answer(), question=question))

    cases = case_set(*(case(f"{n}", expect="refuse", question=f"Q{n}?") for n in range(8)))
    found = run(cases, asking(ask), untold, jobs=4)
    assert [one.answer.question for one in found if one.answer] == [f"Q{n}?" for n in range(8)]


def test_a_defect_is_not_taken_for_a_failed_case() -> None:
    def ask(_question: str, _conversation: Sequence[Turn]) -> Reply:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(case_set(case("a", expect="refuse")), asking(ask), untold)


def test_quotes_that_do_not_stand_at_their_offsets_are_not_exact() -> None:
    there = quote("opened in 1932")
    moved = replace(there, id=2, start=there.start + 1, end=there.end + 1)
    altered = replace(there, id=3, quote="opened in 1933")
    elsewhere = replace(there, id=4, source="ferry.txt")
    unknown = replace(there, id=5, source="sea.txt")
    hollow = replace(there, id=6, quote="", start=3, end=3)
    given = answer(there, moved, altered, elsewhere, unknown, hollow)
    (found,) = run(case_set(case("a", fact("1932"))), subject(given), untold)
    assert found.exact == 1


def test_a_citation_that_is_not_there_is_a_quote_from_nowhere() -> None:
    given = answer(quote("opened in 1932"))
    (claim,) = given.claims
    broken = replace(given, claims=(replace(claim, citations=(1, 7)),))
    assert outcome(case("a", fact("1932")), broken).claims == [[("bridge.txt", 11, 25), ("", 0, 0)]]


def test_answerability_is_what_a_refusal_is_not_sure_of() -> None:
    asked = case("a", expect="refuse")
    assert outcome(asked, answer(confidence=0.9)).answerability == pytest.approx(0.1)
    assert outcome(asked, answer(quote("1932"), confidence=0.9)).answerability == 0.9


def test_progress_is_told_case_by_case() -> None:
    told: list[tuple[str, int, int]] = []
    cases = case_set(case("a", expect="refuse"), case("b", expect="refuse"))
    run(cases, subject(answer(), answer()), lambda *progress: told.append(progress))
    assert told == [("Asking made", 1, 2), ("Asking made", 2, 2)]


def test_sentences_are_read_by_score_across_passages() -> None:
    def passage(start: int, *scores: float) -> Passage:
        sentences = tuple(
            ScoredSentence(start + at, start + at + 1, score) for at, score in enumerate(scores)
        )
        end = start + len(scores)
        return Passage(
            start, "a.txt", "", None, "", "x" * len(scores), start, end, 1, "", 0, sentences
        )

    found = in_reading_order([passage(0, 0.2, 0.9), passage(10, 0.5, 0.2)])
    assert found.chunks == (("a.txt", 0, 2), ("a.txt", 10, 12))
    assert [start for _, start, _ in found.sentences] == [1, 10, 0, 11]
