"""What a sentence that begins with a pronoun means after those before it."""

from collections.abc import Sequence

import pytest

from rag.answering.referring import Referring, held
from rag.evidence.support import Verdict


def meanings(*sentences: str) -> list[str]:
    """Those of the last sentence."""
    referring = Referring()
    return [referring.meanings(sentence) for sentence in sentences][-1]


@pytest.mark.parametrize(
    ("sentences", "meant"),
    [
        (("Anna Berg resigned.", "She is 59."), "Anna Berg is 59."),
        (("Anna Berg resigned.", "Her office is empty."), "Anna Berg's office is empty."),
        (("Tomas Vilks left.", "His car stayed."), "Tomas Vilks' car stayed."),
        (("President Anna Berg spoke in Riga.", "In fact, she wept."), "President Anna Berg wept."),
        (("Čeněk Říha wrote it.", "He died in 1938."), "Čeněk Říha died in 1938."),
        (
            ("The ferry Aurora was built in Turku.", "It has two decks."),
            "The ferry Aurora has two decks.",
        ),
        (("Anna Berg and Ole Holm met.", "They shook hands."), "Anna Berg and Ole Holm shook"),
        (("Anna Berg resigned.", "The talks failed.", "She is 59."), "Anna Berg is 59."),
        (("Anna Berg resigned.", "She is 59.", "She has a dog."), "Anna Berg has a dog."),
    ],
)
def test_a_pronoun_means_whom_or_what_was_named_before(
    sentences: Sequence[str], meant: str
) -> None:
    assert meanings(*sentences)[0].startswith(meant)


def test_of_two_persons_it_may_mean_either() -> None:
    meant = meanings("Anna Berg was thanked by Eva Lind.", "She smiled.")
    assert sorted(meant) == ["Anna Berg smiled.", "Eva Lind smiled."]


@pytest.mark.parametrize(
    "sentences",
    [
        ("She is 59.",),
        ("The talks failed.", "She is 59."),
        ("Anna Berg opened a school in the north.", "It has 300 pupils."),
        ("The Aurora sank.", "It is known that nobody drowned."),
        ("Anna Berg resigned.", "Eva Lind said she would stay."),
        ("Anna Berg resigned.", "They agreed."),
    ],
)
def test_where_that_cannot_be_told_a_sentence_stays_as_it_is(sentences: Sequence[str]) -> None:
    assert meanings(*sentences) == [sentences[-1]]


def test_what_was_named_long_before_is_forgotten() -> None:
    assert meanings("Anna Berg resigned.", *["The talks failed."] * 3, "She is 59.") == [
        "She is 59."
    ]


def test_the_first_meaning_that_is_borne_out_is_held_or_else_the_likeliest() -> None:
    either = meanings("Anna Berg was thanked by Eva Lind.", "She smiled.")

    def only(name: str) -> tuple[str, Verdict]:
        def hold(meaning: str) -> Verdict:
            return Verdict(0.5, (), None if meaning.startswith(name) else "No quote says so")

        return held(either, hold)

    for name in ("Anna Berg", "Eva Lind"):
        meant, found = only(name)
        assert (meant, found.supported) == (f"{name} smiled.", True)
    likeliest, found = only("Nobody")
    assert (likeliest, found.supported) == (either[0], False)
