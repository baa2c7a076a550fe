"""What models that reason aloud put around their thoughts, and a text without those."""

import re

_NAMES = r"think(?:ing)?|thoughts?|reasoning"
OPENING = re.compile(
    rf"(?i:<(?:{_NAMES})>|\[THINK\]|<\|channel\|>(?:analysis|commentary)<\|message\|>)"
)
CLOSING = re.compile(rf"(?i:</(?:{_NAMES})>|\[/THINK\]|<\|channel\|>final<\|message\|>)")
LONGEST_CLOSING = 27
"""Characters."""

_THOUGHT = re.compile(rf"{OPENING.pattern}.*?(?:{CLOSING.pattern}|\Z)", re.DOTALL)


def without_thoughts(written: str) -> str:
    """What a model wrote, without what it thought aloud, also where only the end of that is marked:
    some servers leave the beginning out."""
    said = _THOUGHT.sub("", written)
    return said[max((mark.end() for mark in CLOSING.finditer(said)), default=0) :]
