"""Measures of retrieval, citations and refusal: pure functions of plain values.

They are functions of one case and answer a bool, a number or a pair (right, all); `mean` and
`ratio` of `eval.bootstrap` turn one of these a case into a figure.

A case that failed is wrong, not absent: it goes in as False, as 0, or as an answer without claims.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

# Source, start and end of a piece of stored text, in characters, the end excluded.
Span = tuple[str, int, int]


def evidence_recall(passages: Sequence[Span], gold: Sequence[Span], budget: int) -> bool:
    """Does a gold span lie wholly inside the first `budget` characters of retrieved text?

    The passages are laid one after the other in rank order, a repeated one as often as it comes,
    and the last is cut off at the budget. Any one of the `gold` spans will do; it must lie inside
    one passage. This is the recall at a budget of text of Asai et al. 2021 ("XOR QA", R@2kt and
    R@5kt), in characters instead of tokens: unlike recall at k, longer chunks gain nothing.

    Raises ValueError for no gold span, an empty one, or a budget below 1.
    """
    _require_gold(gold)
    _require_positive("budget", budget)
    left = budget
    for source, start, end in passages:
        read = (source, start, min(end, start + left))
        if any(_holds(read, span) for span in gold):
            return True
        left -= end - start
    return False


def hit_at_k(chunks: Sequence[Span], gold: Sequence[Span], k: int) -> bool:
    """Is one of the first k chunks relevant?

    `chunks` is the whole ranking, best first. A chunk is relevant when it holds a gold span wholly.
    For a gold span that no chunk of the ranking holds, as where chunking cut it in two, the chunk
    in which it starts is relevant. This is the top-k accuracy of Karpukhin et al. 2020 ("Dense
    Passage Retrieval for Open-Domain Question Answering"), by offsets instead of strings.

    Raises ValueError for no gold span, an empty one, or k below 1.
    """
    _require_positive("k", k)
    return reciprocal_rank(chunks, gold, cutoff=k) > 0


def reciprocal_rank(chunks: Sequence[Span], gold: Sequence[Span], cutoff: int = 10) -> float:
    """One over the rank of the first relevant chunk, 0 where none is among the first `cutoff`.

    Ranking and relevance are those of `hit_at_k`. Its mean is MRR@cutoff (Voorhees 1999, "The
    TREC-8 Question Answering Track Report").

    Raises ValueError for no gold span, an empty one, or a cutoff below 1.
    """
    _require_gold(gold)
    _require_positive("cutoff", cutoff)
    wanted = [
        span if any(_holds(chunk, span) for chunk in chunks) else _first_character(span)
        for span in gold
    ]
    for rank, chunk in enumerate(chunks[:cutoff], start=1):
        if any(_holds(chunk, span) for span in wanted):
            return 1 / rank
    return 0.0


def citation_precision(
    claims: Sequence[Sequence[Span]], sources: AbstractSet[str]
) -> tuple[int, int]:
    """How many of an answer's citations are right, and how many there are.

    `claims` holds the quotes each claim cites, `sources` the acceptable sources of the case: at
    least those of its facts' evidence. A citation is right when its source is acceptable. It need
    not touch an evidence excerpt: an answer may well add a further true sentence of the right
    article, and the excerpts list what is needed, not all that is true. A claim without a citation
    counts as one wrong citation, so that citing less never looks like citing better. A citation
    counts once a claim.

    After Gao et al. 2023 ("Enabling Large Language Models to Generate Text with Citations", ALCE),
    where an entailment model says whether a cited passage bears on its statement; here the known
    sources say so. The `ratio` over cases is the share of all citations that are right.

    Raises ValueError for no acceptable source.
    """
    if not sources:
        raise ValueError("a case needs at least one acceptable source")
    right = sum(source in sources for quotes in claims for source, _, _ in quotes)
    return right, sum(max(1, len(quotes)) for quotes in claims)


def citation_recall(
    claims: Sequence[Sequence[Span]], facts: Sequence[Sequence[Span]]
) -> tuple[int, int]:
    """How many of a case's facts an answer backs with evidence, and how many facts there are.

    `claims` holds the quotes each claim cites, `facts` the excerpts of evidence of each fact, any
    one of which will do. A fact is backed when a single quote covers at least half the characters
    of one of its excerpts; a quote that merely brushes against an excerpt backs nothing.

    After ALCE (see `citation_precision`), which asks of every statement whether its citations
    entail it; here every known fact is asked for, so an answer can't gain by saying less. The
    `ratio` over cases is the share of all facts that are backed.

    Raises ValueError for no fact, a fact without an excerpt, or an empty excerpt.
    """
    if not facts:
        raise ValueError("a case needs at least one fact")
    for excerpts in facts:
        _require_gold(excerpts)
    quotes = [quote for cited in claims for quote in cited]
    backed = sum(
        any(_covers_half(quote, excerpt) for quote in quotes for excerpt in excerpts)
        for excerpts in facts
    )
    return backed, len(facts)


def refusal_precision(should_refuse: bool | None, refused: bool) -> tuple[bool, bool]:
    """Is a refusal right, and is there one: of the questions refused, the share that should be.

    `should_refuse` is None where either is right: what was done is then what should have been done.
    Refused, such a case is a right refusal; answered, a right answer. A case that failed did
    neither and counts as wrong: give it `refused` opposite to `should_refuse`, and where that is
    None, True and False.

    The `ratio` over cases is the precision of van Rijsbergen 1979 ("Information Retrieval", chapter
    7), as are recall and F1 below.
    """
    return _rightly(should_refuse, refused), refused


def refusal_recall(should_refuse: bool | None, refused: bool) -> tuple[bool, bool]:
    """Of the questions that should be refused, the share that was. Input as above."""
    return _rightly(should_refuse, refused), _due(should_refuse, refused)


def refusal_f1(should_refuse: bool | None, refused: bool) -> tuple[int, int]:
    """The harmonic mean of refusal precision and recall. Input as above.

    Taken as twice the right refusals over all refusals made and due, which is the same and is 0,
    not undefined, where no refusal was right.
    """
    return 2 * _rightly(should_refuse, refused), refused + _due(should_refuse, refused)


def _due(should_refuse: bool | None, refused: bool) -> bool:
    return refused if should_refuse is None else should_refuse


def _rightly(should_refuse: bool | None, refused: bool) -> bool:
    return refused and _due(should_refuse, refused)


def _holds(outer: Span, inner: Span) -> bool:
    return outer[0] == inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2]


def _first_character(span: Span) -> Span:
    source, start, _ = span
    return source, start, start + 1


def _covers_half(quote: Span, excerpt: Span) -> bool:
    overlap = min(quote[2], excerpt[2]) - max(quote[1], excerpt[1])
    return quote[0] == excerpt[0] and 2 * overlap >= excerpt[2] - excerpt[1]


def _require_gold(gold: Sequence[Span]) -> None:
    if not gold:
        raise ValueError("a gold span is needed to measure against")
    for source, start, end in gold:
        if not 0 <= start < end:
            raise ValueError(f"not a span of text: {source} {start}..{end}")


def _require_positive(name: str, number: int) -> None:
    if number < 1:
        raise ValueError(f"{name} must be at least 1, not {number}")
