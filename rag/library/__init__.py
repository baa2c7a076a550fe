"""The library: what Citewell knows, in one SQLite file."""

from rag.library.archive import export, restore
from rag.library.library import IndexChanges, Library
from rag.library.rows import Encoding, StoredChunk

__all__ = ["Encoding", "IndexChanges", "Library", "StoredChunk", "export", "restore"]
