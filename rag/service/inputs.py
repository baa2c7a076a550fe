"""What users pass in, held to what can be used: a question, an article's name."""

import re

from rag.answering.conversation import MAX_QUESTION
from rag.errors import InputError
from rag.reading import stored_name
from rag.segmentation import flat, split

_MAX_NAME = 1000
# Controls, also those that turn the direction of writing, backslashes, and what stands for bytes
# that are no text.
_UNNAMEABLE = re.compile("[\x00-\x1f\x7f-\x9f\\\\\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffd]")


def usable(question: str) -> str:
    """A question on one line. Raises InputError where nothing is asked, or too much."""
    question = flat(in_unicode(question))
    if not any(character.isalnum() for character in question):
        raise InputError("The question is empty: ask something in words")
    if len(question) > MAX_QUESTION:
        raise InputError(
            f"The question has {len(question)} characters: ask in at most {MAX_QUESTION}"
        )
    return question


def in_unicode(text: str) -> str:
    """A text as it is. Raises InputError where it stands for bytes that are no text."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError("What is asked is not valid Unicode text: type it as UTF-8") from error
    return text


def statements(text: str) -> list[str]:
    """The sentences of a text, each on one line. Raises InputError where there is none."""
    found = [
        flat(text[sentence.start : sentence.end])
        for sentence in split(in_unicode(text), of_a_page=False)
        if sentence.kind != "aside"
    ]
    if not found:
        raise InputError("There is no sentence to check: write a statement")
    return found


def article_name(source: str) -> str:
    """A name for an article that did not come from a folder, as the folders' files have theirs."""
    name = stored_name(source)
    parts = name.split("/")
    if (
        any(part in ("", ".", "..") or len(part.encode("utf-8", "replace")) > 255 for part in parts)
        or len(name) > _MAX_NAME
        or _UNNAMEABLE.search(name)
    ):
        raise InputError(
            f"{source[:80]!a} cannot be an article's name: use a relative path such as "
            "folder/name.txt, without '..', backslashes or control characters"
        )
    return name
