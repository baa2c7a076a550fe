"""The vector index: the nearest chunks of a library, whatever state Chroma is in.

The library is the truth. Chroma holds what it was told last; what has come since is searched
exactly, what has gone is passed over, and where Chroma is missing, damaged, foreign or of another
moment it is made again from the vectors that the library keeps.
"""

import logging
import threading
import time
from collections.abc import Collection
from uuid import uuid4

import numpy as np

from rag.encoders import Floats
from rag.errors import IndexAway, LibraryBusy, LibraryError
from rag.library import IndexChanges, Library
from rag.vectors.folder import Folder
from rag.vectors.opened import Opened, Store, Unusable, batches
from rag.vectors.server import Server
from rag.vectors.waiting import NOTHING, Waiting, everything, waiting

log = logging.getLogger(__name__)

_TRIES = 5
_DEAD_SHARE = 0.2
"""Of deleted vectors in the graph; with more it is made anew: they slow it and cost recall."""

_FEW, _FROM = 0.01, 1000
"""The share of changes that an embedded index of at least so many vectors lets wait."""

_MANY, _AT_LEAST = 0.25, 2000
"""The share, and number, of changes from which an ingest does not wait for its end."""

_RETRY_SECONDS = 30


class VectorIndex:
    """The nearest chunks of a library by cosine; opened on first use, shared by threads."""

    def __init__(self, library: Library, url: str = "") -> None:
        """Embedded, beside the library; with `url` on a Chroma server."""
        self._library = library
        self._on_server = bool(url)
        self._store: Store = Server(url, library) if url else Folder(library.folder / "chroma")
        self._lock = threading.RLock()
        self._opened: Opened | None = None
        self._waiting = self._everything = NOTHING
        self._retry_at = 0.0

    @property
    def count(self) -> int:
        """How many chunks a search can find."""
        opened, waiting = self._current()
        if opened is None:
            return len(waiting.ids)
        return opened.count() - len(opened.ids(waiting.gone)) + len(waiting.ids)

    def open(self) -> None:
        """Open the index now, mended if need be, so that the first question need not wait. Raises
        IndexAway where a Chroma server is out of reach."""
        self._current()

    def close(self) -> None:
        """Let go of Chroma's files."""
        with self._lock:
            self._opened = None

    def nearest(
        self, vector: Floats, count: int, sources: Collection[str] | None = None
    ) -> list[int]:
        """Ids of the `count` chunks nearest to `vector`, nearest first, of all or of `sources`.

        Raises IndexAway where a Chroma server is out of reach.
        """
        if sources is not None and not sources:
            return []
        among = None if sources is None else list(sources)
        for _ in range(_TRIES):
            opened, waiting = self._current()
            try:
                found = _live(opened, waiting, vector, count, among)
            except Unusable as reason:
                self._lost(opened, reason)
                continue
            found += waiting.nearest(vector, count, among)
            return list(dict.fromkeys(id_ for _, id_ in sorted(found)))[:count]
        raise LibraryError(
            f"The vector index of {self._library.folder} is lost again and again: see that nothing "
            "else writes there"
        )

    def level(self, wait: bool = True) -> None:
        """Tell the index what the library has come to know; where it cannot be used, remake it.

        A few changes to a large embedded index wait for more, for each costs a copy of it. Does
        nothing while another process writes, which levels the index itself, nor, unless told to
        `wait`, while a thread of this one does. Raises LibraryError where the index cannot be
        written.
        """
        try:
            # In this order everywhere: who ingests holds the writer's lock when it comes here.
            with self._library.writing(wait), self._lock:
                self._level()
        except LibraryBusy as busy:
            log.info("The vector index is left as it is: %s", busy)

    def follow(self) -> bool:
        """Level the index after a write; False where its server is away: it hears of it when it is
        asked again."""
        try:
            self.level()
        except IndexAway as away:
            log.warning("%s", away)
            return False
        return True

    def keep_up(self) -> bool:
        """Follow where the index has fallen far behind; for whoever writes much."""
        _, count, _ = self._library.index_version()
        far = count >= _AT_LEAST and count >= _MANY * self._library.count()
        return self.follow() if far else True

    def problems(self) -> list[str]:
        """Where the index does not hold just what the library says; empty when it is level."""
        opened, waiting = self._current()
        if opened is None:
            made = self._is_written()
            return (
                [] if made else ["the vector index cannot be used: questions are searched exactly"]
            )
        try:
            held = (opened.ids() - waiting.gone) | set(waiting.ids)
            sample = opened.vectors(100)
        except Unusable as reason:
            return [f"the vector index cannot be read: {reason}"]
        known = set(self._library.chunk_ids())
        kept = {id_: vector for id_, _, vector in self._library.vectors(list(sample))}
        wrong = [i for i in kept if not np.allclose(kept[i], sample[i], atol=1e-5)]
        found = {"missing": known - held, "left over": held - known, "not as stored": wrong}
        if any(found.values()) and self._library.index_version() != waiting.version:
            return self.problems()  # of two moments
        return [f"{len(ids)} vectors are {what}" for what, ids in found.items() if ids]

    def _is_written(self) -> bool:
        """Whether somebody writes, who levels the index when that is done."""
        try:
            with self._library.writing(wait=False):
                return False
        except LibraryBusy:
            return True

    def _current(self) -> tuple[Opened | None, Waiting]:
        """The collection, in the state that the library speaks of, and what it lacks; without a
        usable one, None and everything."""
        for attempt in range(_TRIES):
            found = self._waiting = waiting(self._library, self._waiting)
            opened = self._opened
            if opened and opened.state == found.state:
                return opened, found
            if not self._ready(mends=attempt > 0):
                break
        self._everything = everything(self._library, self._everything)
        return None, self._everything

    def _ready(self, mends: bool) -> bool:
        """Open the collection that the library speaks of, or make it again; False if neither is
        possible now."""
        if not self._lock.acquire(timeout=1):
            return False  # a thread makes it
        try:
            state, changes, _ = self._library.index_version()
            if self._opened and self._opened.state == state:
                return True
            # Without need no reader takes the lock: a writer that starts just then would give up.
            if not mends and (self._opened or not changes):
                self._opened = self._store.open(state)
                return True
        except Unusable:
            return True  # perhaps another process has gone on: to be looked at again, and mended
        finally:
            self._lock.release()
        return self._mended()

    def _mended(self) -> bool:
        """Level the index if that is possible now; where it is not, the state there is will do."""
        if time.monotonic() < self._retry_at:
            return False
        try:
            self.level(wait=False)
            with self._lock:
                self._opened = self._opened or self._store.open(self._library.index_version()[0])
        except Unusable:
            return False  # another process writes, and will mend it
        except LibraryError as error:
            if self._on_server:
                raise
            log.warning("%s", error)
            self._retry_at = time.monotonic() + _RETRY_SECONDS
            return False
        return True

    def _lost(self, opened: Opened | None, reason: Unusable) -> None:
        with self._lock:
            if self._opened is opened:
                log.warning("The vector index cannot be read (%s)", reason)
                self._opened = None

    def _level(self) -> None:
        changes = self._library.index_changes()
        opened = self._usable(changes)
        if opened and self._may_wait(opened, changes):
            self._opened = opened
            return
        if opened is None or not self._told(opened, changes):
            log.info("The vector index is made anew from the library")
            if not self._told(None, changes):
                raise LibraryError(
                    f"The vector index of {self._library.folder} does not hold what it was given: "
                    "see that nothing else writes there, and try again"
                )

    def _usable(self, changes: IndexChanges) -> Opened | None:
        """The collection in the state that the library speaks of, unless too much of it is dead."""
        try:
            opened = self._store.open(changes.state)
            dead = opened.dead + len(changes.delete)
            return opened if dead <= _DEAD_SHARE * (opened.count() + opened.dead) else None
        except Unusable as reason:
            if changes.state:
                log.warning("The vector index is made anew from the library: %s", reason)
            return None

    def _may_wait(self, opened: Opened, changes: IndexChanges) -> bool:
        if not len(changes):
            return opened.count() == self._library.count()
        held = opened.count()
        return not self._on_server and held >= _FROM and len(changes) <= _FEW * held

    def _told(self, base: Opened | None, changes: IndexChanges) -> bool:
        """Bring `base`, or an empty collection, level with the library; whether it then holds as
        much."""
        state = uuid4().hex
        with self._store.writing(base, state, len(changes.delete)) as new:
            size = new.batch_size()
            for gone in batches(changes.delete if base else (), size):
                new.forget(gone)
            for ids in batches(changes.add if base else self._library.chunk_ids(), size):
                new.learn(self._library.vectors(ids))
            # The graph is written when two records have come since it was written last.
            some = self._library.vectors(list(new.vectors(1)))
            new.learn(some)
            new.learn(some)
            level = new.count() == self._library.count()
        if level:
            self._library.index_was_told(changes, state)
            self._opened = self._store.open(state)
            self._store.prune(state)
        return level


def _live(
    opened: Opened | None, waiting: Waiting, vector: Floats, count: int, among: list[str] | None
) -> list[tuple[float, int]]:
    """The nearest that Chroma holds and the library still knows."""
    if opened is None:
        return []
    live: list[tuple[float, int]] = []
    for extra in (min(len(waiting.gone), count), len(waiting.gone)):
        found = opened.nearest(vector, count + extra, among)
        live = [one for one in found if one[1] not in waiting.gone]
        if len(live) >= count or extra == len(waiting.gone):
            break
    return live
