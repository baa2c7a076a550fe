"""The application: a service, its routes, its problems and what protects them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline

from api.context import Context
from api.heads import Heads
from api.metrics import Metrics
from api.problems import HANDLERS
from api.protection.body import BodyLimit
from api.protection.cors import CORS
from api.protection.headers import SecurityHeaders
from api.protection.hosts import LoopbackHosts
from api.protection.keys import BearerKeys
from api.protection.rate import RateLimit
from api.requests import HEADER, Requests
from api.routes import answers, articles, openai, operations, page
from api.work import Desk
from rag.errors import LibraryError
from rag.service import Service

ASKING = 8
"""Questions answered at once."""

QUEUE = 120
"""Questions that may wait for their turn."""

PUTTING = 16
"""Articles that may wait to be written, one at a time; each is in memory meanwhile."""


def create_app(
    service: Service,
    api_keys: Sequence[str] = (),
    rate_limit: int | None = None,
    cors_origins: Sequence[str] = (),
) -> FastAPI:
    """The HTTP service over `service`, which stays the caller's to close.

    With `api_keys`, /metrics and every route under /v1 ask for one of them as a bearer token;
    without, only names of this machine are answered to. A client may make `rate_limit` requests a
    minute, and pages of `cors_origins` may ask from a browser.
    """
    app = FastAPIOffline(  # FastAPI with the docs page's assets, so that it needs no other host
        title="Citewell",
        summary="Answers from your own articles, every sentence resting on exact quotes",
        version="1",
        docs_url=None,
        redoc_url=None,
        static_url=operations.DOCS_ASSETS,
        redirect_slashes=False,
        exception_handlers=HANDLERS,
    )
    metrics = Metrics()
    context = Context(service, Desk("ask", ASKING, QUEUE), Desk("write", 1, PUTTING), metrics)
    app.state.context = context
    _watch(context)
    # The last that is added is the first that a request passes.
    app.add_middleware(Heads)
    app.add_middleware(BodyLimit)
    if rate_limit:
        app.add_middleware(RateLimit, per_minute=rate_limit)
    if api_keys:
        app.add_middleware(BearerKeys, keys=api_keys)
    if cors_origins:
        app.add_middleware(
            CORS,
            allow_origins=cors_origins,
            allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
            allow_headers=["*"],  # those of any client of OpenAI's
            expose_headers=[HEADER, "Retry-After"],
        )
    if not api_keys:
        app.add_middleware(LoopbackHosts)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Requests, metrics=metrics)
    # The keys are compared before the body is read; here the docs page learns of them.
    scheme = [Security(HTTPBearer(auto_error=False))] if api_keys else []
    app.include_router(answers.router, dependencies=scheme)
    app.include_router(articles.router, dependencies=scheme)
    app.include_router(openai.router, dependencies=scheme)
    app.include_router(operations.guarded, dependencies=scheme)
    app.include_router(operations.router)
    app.include_router(page.router)
    return app


def _watch(context: Context) -> None:
    """Have the metrics say how long the queues are, and how large the library is."""

    def size() -> Mapping[str, float]:
        with suppress(LibraryError):
            articles, chunks = context.service.size()
            return {"articles": articles, "chunks": chunks}
        return {}

    desks = {"asking": context.asking, "writing": context.writing}
    watch = context.metrics.watch
    watch(
        "citewell_running", "Calls under way.", "desk",
        lambda: {name: desk.running for name, desk in desks.items()},
    )  # fmt: skip
    watch(
        "citewell_waiting", "Calls that wait for their turn.", "desk",
        lambda: {name: desk.waiting for name, desk in desks.items()},
    )  # fmt: skip
    watch("citewell_library", "What the library holds.", "what", size)
