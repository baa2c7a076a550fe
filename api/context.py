"""What the routes share, as FastAPI gives it to them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.metrics import Metrics
from api.work import Desk
from rag.service import Service


@dataclass(frozen=True, slots=True)
class Context:
    """The service, the desks its calls go through, and what is counted."""

    service: Service
    asking: Desk
    writing: Desk
    metrics: Metrics


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


async def _service(request: Request) -> Service:
    return (await _context(request)).service


TheContext = Annotated[Context, Depends(_context)]
TheService = Annotated[Service, Depends(_service)]
