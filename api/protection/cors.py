"""Other origins' pages, where the settings let them in."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from api.problems import problem


class CORS(CORSMiddleware):
    """Starlette's, with problem details for what it refuses."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """The answer to a browser that asks beforehand whether it may ask."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        refused = bytes(response.body).decode()
        headers = {name: value for name, value in response.headers.items() if "content" not in name}
        return problem(400, f"{refused}: see CITEWELL_CORS_ORIGINS and /docs", headers)
