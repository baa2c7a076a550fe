"""Text of others on a terminal."""

import unicodedata

_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def inert(content: str) -> str:
    """`content` with what would steer a terminal made visible: escapes, bidirectional overrides."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _steers(one) else one for one in content)


def _steers(character: str) -> bool:
    control = unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"
    return control or character in _OVERRIDES
