"""Cross-origin calls from the pages that are clients (the Fetch standard's CORS protocol). No cookies are involved."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portico.identity.oidc.answers import Endpoint
from portico.identity.oidc.clients import Clients

MAX_AGE = 600  # seconds that a browser may keep a preflight's answer


def shared(endpoint: Endpoint, clients: Clients, *methods: str) -> Endpoint:
    """An endpoint that the pages of clients may call from their own origins.

    Args:
        endpoint: that answers.
        clients: whose redirect URIs say which origins these are.
        methods: that it takes.
    """

    async def answered(request: Request) -> Response:
        origin = request.headers.get("origin")
        allowed = origin is not None and await clients.is_origin(origin)
        if request.method == "OPTIONS":
            response = Response(status_code=204, headers={"Allow": ", ".join((*methods, "OPTIONS"))})
            if allowed:
                response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
                response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
                response.headers["Access-Control-Max-Age"] = str(MAX_AGE)
        else:
            response = await endpoint(request)
        response.headers.append("Vary", "Origin")
        if origin is not None and allowed:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate, X-Request-Id"
        return response

    return answered
