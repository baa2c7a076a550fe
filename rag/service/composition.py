"""The composition root: settings -> a Service, every part of it made here and nowhere else."""

from rag import chunking
from rag.embeddings import open_embeddings
from rag.encoders import TOKEN_MODEL, Encoders
from rag.evidence.entailment import open_entailment
from rag.ingestion import Ingestion
from rag.library import Library
from rag.models import Limits, Models
from rag.retrieval import Retriever
from rag.service.service import Service
from rag.settings import Settings
from rag.vectors import VectorIndex


def open_service(settings: Settings, encoders: Encoders | None = None) -> Service:
    """Open the library that `settings` name, or begin one. Models load when first needed.

    Raises SettingsError and LibraryError.
    """
    encoders = encoders or Encoders.bundled()
    name, embeddings = open_embeddings(settings.embeddings, encoders.sentences)
    made_with = {"embeddings": name, "tokens": TOKEN_MODEL, "chunking": chunking.VERSION}
    library = Library(settings.data, made_with)
    index = VectorIndex(library, settings.chroma_url)
    return Service(
        library=library,
        index=index,
        encoders=encoders,
        retriever=Retriever(
            library=library,
            index=index,
            embeddings=embeddings,
            tokens=encoders.tokens,
        ),
        ingestion=Ingestion(library, index, embeddings, encoders.tokens),
        models=Models(
            settings.model,
            settings.context_tokens,
            Limits(settings.first_token_seconds, settings.answer_seconds),
        ),
        made_with=made_with,
        judge=settings.judge,
        entailment=open_entailment(settings.evidence),
    )
