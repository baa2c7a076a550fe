"""Who hears of an answer while it is made."""

from collections.abc import Sequence

from rag.records import Citation, Claim, Passage


class Listener:
    """Told of each step as it happens; this one listens to nothing."""

    def passages(self, passages: Sequence[Passage]) -> None:
        """These were retrieved, best first."""

    def claim(self, claim: Claim, citations: Sequence[Citation]) -> None:
        """This claim is released and stays, with the citations that it is first to use."""

    def gone(self) -> bool:
        """Whether nobody waits for the answer any more; what is under way then ends."""
        return False
