"""What a sentence bears out, and what it does not."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from eval.fitting.perturbations import (
    false_forms,
    named,
    names,
    rewritten,
    true_forms,
    voices,
)

SENTENCE = (
    "In May 1756, General Loudoun attacked 12 forts near Lake George, which some colonists of "
    "New York had asked for."
)
BESIDE = "The soldiers had attempted to build a road, which was never finished."


def test_names_are_found_without_the_words_that_open_sentences() -> None:
    assert [name for name, _ in names(SENTENCE)] == [
        "May",
        "General Loudoun",
        "Lake George",
        "New York",
    ]
    assert all(SENTENCE[at:].startswith(name) for name, at in names(SENTENCE))


def test_parts_of_a_sentence_are_borne_out_by_it() -> None:
    forms = true_forms(SENTENCE)
    assert "General Loudoun attacked 12 forts near Lake George." in forms
    assert SENTENCE in forms


def test_numbers_and_dates_are_written_another_way() -> None:
    assert rewritten("They lost 12 ships.") == "They lost twelve ships."
    assert rewritten("They lost twelve ships.") == "They lost 12 ships."
    assert rewritten("It fell on 23 May.") == "It fell on May 23."
    assert rewritten("It fell.") is None


def test_a_passive_says_the_same_in_the_active_and_not_with_the_roles_swapped() -> None:
    true, false = voices("The fort was built by Captain Trent in 1754.")
    assert true == ["Captain Trent built the fort.", "The fort was built by Captain Trent."]
    assert false == ["The fort built Captain Trent.", "Captain Trent was built by the fort."]
    assert voices("It was built by him in 1754.") == ([], [])


@given(st.integers())
def test_a_false_form_is_another_sentence_of_its_kind(seed: int) -> None:
    found = false_forms(SENTENCE, SENTENCE, ["Quebec", "Montcalm"], BESIDE, Random(seed))
    assert {"role", "name", "number", "negation", "overclaim", "word", "mixed"} <= set(found)
    assert SENTENCE not in found.values()
    assert "Quebec" in found["name"] or "Montcalm" in found["name"]
    assert "May 1756" not in found.get("date", "")
    assert found["mixed"].endswith("had attempted to build a road, which was never finished.")
    assert {"attempted", "finished", "soldiers"} & set(found["word"].replace(",", "").split())


def test_a_sentence_about_somebody_by_pronoun_is_said_of_the_one_named_before() -> None:
    assert named("He had 12 forts.", SENTENCE.removeprefix("In May 1756, ")) == (
        "General Loudoun had 12 forts.",
        "General Loudoun",
    )
    assert named("Its forts fell.", "Quebec was lost.") == ("Quebec’s forts fell.", "Quebec")
    assert named("He had 12 forts.", SENTENCE) is None
    assert named("Forts fell.", "Quebec was lost.") is None


@given(st.text(max_size=200), st.text(max_size=200), st.integers())
def test_any_text_can_be_perturbed(text: str, beside: str, seed: int) -> None:
    for false in false_forms(text, text, ["Quebec"], beside, Random(seed)).values():
        assert false != text
    voices(text)
    rewritten(text)
    named(text, beside)
