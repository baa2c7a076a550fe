"""For whoever runs the server: is it alive, can it answer, what has it done, how is it used."""

import hashlib
import re
from base64 import b64encode

from fastapi import APIRouter, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html

from api.context import TheContext, TheService
from api.metrics import CONTENT_TYPE
from api.problems import documented
from api.protection.headers import policy
from api.schemas import Health, Readiness

DOCS_ASSETS = "/docs/assets"

router = APIRouter(tags=["operations"])
guarded = APIRouter(tags=["operations"])
"""What asks for a key where keys are set."""


@router.get("/healthz")
async def healthz() -> Health:
    """The process is alive, however busy its threads are."""
    return Health()


@router.get("/readyz", responses=documented(503))
def readyz(service: TheService) -> Readiness:
    """Questions can be answered: the models load and the library and its index open."""
    service.load()
    return Readiness(articles=service.status().articles)


@guarded.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **documented(401),
    },
)
def metrics(context: TheContext) -> Response:
    """Requests, latencies, answers, the queue and the library in Prometheus's text format."""
    return Response(context.metrics.text(), media_type=CONTENT_TYPE)


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> Response:
    """The OpenAPI document as a page to try things on."""
    root = request.scope.get("root_path", "")
    page = get_swagger_ui_html(
        openapi_url=f"{root}{request.app.openapi_url}",
        title="Citewell",
        swagger_js_url=f"{root}{DOCS_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{root}{DOCS_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{root}{DOCS_ASSETS}/favicon.png",
        swagger_ui_parameters={"tryItOutEnabled": True, "defaultModelsExpandDepth": 0},
    )
    inline = re.findall(rb"<script>(.*?)</script>", bytes(page.body), re.S)
    hashes = [b64encode(hashlib.sha256(script).digest()).decode() for script in inline]
    page.headers["Content-Security-Policy"] = policy(
        scripts=[f"'sha256-{digest}'" for digest in hashes]
    )
    return page
