"""The engine with one stage turned off, and what that says of the stage."""

from dataclasses import replace

import numpy as np
import pytest

from eval.ablation import LateInteraction, Stage, earnings, without
from eval.cases import CaseSet, load, says, split
from eval.runner import run
from eval.subject import in_process
from rag.service import Service
from tests.eval.results import over_refused, result_of, right, wrong
from tests.eval.test_cases import SHIPPED

QUESTION = "Who led the troops through Red Square?"
_OF_RETRIEVAL: tuple[Stage, ...] = ("dense", "bm25", "ranking")
TESTED = [id_ for id_ in (f"case-{number}" for number in range(80)) if split(id_) == "test"]


def untold(_what: str, _done: int, _total: int) -> None: ...


@pytest.fixture(scope="module")
def some_seeds(seeds_service: Service) -> CaseSet:
    texts = in_process(seeds_service).texts
    known = load(SHIPPED / "seeds.jsonl", texts)
    return CaseSet("seeds", known.cases[::24], texts, says)


@pytest.fixture(scope="module")
def bare(seeds_service: Service, some_seeds: CaseSet) -> Service:
    """Without evidence."""
    return without(seeds_service, "evidence", some_seeds)


def found(service: Service) -> list[int]:
    return [passage.chunk_id for passage in service.retriever.search(QUESTION)]


def test_a_search_without_a_stage_is_made_of_the_others(
    seeds_service: Service, some_seeds: CaseSet
) -> None:
    library, index = seeds_service.library, seeds_service.index
    vector = np.array(seeds_service.retriever.embeddings.embed_query(QUESTION), dtype=np.float32)
    dense, lexical = index.nearest(vector, 30), library.matching(["led", "troops", "red"], 30)
    unranked = without(seeds_service, "ranking", some_seeds).retriever.search(QUESTION)
    assert [passage.chunk_id for passage in unranked] != found(seeds_service)
    scores = [one.score for passage in unranked for one in passage.sentences]
    assert scores == sorted(scores, reverse=True)
    off = unranked[0].chunk_id
    assert off in (dense[0], lexical[0])
    expected: dict[Stage, list[int]] = {"dense": lexical, "bm25": dense}
    for stage, others in expected.items():
        less = without(seeds_service, stage, some_seeds)
        assert set(found(less)) <= set(others)


def test_turning_a_stage_off_leaves_the_service_as_it_was(
    seeds_service: Service, some_seeds: CaseSet, bare: Service
) -> None:
    before = seeds_service.ask(QUESTION)
    bare.ask(QUESTION)
    for stage in _OF_RETRIEVAL:
        without(seeds_service, stage, some_seeds).ask(QUESTION)
    after = seeds_service.ask(QUESTION)
    assert replace(before, timings_ms=after.timings_ms) == after


def test_without_evidence_late_interaction_judges_on_the_same_scale(
    some_seeds: CaseSet, bare: Service
) -> None:
    assert isinstance(bare.encoders.pairs, LateInteraction)
    outcomes = run(some_seeds, in_process(bare), untold)
    assert {one.answered for one in outcomes} == {True, False}


def test_a_text_without_words_scores_nothing(seeds_service: Service) -> None:
    scorer = LateInteraction(seeds_service.encoders.tokens, seeds_service.library)
    assert scorer.score([(QUESTION, ""), ("", QUESTION)]).tolist() == [0.0, 0.0]


def test_a_stage_earns_what_is_lost_without_it_beyond_noise() -> None:
    whole = result_of([right(id_) for id_ in TESTED[:30]])
    less = result_of([over_refused(id_) for id_ in TESTED[:20]] + [right(i) for i in TESTED[20:30]])
    by_metric = {one.metric: one for one in earnings(whole, less, "dense")}
    accuracy = by_metric["answer_accuracy"]
    assert (accuracy.stage, accuracy.n) == ("dense", 30)
    assert accuracy.whole == 1.0
    assert accuracy.without == pytest.approx(1 / 3)
    assert accuracy.earns is True
    harm = {one.metric: one for one in earnings(less, whole, "dense")}
    assert harm["answer_accuracy"].earns is False
    little = result_of([wrong(TESTED[0])] + [right(id_) for id_ in TESTED[1:30]])
    noise = {one.metric: one for one in earnings(whole, little, "dense")}
    assert noise["answer_accuracy"].earns is None


def test_each_layer_of_evidence_can_be_measured_alone(seeds_service: Service) -> None:
    draft = "11,500 troops marched through Red Square. Moscow has a zoo."
    nothing = CaseSet("none", (), {}, says)
    for service, released in (
        (seeds_service, [False, False]),
        (without(seeds_service, "learned", nothing), [False, True]),
        (without(seeds_service, "rules", nothing), [True, False]),
    ):
        assert [one.supported for one in service.check(draft)] == released
