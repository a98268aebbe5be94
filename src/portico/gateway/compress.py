"""Answers made smaller for clients that can read them so (RFC 9110 section 12.5.3)."""

from __future__ import annotations

import zlib

import brotli

BROTLI_QUALITY = 4  # beyond that, time grows faster than size shrinks
GZIP_LEVEL = 5
GZIP_WINDOW = 31  # zlib's largest window, with gzip's header


def encoding_for(accept_encoding: bytes) -> str | None:
    """The best content coding that a client accepts: "br", "gzip", or None for the answer as it is."""
    if len(accept_encoding) > 1_000:
        return None
    accepted = {}
    for part in accept_encoding.decode("latin-1").lower().split(","):
        name, _, quality = part.partition(";")
        accepted[name.strip()] = quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    anything = accepted.get("*", False)
    for name in ("br", "gzip"):
        if accepted.get(name, anything):
            return name
    return None


def compress(body: bytes, encoding: str) -> bytes:
    """A body in a content coding.

    Args:
        body: what to compress.
        encoding: "br" or "gzip".
    """
    if encoding == "br":
        return brotli.compress(body, quality=BROTLI_QUALITY)  # type: ignore[no-any-return]
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    return packer.compress(body) + packer.flush()
