"""The headers of every page (OWASP Secure Headers, CSP Level 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from portico.site.headers import PERMISSIONS

_SOURCE = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+|[a-z][a-z0-9+.-]*:")
_IPV6 = re.compile(r"//\[[^\]]*\]")


def page(form_action: Iterable[str] = ()) -> dict[str, str]:
    """The headers of a page. There is no Cross-Origin-Opener-Policy: applications may sign in through a popup.

    Args:
        form_action: where a redirect after a form may lead besides this origin. Chromium holds redirects to
            `form-action` too, so the application's own address must be in it. A policy cannot name an IPv6 address (CSP
            Level 3 section 2.3.1 has no such host, and Chromium leaves it out), so for one any host with its port is.
    """
    return {
        "cache-control": "no-store",
        "content-security-policy": "; ".join(
            (
                "default-src 'none'",
                "style-src 'self'",
                "script-src 'self'",
                "img-src 'self'",
                "font-src 'self'",
                "connect-src 'self'",
                " ".join(("form-action 'self'", *sorted({_IPV6.sub("//*", source) for source in form_action}))),
                "base-uri 'none'",
                "frame-ancestors 'none'",
            )
        ),
        "permissions-policy": PERMISSIONS,
        "referrer-policy": "same-origin",  # with less, browsers would send forms with `Origin: null`
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex",
    }


def source_of(uri: str) -> str | None:
    """The source expression that allows a redirect to a URI (CSP Level 3 section 2.3.1); None where there is none.

    Args:
        uri: a client's redirect URI: "https://app.example/callback", "org.example.app:/callback".
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    source = f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
    return source if _SOURCE.fullmatch(source) else None
