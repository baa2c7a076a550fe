"""Chroma: the vector index of a library, made again from it at any time."""

from rag.vectors.index import VectorIndex

__all__ = ["VectorIndex"]
