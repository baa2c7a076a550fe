"""The application: a service, its routes, its problems and what protects them."""

from collections.abc import Sequence

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline

from api import routes
from api.problems import HANDLERS
from api.protection import BearerKeys, BodyLimit
from rag.service import Service


def create_app(service: Service, api_keys: Sequence[str] = ()) -> FastAPI:
    """The HTTP service over `service`, which stays the caller's to close.

    With `api_keys`, every route under /v1 asks for one of them as a bearer token.
    """
    app = FastAPIOffline(  # FastAPI whose docs page needs no other host
        title="Citewell",
        summary="Answers from your own articles, every sentence resting on exact quotes",
        version="1",
        docs_url="/docs",
        redoc_url=None,
        static_url="/docs/assets",
        swagger_ui_parameters={"tryItOutEnabled": True, "defaultModelsExpandDepth": 0},
        redirect_slashes=False,
        exception_handlers=HANDLERS,
    )
    app.state.service = service
    app.add_middleware(BodyLimit)
    if api_keys:
        app.add_middleware(BearerKeys, keys=api_keys)
    # The keys are compared before the body is read; here the docs page learns of them.
    scheme = [Security(HTTPBearer(auto_error=False))] if api_keys else []
    app.include_router(routes.v1, dependencies=scheme)
    app.include_router(routes.health)
    return app
