"""The sentence embeddings that a library is made with: the bundled ones, or any of LangChain's."""

from typing import Any

from langchain_core.embeddings import Embeddings

from rag.encoders import SENTENCE_MODEL, SentenceEncoder
from rag.errors import ModelError, SettingsError
from rag.segmentation import flat

BUNDLED = "bundled"

# Else langchain-openai counts tokens first, with a table that it fetches from another host.
_OPTIONS: dict[str, dict[str, Any]] = {
    name: {"check_embedding_ctx_length": False} for name in ("openai", "azure_openai")
}


class OutsideEmbeddings(Embeddings):
    """Embeddings of a LangChain provider; what fails there is a ModelError with a next step."""

    def __init__(self, name: str) -> None:
        """Raises SettingsError for an id that LangChain does not know or cannot set up."""
        from langchain.embeddings import init_embeddings

        self._name = name
        try:
            self._embeddings = init_embeddings(name, **_OPTIONS.get(name.split(":")[0], {}))
        except (ValueError, ImportError) as error:
            raise SettingsError(
                f"CITEWELL_EMBEDDINGS={name} cannot be used ({flat(str(error))}): set it to "
                "bundled, or to an id such as openai:text-embedding-3-small"
            ) from error
        except Exception as error:  # each provider has exceptions of its own, for a missing key too
            raise self._failed(flat(str(error))) from error

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages. Raises ModelError."""
        try:
            return self._embeddings.embed_documents(texts)
        except Exception as error:
            raise self._failed(_kind(error)) from error

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question. Raises ModelError."""
        try:
            return self._embeddings.embed_query(text)
        except Exception as error:
            raise self._failed(_kind(error)) from error

    def _failed(self, what: str) -> ModelError:
        return ModelError(
            f"The embeddings {self._name} failed ({what}): check the key, the address "
            "and the network, or set CITEWELL_EMBEDDINGS=bundled with a new CITEWELL_DATA"
        )


def _kind(error: Exception) -> str:
    """What failed, without the provider's own words: those name keys and repeat texts."""
    status = getattr(error, "status_code", None)
    return type(error).__name__ + (f", HTTP {status}" if isinstance(status, int) else "")


def open_embeddings(name: str, bundled: SentenceEncoder) -> tuple[str, Embeddings]:
    """What to record in the library, and the embeddings: `bundled` or a LangChain id."""
    return (SENTENCE_MODEL, bundled) if name == BUNDLED else (name, OutsideEmbeddings(name))
