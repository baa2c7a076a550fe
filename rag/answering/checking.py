"""The sentences of a draft -> what the library says of each."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

from rag.answering.referring import Referring, held
from rag.errors import Abandoned
from rag.evidence.judged import judged
from rag.evidence.support import Verdict
from rag.models import ChatModel
from rag.records import ClaimCheck

log = logging.getLogger(__name__)

_SIDE_BY_SIDE = 4
"""Sentences that are held at a time: the models read one while the rules do another."""


def checked(
    sentences: Sequence[str],
    hold: Callable[[str], Verdict],
    judge: ChatModel | None,
    gone: Callable[[], bool],
) -> list[ClaimCheck]:
    """Each sentence as `hold` bears it out, and what that leaves open as `judge` does; one that
    begins with a pronoun is held as what it means after those before it.

    Raises Abandoned where `gone` says that nobody waits for it.
    """
    referring = Referring()
    meanings = [referring.meanings(sentence) for sentence in sentences]

    @cache
    def held_once(meaning: str) -> Verdict:
        if gone():
            raise Abandoned("Nobody waits for it any more: check it again")
        return hold(meaning)

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
        meant = list(threads.map(partial(held, hold=held_once), meanings))
    verdicts: Sequence[Verdict] = [found for _, found in meant]
    if judge:
        opinion = judged(meant, judge, gone)
        verdicts = opinion.verdicts
        if opinion.degraded:
            log.warning("%s", opinion.degraded)
    return [
        ClaimCheck(
            sentence,
            found.supported,
            round(found.support, 4),
            tuple(one.citation(id_) for id_, one in enumerate(found.evidence, start=1)),
            found.reason,
        )
        for sentence, found in zip(sentences, verdicts, strict=True)
    ]
