"""Which sentences a statement is held against, and which are quoted with them."""

from dataclasses import replace

import pytest

from rag.evidence.support import Candidate, candidates, support, verdict
from rag.records import Passage
from tests.fakes import ScriptedPairs
from tests.rag.answering.passages import passage

VOTE = "Anna Berg won the vote in 1921."
HARBOUR = "The harbour was built for steamers."
OFFICE = "She kept the office for forty years."


def beside(statement: str, text: str, context: str = "") -> dict[str, list[str]]:
    """For each sentence that is held, those beside it."""
    found = {}
    for one in candidates(statement, [passage(text, context=context)]):
        quotes = [evidence.quote for evidence in one.quoted(0.0, 0.0)]
        found[quotes[0]] = quotes[1:]
    return found


def test_the_sentence_that_has_a_missing_name_is_read_and_quoted_beside() -> None:
    statement = "Anna Berg kept the office for forty years."
    assert beside(statement, f"{VOTE} {HARBOUR} {OFFICE}")[OFFICE] == [VOTE]
    assert beside("The vote of 1921 was hers.", f"{VOTE} {OFFICE}")[VOTE] == []
    titled = beside(statement, f"{HARBOUR} {OFFICE}", context="Anna Berg, a life")
    assert titled[OFFICE] == []


def test_the_sentence_that_has_a_missing_ordinal_is_quoted_beside_though_a_title_has_it() -> None:
    statement = "Troops marched on the square at the 80th anniversary."
    marched, feast = "Troops marched on the square.", "It was the 80th anniversary of the peace."
    found = beside(statement, f"{HARBOUR} {feast} {marched}", context="The 80th anniversary")
    assert found[marched] == [feast]


def test_a_pronoun_is_read_and_quoted_with_what_it_stands_for() -> None:
    text = "The lynx is a cat. It lives in the north. It hunts hares. Its fur is grey."
    found = beside("The lynx hunts hares.", text)
    assert found["It hunts hares."] == ["The lynx is a cat."]
    assert found["The lynx is a cat."] == []
    somebody = beside("The office was kept for forty years.", f"{VOTE} {HARBOUR} {OFFICE}")
    assert somebody[OFFICE] == [VOTE]


def test_a_pronoun_stands_for_nothing_that_comes_later() -> None:
    statement = "Anna Berg kept the office for forty years."
    text = f"Ida Lund was the mayor. {OFFICE} {VOTE}"
    held = {one.at: one for one in candidates(statement, [passage(text)])}
    assert held[1].unsaid == ('"Anna Berg" is not in the quotes',)


def test_of_several_the_nearest_and_the_one_before_is_taken() -> None:
    again = "Anna Berg was loved."
    text = f"{again} {VOTE} {OFFICE} Anna Berg died there."
    assert beside("Anna Berg kept the office for forty years.", text)[OFFICE] == [VOTE]


def test_a_name_may_come_from_what_stands_before_in_the_article_where_the_sentence_refers() -> None:
    whole = passage(f"{VOTE} {HARBOUR} The town grew. {OFFICE}", context="Lindau")
    border = whole.text.index("The town")
    first, second = (
        replace(
            whole,
            chunk_id=id_,
            text=whole.text[start:end],
            start=start,
            end=end,
            sentences=tuple(one for one in whole.sentences if start <= one.start < end),
        )
        for id_, start, end in ((1, 0, border), (2, border, len(whole.text)))
    )
    elsewhere = passage("Anna Berg won nothing.", source="b.txt", id_=3)
    statement = "Anna Berg kept the office for forty years."

    def held(*passages: Passage) -> Candidate:
        found = candidates(statement, passages)
        return next(one for one in found if one.places[0] == (second, 1))

    assert held(second, elsewhere).unsaid == ('"Anna Berg" is not in the quotes',)
    there = held(second, elsewhere, first)
    assert there.unsaid == ()
    assert there.reading == f"Lindau. {VOTE} {OFFICE}"
    assert [one.quote for one in there.quoted(0.0, 0.0)] == [OFFICE, VOTE]
    grew = candidates("Anna Berg saw that the town grew.", [second, first])
    assert all(one.unsaid for one in grew if one.places[0] == (second, 0))


def test_two_names_may_come_from_two_sentences() -> None:
    town = "Lindau lies on the lake."
    text = f"{VOTE} {town} {OFFICE}"
    found = beside("Anna Berg kept the office of Lindau for forty years.", text)
    assert found[OFFICE] == [VOTE, town]


def test_a_number_may_come_from_the_next_sentence_but_not_in_the_place_of_another() -> None:
    text = f"{OFFICE} It had 12 rooms. {HARBOUR} The town has 9 bridges."
    joined = "She kept the office, which had 12 rooms, for forty years."
    assert beside(joined, text)[OFFICE] == ["It had 12 rooms."]
    for false, number in (
        ("She kept the office for 12 years.", "12"),
        ("She kept the office for forty years, and built 9 bridges.", "9"),
    ):
        held = next(one for one in candidates(false, [passage(text)]) if one.at == 0)
        assert held.beside == ()
        assert any(number in reason for reason in held.unsaid)


def test_the_date_of_an_article_gives_the_year_of_a_day_in_it() -> None:
    dated = replace(passage("Anna Berg won the vote on 3 May."), date="1921-05-09")

    def unsaid(statement: str) -> tuple[str, ...]:
        return candidates(statement, [dated])[0].unsaid

    assert unsaid("Anna Berg won the vote on 3 May 1921.") == ()
    assert unsaid("Anna Berg won the vote on 3 May 1922.") != ()
    assert unsaid("Anna Berg won the vote on 9 May.") != ()


def test_a_nearer_sentence_that_says_the_contrary_outweighs_the_best() -> None:
    denied, other = "The novel was never translated into Spanish.", "She wrote to him in Spanish."
    held = passage(f"{other} {denied}")
    near = (0.5, 0.7)
    scored = tuple(replace(one, score=late) for one, late in zip(held.sentences, near, strict=True))
    reader = ScriptedPairs(lambda *_: 9.0)
    statement = "The novel was translated into Spanish."
    found = verdict(statement, [replace(held, sentences=scored)], reader)
    assert (found.reason, found.evidence[0].quote) == ("The quotes deny it", denied)
    far = tuple(replace(one, score=late) for one, late in zip(scored, near[::-1], strict=True))
    assert verdict(statement, [replace(held, sentences=far)], reader).evidence[0].quote == other


@pytest.mark.parametrize("empty", ["It happened.", "It is unclear.", "They were there."])
def test_what_could_be_said_of_anything_is_borne_out_by_nothing(empty: str) -> None:
    held = passage("Whether it happened while they were there is unclear.")
    found = verdict(empty, [held], ScriptedPairs(lambda *_: 9.0))
    assert found.reason == "It says too little by itself"


def test_what_is_read_is_what_is_quoted() -> None:
    statement = "Anna Berg kept the office for forty years."
    pairs = ScriptedPairs(lambda _, read: 99.0 if OFFICE in read else -9.0)
    found = verdict(statement, [passage(f"{VOTE} {HARBOUR} {OFFICE}", context="Lindau")], pairs)
    assert f"Lindau. {VOTE} {OFFICE}" in [read for _, read in pairs.scored]
    assert [one.quote for one in found.evidence] == [OFFICE, VOTE]
    assert found.support >= support().threshold


def test_what_an_article_says_in_these_words_is_borne_out_however_it_is_written() -> None:
    text = f"{HARBOUR} “Anna Berg’s  vote – a close one – was in 1921,” he said."
    unsure = ScriptedPairs(lambda *_: -9.0)
    statement = '"Anna Berg\'s vote - a close one - was in 1921," he said'
    found = verdict(statement, [passage(text)], unsure)
    assert found.supported
    assert found.support == 1.0
    assert [one.quote for one in found.evidence] == [text.removeprefix(f"{HARBOUR} ")]
    part = verdict("Anna Berg's vote was in 1921.", [passage(text)], unsure)
    assert not part.supported
    asked = verdict("The harbour was built for steamers?", [passage(text)], unsure)
    assert not asked.supported


@pytest.mark.parametrize(
    "opening",
    [
        "In fact, ",
        "However, ",
        "But in fact, ",
        "and ",
        "It is worth noting that ",
        "Also: ",
    ],
)
def test_what_joins_a_statement_to_the_one_before_needs_no_quote(opening: str) -> None:
    unsure = ScriptedPairs(lambda *_: -9.0)
    said = opening + HARBOUR[0].lower() + HARBOUR[1:]
    assert verdict(said, [passage(HARBOUR)], unsure).supported


@pytest.mark.parametrize(
    "opening", ["Yes, ", "Therefore, ", "In May, ", "According to Anna, ", "Not "]
)
def test_what_claims_more_than_a_quote_is_part_of_the_statement(opening: str) -> None:
    unsure = ScriptedPairs(lambda *_: -9.0)
    said = opening + HARBOUR[0].lower() + HARBOUR[1:]
    assert not verdict(said, [passage(HARBOUR)], unsure).supported
