"""What the endpoint answers: credentials, or a problem document (RFC 9457). Never kept by any cache."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from portico.context import REQUEST_ID
from portico.identity.credentials.model import TemporaryCredentials

NOT_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
NONE: Mapping[str, str] = {}


def credentials(found: TemporaryCredentials) -> Response:
    """The credentials, by the names that Cognito's GetCredentialsForIdentity has for them.

    Args:
        found: what was made.
    """
    body = {
        "AccessKeyId": found.access_key_id,
        "SecretKey": found.secret_key.reveal(),
        "SessionToken": found.session_token,
        "Expiration": int(found.expires_at),  # seconds since the epoch; never later than they end
        "Role": found.role,
    }
    return Response(msgspec.json.encode(body), media_type="application/json", headers=NOT_KEPT)


def problem(request: Request, status: int, detail: str, headers: Mapping[str, str] = NONE) -> Response:
    """A problem document.

    Args:
        request: that it answers.
        status: the HTTP status code.
        detail: what is wrong, for people.
        headers: further ones.
    """
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request.scope.get(REQUEST_ID, ""),
    }
    return Response(
        msgspec.json.encode(body),
        status,
        media_type="application/problem+json",
        headers={**NOT_KEPT, **headers},
    )


def unauthorized(request: Request, issuer: str, detail: str, *, invalid: bool) -> Response:
    """401, with the challenge of RFC 6750 section 3.

    Args:
        request: that it answers.
        issuer: whose token it wants.
        detail: what is wrong, for people.
        invalid: whether there was a token.
    """
    challenge = f'Bearer realm="{issuer}"' + (', error="invalid_token"' if invalid else "")
    return problem(request, 401, detail, {"WWW-Authenticate": challenge})
