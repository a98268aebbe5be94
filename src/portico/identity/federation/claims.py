"""What an ID token says about somebody, once its signature, issuer, audience and times are good.

Pure. OpenID Connect Core 1.0 section 3.1.3.7 says what is checked.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portico.identity.federation.errors import AnswerRefused
from portico.identity.users import names
from portico.identity.users.errors import Invalid

SUBJECT = 255  # ASCII characters (section 2)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider."""

    issuer: str
    subject: str
    email: str | None  # only where the provider says that it is verified
    auth_time: float | None  # when they proved it there, in seconds since the epoch


def identity_of(claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str) -> Identity:
    """Who somebody is.

    Args:
        claims: of a verified token.
        issuer: of the provider.
        client_id: of this pool, there.
        nonce: that the sign-in began with.

    Raises:
        AnswerRefused: the token is not for this pool, or not for this sign-in.
    """
    check_audience(claims, client_id)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode("utf-8", "replace"), nonce.encode()):
        raise AnswerRefused("the nonce is not the one that was sent")
    if claims.get("token_use", "id") != "id":
        raise AnswerRefused("it is no ID token")
    subject, auth_time = claims.get("sub"), claims.get("auth_time")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT or not _plain(subject):
        raise AnswerRefused("sub cannot be used")
    proved = isinstance(auth_time, int | float) and not isinstance(auth_time, bool)
    return Identity(issuer, subject, verified_email(claims), float(auth_time) if proved else None)  # type: ignore[arg-type]


def check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """That a token is for this client, and for no other one (section 3.1.3.7, steps 3 to 5).

    Args:
        claims: of the token.
        client_id: of this pool, at the provider.

    Raises:
        AnswerRefused: it is not.
    """
    audience = claims.get("aud")
    named = list(audience) if isinstance(audience, list | tuple) else [audience]
    if client_id not in named:
        raise AnswerRefused("aud does not name this client")
    if (len(named) > 1 and "azp" not in claims) or claims.get("azp", client_id) != client_id:
        raise AnswerRefused("azp does not name this client")


def verified_email(claims: Mapping[str, Any]) -> str | None:
    """The address that the provider has verified; None where it has not, or where it could mean another one too.

    Only ASCII counts: one and the same international domain is two domains in IDNA 2003 and 2008 (straße.de), and
    whoever owns one of them must not become the owner of the other's address here.
    """
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str) or not _plain(email):
        return None
    try:
        name = names.email(email)
    except Invalid:
        return None
    return name.shown if name.key == email.casefold() else None


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
