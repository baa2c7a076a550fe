"""Citewell's search for programs that are built with LangChain.

Apart, because importing LangChain's retrievers takes a third of a second, and nothing in Citewell
asks for Documents.
"""

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from rag.records import Passage
from rag.retrieval import Retriever


class CitewellRetriever(BaseRetriever):
    """The passages that `retriever` finds, as Documents that know their place in their article."""

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    retriever: Retriever

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [_document(passage) for passage in self.retriever.search(query)]


def _document(passage: Passage) -> Document:
    return Document(
        passage.text,
        id=str(passage.chunk_id),
        metadata={
            "source": passage.source,
            "title": passage.title,
            "date": passage.date,
            "sha256": passage.sha256,
            "start": passage.start,
            "end": passage.end,
            "line": passage.line,
            "score": passage.score,
        },
    )
