"""Files that a user names to be written."""

from pathlib import Path

from rag.errors import InputError


def require_folders(*paths: Path | None) -> None:
    """Raise InputError for a file that could not be written, before anything is run for it."""
    for path in paths:
        if path and not path.parent.is_dir():
            raise InputError(f"{path} cannot be written: make the folder {path.parent} first")


def write_text(path: Path, text: str) -> None:
    """Write a file, half a surrogate pair as XML does. Raises InputError where that cannot be
    done."""
    try:
        path.write_text(text, encoding="utf-8", errors="xmlcharrefreplace")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path} cannot be written ({reason}): name another file") from error
