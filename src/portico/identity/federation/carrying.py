"""Where the browser goes on, over pages to which nothing else brings it: a provider sends nothing back."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request

from portico.identity.pages.desk import Desk

PARAMETER = "return_to"


def carrying(desk: Desk, request: Request, destination: str) -> Request:
    """The request as if it carried where the browser goes on, as every page does.

    Args:
        desk: the collaborators of the pages.
        request: which came without it.
        destination: below the pool's path; empty: nowhere.
    """
    kept = [(PARAMETER, desk.returning.seal(destination))] if destination else []
    others = [(name, value) for name, value in request.query_params.multi_items() if name != PARAMETER]
    scope = {**request.scope, "query_string": urlencode([*others, *kept]).encode()}
    return Request(scope, request.receive)
