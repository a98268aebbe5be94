"""The answer of the token endpoint (RFC 6749 section 5.1)."""

from __future__ import annotations

from portico.identity.oidc.tokens import Issued

Answer = dict[str, str | int]


def answer(issued: Issued, *, refresh_token: str | None = None) -> Answer:
    """What a client is told.

    Args:
        issued: the tokens that were made.
        refresh_token: that goes with them.
    """
    found: Answer = {"access_token": issued.access_token, "token_type": "Bearer", "expires_in": issued.expires_in}
    if refresh_token is not None:
        found["refresh_token"] = refresh_token
    if issued.id_token is not None:
        found["id_token"] = issued.id_token
    return {**found, "scope": " ".join(issued.scopes)}
