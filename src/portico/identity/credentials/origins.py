"""Which pages may ask for credentials: those of the pool's declared clients (Fetch standard, CORS protocol)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from portico.identity.oidc.redirects import absolute, origin_of
from portico.identity.pool import Pool

Endpoint = Callable[[Request], Awaitable[Response]]

MAX_AGE = 600  # seconds that a browser may keep a preflight's answer


def origins_of(pool: Pool) -> frozenset[str]:
    """The origins of the redirect URIs that are declared in `auth/pool.yaml`.

    Args:
        pool: the user pool.
    """
    found = (
        origin_of(absolute(uri, pool.origin))
        for client in pool.settings.clients.values()
        for uri in client.redirect_uris
    )
    return frozenset(origin for origin in found if origin is not None)


def for_pages(endpoint: Endpoint, origins: frozenset[str]) -> Endpoint:
    """An endpoint that pages of some origins may call. Cookies are never sent with such calls.

    Args:
        endpoint: answers what is not a preflight request.
        origins: "https://shop.example".
    """

    async def answered(request: Request) -> Response:
        origin = request.headers.get("origin")
        allowed = origin in origins
        if request.method == "OPTIONS":
            response = Response(status_code=204)
            if allowed:
                response.headers["Access-Control-Allow-Methods"] = "POST"
                response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
                response.headers["Access-Control-Max-Age"] = str(MAX_AGE)
        else:
            response = await endpoint(request)
        response.headers.add_vary_header("Origin")
        if allowed and origin is not None:
            response.headers["Access-Control-Allow-Origin"] = origin
        return response

    return answered
