"""Content types, caching and the security headers of what a browser gets."""

from __future__ import annotations

import mimetypes
import re
from pathlib import PurePosixPath

Headers = list[tuple[str, str]]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""For pages of the site: everything from this origin, nothing inline (CSP Level 3)."""

IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For an SVG that is opened by itself: it may hold scripts, which must not run in the name of this site."""

PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"

_KNOWN = mimetypes.MimeTypes(filenames=())  # Python's own table, not the machine's: the same answer everywhere
_OURS = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".map": "application/json",
    ".md": "text/markdown",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".xml": "application/xml",
}
_TEXTUAL = {
    "application/json",
    "application/manifest+json",
    "application/problem+json",
    "application/wasm",
    "application/xml",
    "application/yaml",
    "image/svg+xml",
    "image/x-icon",
}
_HASHED = re.compile(r"[.-](?=[0-9a-f]*\d)[0-9a-f]{8,64}\.[^/]+$")  # app.3f9a1c2b.js: the name changes with the content


def media_type(name: str) -> str:
    """The media type of a file by its name; text is UTF-8."""
    suffix = PurePosixPath(name).suffix.lower()
    guess, coding = _KNOWN.guess_type(f"file{suffix}")
    found = _OURS.get(suffix) or (guess if coding is None else None) or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


def compresses(media_type: str) -> bool:
    """Whether compression makes content of this type smaller."""
    essence = media_type.partition(";")[0]
    return essence.startswith("text/") or essence in _TEXTUAL


def cache_control(name: str, media_type: str) -> str:
    """How long a browser may keep a file. Names that change with the content: for ever; pages: never without asking."""
    if _HASHED.search(name):
        return "public, max-age=31536000, immutable"
    if media_type.startswith(("image/", "font/", "audio/", "video/")):
        return "public, max-age=3600"
    return "no-cache"


def security(media_type: str, *, policy: str = CONTENT_SECURITY_POLICY) -> Headers:
    """The security headers that content of a type needs (OWASP Secure Headers).

    Args:
        media_type: of the content.
        policy: the Content-Security-Policy of pages.
    """
    headers = [("x-content-type-options", "nosniff"), ("referrer-policy", "strict-origin-when-cross-origin")]
    if media_type.startswith(("text/html", "application/xhtml")):
        headers += [
            ("content-security-policy", policy),
            ("cross-origin-opener-policy", "same-origin"),
            ("permissions-policy", PERMISSIONS),
            ("x-frame-options", "DENY"),
        ]
    elif media_type.startswith(("image/svg", "application/xml", "text/xml")):
        headers.append(("content-security-policy", IMAGE_POLICY))
    return headers
