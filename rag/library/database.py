"""The SQLite file: connections, transactions, the writer's lock, and what its errors mean."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
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
        self._known: tuple[int, int] | None = None
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
        self._known = None

    @contextmanager
    def writing(self, wait: bool = True) -> Iterator[None]:
        """Be the one writer, across threads and processes; may be nested.

        Raises LibraryBusy, naming the process that writes; also, unless told to `wait`, while
        another thread of this one does.
        """
        holder = self.folder / "writer.pid"
        if not self._writers.acquire(blocking=wait):
            raise LibraryBusy(f"{self.folder} is being written to: try again when that is finished")
        try:
            try:
                self._lock.acquire()
            except Timeout:
                raise LibraryBusy(
                    f"Another process (pid {_alive(holder)}) is writing to {self.folder}: "
                    "try again when it has finished"
                ) from None
            except OSError as error:
                raise LibraryError(
                    f"{self.folder} cannot be written to ({error.strerror}): check its permissions"
                ) from error
            try:
                with suppress(OSError):  # a full disk keeps no name, but may keep a removal
                    holder.write_text(str(os.getpid()))
                yield
            finally:
                self._lock.release()
        finally:
            self._writers.release()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write that happens whole or not at all."""
        with self.writing(), self._explained():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:  # SQLite itself ends it where the disk is full
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, query: str, values: Any = ()) -> list[tuple[Any, ...]]:
        """The rows of one query, all of the same moment."""
        with self._explained():
            return self._connection().execute(query, values).fetchall()

    def check(self) -> None:
        """Read the whole file. Raises LibraryError where it is damaged."""
        with self._explained():
            if found := _faults(self._connection()):
                raise LibraryError(self._damaged(found))

    def save(self, path: Path) -> None:
        """Write what the database is at this moment to a new file at `path`."""
        with self._explained(), closing(sqlite3.connect(path)) as target:
            self._connection().backup(target)
            target.execute("PRAGMA journal_mode = DELETE")

    def load(self, path: Path) -> None:
        """Become what the database at `path` is, whole or not at all. Raises LibraryError where
        that is damaged."""
        with self.writing(), self._explained(), closing(sqlite3.connect(path)) as origin:
            if _faults(origin) or not _is_library(origin):
                raise LibraryError(f"The library in {path.name} is damaged: take another backup")
            origin.backup(self._connection())

    def _connection(self) -> Connection:
        """This thread's. Raises LibraryError where the file has gone that the first one opened:
        SQLite would read on in what was removed, and begin anew for other threads."""
        if self._known and self._known != self._identity():
            raise LibraryError(
                f"{self._file} was removed or replaced while it is in use: stop what uses it, "
                "bring it back or ingest your articles again, and start anew"
            )
        owned: _Owned | None = getattr(self._local, "owned", None)
        if owned is None:
            connection = sqlite3.connect(
                self._file, isolation_level=None, timeout=30, check_same_thread=False
            )
            owned = self._local.owned = _Owned(connection)
            self._opened.add(owned)
            connection.execute("PRAGMA journal_mode = WAL")
            # A power cut may cost the last articles, which the next run brings in again; what is
            # there is whole.
            connection.execute("PRAGMA synchronous = NORMAL")
            self._known = self._known or self._identity()
        return owned.connection

    def _identity(self) -> tuple[int, int] | None:
        """The file system's number of the file; None where there is none."""
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say of SQLite's errors what they mean for the library."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # a fault of ours: the file is as it was
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code == sqlite3.SQLITE_FULL:
                explained = f"The disk of {self._file} is full: make room and run it again"
            elif code == sqlite3.SQLITE_BUSY:
                explained = f"{self._file} is in use ({error}): try again later"
            elif isinstance(error, sqlite3.OperationalError) and not self._is_damaged(code):
                explained = (
                    f"{self._file} cannot be used ({error}): check the disk and its permissions"
                )
            else:
                explained = self._damaged(str(error))
            raise LibraryError(explained) from error

    def _is_damaged(self, code: int) -> bool:
        """Whether after an error of reading or writing the file itself proves to be damaged."""
        if code != sqlite3.SQLITE_IOERR:
            return False
        try:
            with closing(
                sqlite3.connect(f"{self._file.absolute().as_uri()}?mode=ro", uri=True)
            ) as own:
                return bool(_faults(own))
        except sqlite3.OperationalError:
            return False
        except sqlite3.DatabaseError:
            return True

    def _damaged(self, reason: str) -> str:
        return (
            f"{self._file} is damaged ({' '.join(reason.split())}): move the folder {self.folder} "
            "away, then `citewell import` your backup or ingest your articles again"
        )


def _alive(holder: Path) -> str:
    """The pid that the holder of the lock left; a process that is no more is not named."""
    pid = "unknown"
    try:
        pid = str(int(holder.read_text()))
        os.kill(int(pid), 0)
    except PermissionError:
        return pid  # another user's
    except (OSError, ValueError, OverflowError):
        return "unknown"
    return pid


def _faults(connection: Connection) -> str:
    """What is wrong with a database file, which is read whole; empty where nothing is."""
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        raise  # it cannot be read now
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else str(found)


def _is_library(connection: Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone()
    return found is not None
