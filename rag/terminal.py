"""Text of others: on a terminal, and from standard input."""

import sys
import unicodedata
from collections.abc import Iterator

from rag.errors import InputError

_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def inert(content: str) -> str:
    """`content` with what would steer a terminal made visible: escapes, bidirectional overrides."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _steers(one) else one for one in content)


def lines() -> Iterator[str]:
    """The lines of standard input that say something. Raises InputError where it is closed or no
    text."""
    if sys.stdin is None:
        raise InputError("Standard input is closed: pipe the lines in")
    try:
        found = (line.removeprefix("\ufeff").strip() for line in sys.stdin)
        yield from (line for line in found if line)
    except UnicodeDecodeError as error:
        raise InputError("Standard input is not UTF-8 text: convert it first") from error


def _steers(character: str) -> bool:
    control = unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"
    return control or character in _OVERRIDES
