"""A question that came over HTTP, whatever its route: who answers it, and what is counted."""

from collections.abc import Callable, Sequence

from starlette.requests import Request

from api.context import Context
from api.work import Caller
from rag.answering.listener import Listener
from rag.errors import InputError
from rag.models import EXTRACTIVE
from rag.records import Answer, Turn

CITEWELL = "citewell"
"""The model name that stands for whoever is set to answer."""

AS_SET = (None, "auto", CITEWELL)

Ask = Callable[[Listener], Answer]


def asked(
    context: Context,
    question: str,
    sources: Sequence[str] = (),
    conversation: Sequence[Turn] = (),
    model: str | None = None,
) -> Ask:
    """The call that answers a question; it may be made in any thread.

    Raises InputError for a model that clients may not choose.
    """
    chosen = _model(context, model)

    def ask(listener: Listener) -> Answer:
        answer = context.service.ask(question, sources, conversation, chosen, listener)
        context.metrics.answer(answer)
        return answer

    return ask


async def answered(
    context: Context, ask: Ask, shape: Callable[[Answer], bytes], request: Request
) -> bytes:
    """The answer in its shape, once its turn has come; a client that leaves ends the work."""
    caller = Caller()
    with context.asking.place():
        return await context.asking.serve(lambda: shape(ask(caller)), caller, request.receive)


def _model(context: Context, name: str | None) -> str | None:
    """The engine's name for a model. Clients choose among what the server's owner has set, else
    they could spend the owner's key on any."""
    if name in AS_SET:
        return None
    if name == EXTRACTIVE:
        return EXTRACTIVE
    if name == context.service.model():
        return None
    raise InputError(
        f"The model {name!r} is not offered here: leave it out, or name {CITEWELL} or {EXTRACTIVE}"
    )
