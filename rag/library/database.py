"""The SQLite file: connections, transactions, the writer's lock, and what its errors mean."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

from filelock import FileLock, Timeout

from rag.errors import LibraryBusy, LibraryError

Connection = sqlite3.Connection


class _Owned:
    """A thread's connection; closed when the thread is gone."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()


class Database:
    """`library.sqlite3` in a folder. Threads share it; processes share the folder."""

    def __init__(self, folder: Path) -> None:
        """Raises LibraryError where the folder cannot be made."""
        self.folder = folder
        self._file = folder / "library.sqlite3"
        self._local = threading.local()
        self._opened: WeakSet[_Owned] = WeakSet()
        self._writers = threading.RLock()
        self._lock = FileLock(folder / "writer.lock", timeout=0)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(
                f"The library's folder {folder} cannot be made ({error.strerror}): "
                "set CITEWELL_DATA to a folder of yours"
            ) from error

    def close(self) -> None:
        """Close every thread's connection."""
        for owned in list(self._opened):
            owned.connection.close()
        self._local = threading.local()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer, across threads and processes; may be nested.

        Raises LibraryBusy, naming the process that writes.
        """
        holder = self.folder / "writer.pid"
        with self._writers:
            try:
                self._lock.acquire()
            except Timeout:
                pid = holder.read_text().strip() if holder.exists() else "unknown"
                raise LibraryBusy(
                    f"Another process (pid {pid}) is writing to {self.folder}: "
                    "try again when it has finished"
                ) from None
            except OSError as error:
                raise LibraryError(
                    f"{self.folder} cannot be written to ({error.strerror}): check its permissions"
                ) from error
            try:
                holder.write_text(str(os.getpid()))
                yield
            finally:
                self._lock.release()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write that happens whole or not at all."""
        with self.writing(), self._explained():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, query: str, values: Any = ()) -> list[tuple[Any, ...]]:
        """The rows of one query, all of the same moment."""
        with self._explained():
            return self._connection().execute(query, values).fetchall()

    def _connection(self) -> Connection:
        owned: _Owned | None = getattr(self._local, "owned", None)
        if owned is None:
            connection = sqlite3.connect(
                self._file, isolation_level=None, timeout=30, check_same_thread=False
            )
            owned = self._local.owned = _Owned(connection)
            self._opened.add(owned)
            connection.execute("PRAGMA journal_mode = WAL")
        return owned.connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say of SQLite's errors what they mean for the library."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise LibraryError(
                f"{self._file} cannot be used ({error}): check the disk and its permissions"
            ) from error
        except sqlite3.DatabaseError as error:
            raise LibraryError(
                f"{self._file} is damaged ({error}): delete the folder {self.folder} and ingest "
                "your articles again"
            ) from error
