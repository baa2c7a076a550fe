"""A saved Answer against the library: does every quote still stand where it says?"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rag.errors import InputError, UnknownSource
from rag.library import Library
from rag.records import Answer, Citation, in_words

_ANSWER = TypeAdapter(Answer)


def load(path: Path) -> list[Answer]:
    """The answers saved in a file: one as JSON, or one a line.

    Raises InputError where the file cannot be read or holds something else.
    """
    try:
        saved = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}): check the path") from error
    try:
        return [_ANSWER.validate_json(saved)]
    except ValidationError as error:
        whole = error
    lines = [(n, line) for n, line in enumerate(saved.split("\n"), start=1) if line.strip()]
    if not any(_is_object(line) for _, line in lines):
        raise _no_answer(str(path), whole) from whole
    answers = []
    for number, line in lines:
        try:
            answers.append(_ANSWER.validate_json(line))
        except ValidationError as error:
            place = f"{path}, line {number}," if len(lines) > 1 else str(path)
            raise _no_answer(place, error) from error
    return answers


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _no_answer(place: str, error: ValidationError) -> InputError:
    first = error.errors(include_url=False)[0]
    at = ".".join(map(str, first["loc"]))
    return InputError(
        f"{place} does not hold an Answer ({at + ': ' if at else ''}{first['msg']}): "
        "save one with `citewell ask --json`"
    )


def problems(answer: Answer, library: Library) -> list[str]:
    """What of `answer` does not hold, one line each; empty when all of it does."""
    return [*_inner(answer), *(p for c in answer.citations for p in _against(c, library))]


def _inner(answer: Answer) -> Iterator[str]:
    """Where markers, claims and citations do not fit each other."""
    ids = [citation.id for citation in answer.citations]
    cited = {id_ for claim in answer.claims for id_ in claim.citations}
    marked = {int(number) for number in re.findall(r"\[([0-9]{1,9})\]", answer.answer)}
    if answer.status == "answered" and (
        not answer.claims or answer.answer != in_words(answer.claims)
    ):
        yield "The answer does not say just what its claims say"
    for claim in answer.claims:
        if not claim.citations:
            yield f"No citation: {claim.text}"
    if len(set(ids)) < len(ids):
        yield "Two citations have the same id"
    for id_ in sorted((cited | marked) - set(ids)):
        yield f"[{id_}] is cited and not there"
    for id_ in sorted(set(ids) - cited):
        yield f"[{id_}] is not used by any claim"
    if answer.status == "refused" and (answer.claims or answer.citations):
        yield "A refusal has claims or citations"


def _against(citation: Citation, library: Library) -> Iterator[str]:
    """Where a citation does not agree with its article as the library has it."""
    name = f"[{citation.id}] {citation.source}"
    try:
        article = library.article(citation.source)
    except UnknownSource:
        yield f"{name} is no longer in the library"
        return
    start, end = citation.start, citation.end
    if not 0 <= start < end <= len(article.text) or article.text[start:end] != citation.quote:
        yield f"{name}: the quote is not at {start}–{end}"
    elif citation.line != article.text.count("\n", 0, start) + 1:
        yield f"{name}: the quote is not on line {citation.line}"
    if citation.sha256 != article.sha256:
        yield f"{name} has changed since"
