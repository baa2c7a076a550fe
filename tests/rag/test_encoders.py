"""The three models: what their vectors and scores mean, and what is said when a file is not right.

The weights are 8-bit integers and activations are quantised anew for every run, so in one run of
several a text would move the vectors of its neighbours; each is read by itself.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.encoders import (
    TOKEN_DIMENSION,
    CrossEncoder,
    Encoders,
    Floats,
    ReadOnce,
    TokenEncoder,
    TokenVectors,
)
from rag.encoders.model import Files, Input, Model
from rag.encoders.pairs import FILES
from rag.errors import ModelError
from rag.segmentation import split
from tests.fakes import ScriptedPairs

QUESTION = "When did the parade begin?"
ANSWER = "The parade started at noon."
OTHER = "Octopuses have three hearts and blue blood."


@pytest.fixture(scope="module")
def texts(seeds: Path) -> list[str]:
    """Sentences, headings, a word, nothing, and a long passage."""
    text = next(seeds.glob("001_*")).read_text("utf-8")
    return [*(text[s.start : s.end] for s in split(text)[::8]), "Kim", "", text[:1000]]


def sentence_vectors(encoders: Encoders, texts: list[str]) -> Floats:
    return np.array(encoders.sentences.embed_documents(texts), dtype=np.float32)


# --- sentence vectors


def test_a_sentence_vector_has_unit_length(encoders: Encoders, texts: list[str]) -> None:
    vectors = sentence_vectors(encoders, texts)
    assert vectors.shape == (len(texts), 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(encoders.sentences.embed_query(QUESTION)) == pytest.approx(1, abs=1e-5)


def test_a_sentence_vector_is_the_same_whatever_is_encoded_beside_it(
    encoders: Encoders, texts: list[str]
) -> None:
    together = sentence_vectors(encoders, texts)
    alone = np.concatenate([sentence_vectors(encoders, [text]) for text in texts])
    assert (together == alone).all()
    assert (together == sentence_vectors(encoders, texts[::-1])[::-1]).all()


def test_a_question_is_nearer_to_its_answer_than_to_another_sentence(encoders: Encoders) -> None:
    question = np.array(encoders.sentences.embed_query(QUESTION))
    answer, other = sentence_vectors(encoders, [ANSWER, OTHER])
    assert question @ answer > question @ other + 0.1


def test_a_question_is_encoded_unlike_a_passage(encoders: Encoders) -> None:
    (as_passage,) = sentence_vectors(encoders, [QUESTION])
    assert as_passage @ np.array(encoders.sentences.embed_query(QUESTION)) < 0.98


def test_what_passes_512_tokens_is_not_in_a_sentence_vector(encoders: Encoders) -> None:
    long = "parade " * 600
    (one,), (other,) = (sentence_vectors(encoders, [long + end]) for end in ("", OTHER))
    assert (one == other).all()


# --- token vectors


def test_a_token_has_a_vector_of_unit_length_an_id_and_a_start(
    encoders: Encoders, texts: list[str]
) -> None:
    for text, tokens in zip(texts, encoders.tokens.encode(texts), strict=True):
        count = len(tokens.ids)
        assert tokens.vectors.shape == (count, TOKEN_DIMENSION)
        assert tokens.starts.shape == (count,)
        assert np.linalg.norm(tokens.vectors, axis=1) == pytest.approx(1, abs=1e-5)
        assert (count == 0) == (text == "")


def test_tokens_start_at_their_words(encoders: Encoders) -> None:
    text = "Kim  Jong-Un\n“naïve” 日本 e\u0301tat 🎉 don’t"
    (tokens,) = encoders.tokens.encode([text])
    starts = tokens.starts.tolist()
    assert starts == sorted(starts)
    for word in [
        "Kim",
        "Jong",
        "-",
        "Un",
        "“",
        "naïve",
        "”",
        "日",
        "本",
        "e\u0301tat",
        "🎉",
        "don",
    ]:
        assert text.index(word) in starts
    assert not {text.index(between) for between in (" ", "ong", "\n", "aïve", " 日")} & set(starts)


@settings(max_examples=20)
@given(st.lists(st.text(max_size=30), max_size=4))
def test_any_text_has_tokens_inside_it_in_order(encoders: Encoders, texts: list[str]) -> None:
    found = encoders.tokens.encode(texts)
    assert len(found) == len(texts)
    for text, tokens in zip(texts, found, strict=True):
        starts = tokens.starts.tolist()
        assert starts == sorted(starts)
        assert all(0 <= start < len(text) for start in starts)


def test_the_tokens_of_a_text_are_the_same_whatever_is_encoded_beside_it(
    encoders: Encoders, texts: list[str]
) -> None:
    for text, together in zip(texts, encoders.tokens.encode(texts), strict=True):
        (alone,) = encoders.tokens.encode([text])
        assert (together.ids == alone.ids).all()
        assert (together.starts == alone.starts).all()
        assert (together.vectors == alone.vectors).all()


def test_a_word_s_vector_is_nearest_to_that_of_the_same_word_elsewhere(encoders: Encoders) -> None:
    one, other = encoders.tokens.encode(
        ["The parade began at noon", "At noon the parade began in rain"]
    )
    assert (one.vectors @ other.vectors.T).argmax(axis=1).tolist() == [2, 3, 4, 0, 1]


def test_projected_tokens_are_as_near_to_each_other_as_the_model_s_states(
    encoders: Encoders,
) -> None:
    passages = [QUESTION, ANSWER, OTHER]
    states = encoders.tokens.states(passages)
    vectors = np.concatenate([tokens.vectors for tokens in encoders.tokens.encode(passages)])
    assert states.shape == (len(vectors), 384)
    pairs = np.triu_indices(len(states), 1)
    nearness = np.corrcoef((states @ states.T)[pairs], (vectors @ vectors.T)[pairs])
    assert nearness[0, 1] > 0.97


def test_the_tokens_of_a_question_find_nearer_ones_in_its_answer(encoders: Encoders) -> None:
    question, answer, other = encoders.tokens.encode([QUESTION, ANSWER, OTHER])

    def late_interaction(passage: TokenVectors) -> float:
        return float((question.vectors @ passage.vectors.T).max(axis=1).mean())

    assert late_interaction(answer) > late_interaction(other) + 0.1


@pytest.mark.parametrize(
    ("question", "answer", "beside"),
    [
        (
            "How much did the family have to lay out for the trip?",
            "The tickets cost the Hansens 2,400 kroner.",
            "The trip took the family to three islands and a lighthouse.",
        ),
        (
            "What does the youngest of the sisters do for a living?",
            "Ida, who is nine years junior to Maren, teaches chemistry in Bergen.",
            "The three sisters have lived in the same house since 1998.",
        ),
        (
            "Was anybody killed when the roof came down?",
            "All of the workers got out of the hall alive.",
            "The roof of the sports hall came down shortly after eight.",
        ),
    ],
)
def test_a_question_in_other_words_comes_nearer_to_its_answer_than_as_a_passage(
    encoders: Encoders, question: str, answer: str, beside: str
) -> None:
    def ahead(asked: TokenVectors) -> float:
        right, wrong = (
            float((asked.vectors @ read.vectors.T).max(axis=1).mean())
            for read in encoders.tokens.encode([answer, beside])
        )
        return right - wrong

    assert ahead(encoders.tokens.encode_question(question)) > ahead(
        encoders.tokens.encode([question])[0]
    )


def test_without_fitted_values_a_question_is_encoded_as_passages_are(encoders: Encoders) -> None:
    asked = TokenEncoder(None).encode_question(QUESTION)
    (read,) = encoders.tokens.encode([QUESTION])
    assert (asked.ids == read.ids).all()
    assert (asked.vectors == read.vectors).all()


def test_a_text_past_512_tokens_is_encoded_to_its_end(encoders: Encoders) -> None:
    text = "The parade began at noon in Moscow. " * 150 + OTHER
    long, short = encoders.tokens.encode([text, OTHER])
    assert len(long.ids) > 1200
    tail = long.vectors[-len(short.ids) :]
    assert (long.ids[-len(short.ids) :] == short.ids).all()
    assert long.starts[-len(short.ids)] == text.index(OTHER)
    assert (tail * short.vectors).sum(axis=1).mean() > 0.7


# --- pair scores


def test_an_answer_scores_above_what_is_on_the_same_matter_and_far_above_the_rest(
    encoders: Encoders,
) -> None:
    on_the_matter = "The parade was held in Moscow."
    pairs = [(QUESTION, sentence) for sentence in (ANSWER, on_the_matter, OTHER)]
    answer, related, other = encoders.pairs.score(pairs)
    assert answer > related + 1
    assert answer > other + 5


def test_the_fitted_values_take_the_place_of_the_model_s_own(encoders: Encoders) -> None:
    pairs = [(QUESTION, ANSWER), (QUESTION, OTHER)]
    as_bundled = CrossEncoder(None).score(pairs)
    assert np.abs(encoders.pairs.score(pairs) - as_bundled).max() > 2


def test_the_question_is_told_from_the_passage() -> None:
    # Without segment ids this one is far below zero.
    assert CrossEncoder(None).score([("noon", ANSWER)])[0] > 0


def test_a_pair_s_score_is_the_same_whatever_is_scored_beside_it(
    encoders: Encoders, texts: list[str]
) -> None:
    pairs = [(QUESTION, text) for text in texts]
    together = encoders.pairs.score(pairs)
    alone = np.concatenate([encoders.pairs.score([pair]) for pair in pairs])
    assert together.shape == (len(pairs),)
    assert (together == alone).all()
    assert (together == encoders.pairs.score(pairs[::-1])[::-1]).all()


def test_a_passage_of_any_length_has_a_score(encoders: Encoders) -> None:
    scores = encoders.pairs.score([(QUESTION, "word " * 2000), ("", ""), (QUESTION, "🎉\n\u200b")])
    assert np.isfinite(scores).all()


@given(st.lists(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")))))
def test_pairs_that_are_asked_for_again_are_not_read_again(
    asked: list[list[tuple[str, str]]],
) -> None:
    pairs = ScriptedPairs(lambda text, sentence: float(ord(text) * ord(sentence)))
    once = ReadOnce(pairs)
    for batch in asked:
        expected = [ord(text) * ord(sentence) for text, sentence in batch]
        assert once.score(batch).tolist() == expected
    assert sorted(pairs.scored) == sorted({pair for batch in asked for pair in batch})


# --- loading and running


class Taken(Sequence[Input]):
    """One input over and over, that counts how often it is taken."""

    def __init__(self, one: Input, length: int) -> None:
        self._one, self._length, self.taken = one, length, 0

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, at: Any) -> Any:
        if at >= self._length:
            raise IndexError
        self.taken += 1
        return self._one


def test_of_many_inputs_few_are_read_before_they_are_asked_for() -> None:
    model = Model(FILES)
    inputs = Taken(Input(model.tokenizer.encode("noon").ids), 10_000)
    outputs = model.run(inputs)
    assert inputs.taken == 0
    first = next(outputs)
    assert 0 < inputs.taken < 10_000
    assert (next(outputs) == first).all()


def test_nothing_in_gives_nothing_out(encoders: Encoders) -> None:
    assert encoders.sentences.embed_documents([]) == []
    assert encoders.tokens.encode([]) == []
    assert encoders.pairs.score([]).shape == (0,)


def test_the_models_load_side_by_side_and_stay_loaded(encoders: Encoders) -> None:
    encoders.load()
    before = sentence_vectors(encoders, [ANSWER])
    encoders.load()
    assert (sentence_vectors(encoders, [ANSWER]) == before).all()


class Held(ScriptedPairs):
    """Loads once it is let go, and then lacks its file."""

    def __init__(self) -> None:
        super().__init__(lambda *_: 0.0)
        self.let_go = threading.Event()

    def load(self) -> None:
        self.let_go.wait()
        raise ModelError("The bundled model is missing")


def test_loading_ahead_waits_for_no_model_and_leaves_its_faults_to_who_needs_it(
    encoders: Encoders,
) -> None:
    held = Held()
    some = replace(encoders, pairs=held)
    begun = some.load_ahead()
    assert not all(one.done() for one in begun)
    held.let_go.set()
    with pytest.raises(ModelError):
        some.load()
    assert sum(one.exception() is not None for one in begun) == 1


def test_threads_that_ask_first_at_the_same_time_get_the_same() -> None:
    scorer = CrossEncoder()
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(scorer.score, [(QUESTION, ANSWER)]) for _ in range(8)]
        scores = [float(future.result()[0]) for future in asked]
    assert scores == pytest.approx([scores[0]] * 8, abs=1e-3)


def test_making_encoders_loads_no_model_and_no_runtime() -> None:
    made = (
        "import sys; from rag.encoders import Encoders; Encoders.bundled();"
        "print(sorted({'onnxruntime', 'tokenizers'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", made], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_model_that_runs_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    runs = "from rag.encoders import CrossEncoder; CrossEncoder(None).score([('Who?', 'He.')])"
    subprocess.run([sys.executable, "-c", runs], env={"HOME": str(tmp_path)}, check=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda files: replace(files, weights="0" * 64), "model.onnx is damaged"),
        (lambda files: replace(files, tokenizer="0" * 64), "tokenizer.json is damaged"),
        (lambda files: replace(files, folder="nowhere"), "nowhere/model.onnx is missing"),
    ],
)
def test_a_file_that_is_missing_or_not_the_pinned_one_is_named_with_the_next_step(
    change: Callable[[Files], Files], what: str
) -> None:
    model = Model(change(FILES))
    with pytest.raises(ModelError, match=what) as caught:
        model.load()
    assert "make clean setup" in str(caught.value)
    with pytest.raises(ModelError, match=what):
        list(model.run([]))
