"""Statements made from SQuAD articles: labelled, from exact sentences, the same for a seed."""

from collections import Counter

import pytest

from eval.generated import GeneratedStatement, generate
from eval.joining import joined
from eval.squad import Squad, SquadQuestion

TEXT = """The Harbour Bridge was opened by Mayor Anna Lindqvist on 3 September 1932.
It cost 1,200,000 pounds, and many visitors from Denmark came to the harbour on the first day.
Lindqvist praised Oskar Brandt, who had drawn the plans of the bridge since 1927.
The old ferry, which had crossed the bay for 90 years, was sold to Norway in October 1933.
Twelve men were hurt while they were building it for Brandt.

"""


@pytest.fixture(scope="module")
def squad() -> Squad:
    asked = [
        SquadQuestion("1", "Who opened the Harbour Bridge?", "Bridge.txt",
                      (("Anna Lindqvist", TEXT.index("Anna Lindqvist")),)),
        SquadQuestion("2", "Who praised Oskar Brandt?", "Bridge.txt",
                      (("Lindqvist", TEXT.index("Lindqvist praised")),)),
        SquadQuestion("3", "Where was the old ferry sold?", "Bridge.txt",
                      (("Norway", TEXT.index("Norway")),)),
        SquadQuestion("4", "Who burned the bridge?", "Bridge.txt", ()),
    ]  # fmt: skip
    return Squad({"Bridge.txt": TEXT}, tuple(asked))


@pytest.fixture(scope="module")
def made(squad: Squad) -> list[GeneratedStatement]:
    return generate(squad, 1000, seed=7)


def test_evidence_stands_in_the_article(squad: Squad, made: list[GeneratedStatement]) -> None:
    assert made
    assert all(quote in squad.articles[one.source] for one in made for quote in one.evidence)


def test_a_seed_makes_the_same_statements_and_another_makes_others(
    squad: Squad, made: list[GeneratedStatement]
) -> None:
    assert generate(squad, 1000, seed=7) == made
    assert generate(squad, 1000, seed=8) != made


def test_true_and_false_statements_are_of_their_own_kinds(made: list[GeneratedStatement]) -> None:
    labels = Counter((one.kind, one.supported) for one in made)
    kinds = [kind for kind, _ in labels]
    assert len(kinds) == len(set(kinds))
    assert {"shortened", "date_order", "answer"} <= set(kinds)
    assert {"number", "date", "name", "negation", "overclaim"} <= set(kinds)


def test_a_false_statement_is_not_its_evidence(made: list[GeneratedStatement]) -> None:
    assert all(one.statement != " ".join(" ".join(one.evidence).split()) for one in made)


def test_as_many_are_made_as_asked_for(squad: Squad, made: list[GeneratedStatement]) -> None:
    assert len(generate(squad, 5, seed=7)) == 5
    assert len(made) < 1000


@pytest.mark.parametrize(
    ("question", "answer", "statement"),
    [
        ("Who praised Oskar Brandt?", "Lindqvist", "Lindqvist praised Oskar Brandt."),
        ("What was the price of timber?", "$12", "The price of timber was $12."),
        ("When was the ferry sold?", "1933", "The ferry was sold in 1933."),
        ("Where was the ferry first built?", "in Oslo", "The ferry was first built in Oslo."),
        ("How many men were hurt?", "twelve", "Twelve men were hurt."),
    ],
)
def test_a_question_and_its_answer_make_a_statement(
    question: str, answer: str, statement: str
) -> None:
    assert joined(question, answer) == statement


def test_a_question_that_no_rule_knows_makes_none() -> None:
    assert joined("Why did the bridge fall?", "rust") is None
