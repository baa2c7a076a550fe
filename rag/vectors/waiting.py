"""What the library knows and the index does not yet: searched exactly, vector by vector."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.encoders import Floats
from rag.library import Library


@dataclass(frozen=True, slots=True)
class Waiting:
    """Chunks that the index, when in `state`, lacks, with their vectors as rows of unit length; and
    those it has that are `gone`."""

    version: tuple[str, int, int]
    ids: tuple[int, ...]
    sources: tuple[str, ...]
    vectors: Floats
    gone: frozenset[int]

    @property
    def state(self) -> str:
        """The state of the index that this is about."""
        return self.version[0]

    def nearest(
        self, vector: Floats, count: int, sources: Collection[str] | None
    ) -> list[tuple[float, int]]:
        """(cosine distance, id) of the nearest, of all or of `sources`, nearest first."""
        if not self.ids:
            return []
        distances = 1 - self.vectors @ (vector / max(float(np.linalg.norm(vector)), 1e-9))
        if sources is not None:
            named = set(sources)
            distances[[source not in named for source in self.sources]] = np.inf
        best = np.argsort(distances, kind="stable")[:count]
        return [(float(distances[at]), self.ids[at]) for at in best if distances[at] < np.inf]


NOTHING = Waiting(("", -1, -1), (), (), np.empty((0, 0), dtype=np.float32), frozenset())


def waiting(library: Library, known: Waiting) -> Waiting:
    """What waits now; of `known`, what was so before, only what is new is read."""
    while (version := library.index_version()) != known.version:
        changes = library.index_changes()
        if changes.state == version[0]:
            return _read(library, version, changes.add, known, frozenset(changes.delete))
    return known


def everything(library: Library, known: Waiting) -> Waiting:
    """The whole library, as if there were no index; of `known` only what is new is read."""
    version = library.index_version()
    if version == known.version:
        return known
    return _read(library, version, library.chunk_ids(), known, frozenset())


def _read(
    library: Library,
    version: tuple[str, int, int],
    ids: Collection[int],
    known: Waiting,
    gone: frozenset[int],
) -> Waiting:
    at = {id_: row for row, id_ in enumerate(known.ids)}
    new = library.vectors([id_ for id_ in ids if id_ not in at])
    if not known.ids and not new:
        return Waiting(version, (), (), known.vectors, gone)
    kept = [(id_, at[id_]) for id_ in ids if id_ in at]
    read: npt.NDArray[np.float32] = np.array([v for _, _, v in new], dtype=np.float32)
    read = read.reshape(len(new), -1 if new else known.vectors.shape[1])
    read /= np.maximum(np.linalg.norm(read, axis=1, keepdims=True), 1e-9)
    rows = (
        known.vectors[[row for _, row in kept]]
        if kept
        else np.empty((0, read.shape[1]), np.float32)
    )
    return Waiting(
        version,
        (*(id_ for id_, _ in kept), *(id_ for id_, _, _ in new)),
        (*(known.sources[row] for _, row in kept), *(source for _, source, _ in new)),
        np.concatenate([rows, read]),
        gone,
    )
