"""A text -> its sentence vector."""

from langchain_core.embeddings import Embeddings

from rag.encoders.model import Files, Input, Model, unit

SENTENCE_MODEL = "BAAI/bge-small-en-v1.5"

_QUERY_INSTRUCTION = "Represent this sentence for searching relevant passages: "
_BGE = Files(
    "bge_small_en",
    "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
    "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
)


class SentenceEncoder(Embeddings):
    """BAAI/bge-small-en-v1.5: a text -> one unit vector of 384 (its [CLS] state).

    Source: Xiao et al. 2023, "C-Pack: Packed Resources For General Chinese Embeddings". What passes
    512 tokens is not seen.
    """

    def __init__(self) -> None:
        self._model = Model(_BGE)

    def load(self) -> None:
        """Check and load the model's files now."""
        self._model.load()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages."""
        encodings = self._model.tokenizer.encode_batch(texts)
        states = self._model.run([Input(e.ids, e.type_ids) for e in encodings])
        return [vector.tolist() for vector in (unit(state[0]) for state in states)]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, with the instruction that the model was trained with."""
        return self.embed_documents([_QUERY_INSTRUCTION + text])[0]
