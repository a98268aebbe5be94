"""Compressed forms of a text, and which of them a client takes (RFC 9110 section 12.5.3)."""

from __future__ import annotations

import gzip
from typing import Literal

import brotli

Coding = Literal["br", "gzip"]
CODINGS: tuple[Coding, ...] = ("br", "gzip")  # the first that the client takes equally well

_BROTLI_QUALITY = 6  # of 11; done once for each file, and 11 takes seconds for a large one
_GZIP_LEVEL = 6


def choose(accept_encoding: str) -> Coding | None:
    """The coding to use for a client, or None for none.

    Args:
        accept_encoding: the request's header; empty when it has none.
    """
    weights = _weights(accept_encoding)
    offered = [(weights.get(coding, weights.get("*", 0.0)), coding) for coding in CODINGS]
    weight, coding = max(offered, key=lambda offer: offer[0])  # of equals, the first
    return coding if weight > 0 and weight >= weights.get("identity", 0.0) else None


def compress(body: bytes, coding: Coding) -> bytes:
    """The body in a coding. Takes a while for a large one: not for the event loop."""
    if coding == "br":
        return bytes(brotli.compress(body, quality=_BROTLI_QUALITY))
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


def _weights(header: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in header.split(",")[:20]:
        name, _, parameters = part.partition(";")
        key, _, value = parameters.partition("=")
        weight = 1.0
        if key.strip().lower() == "q":
            try:
                weight = min(max(float(value), 0.0), 1.0)
            except ValueError:
                weight = 0.0
        if name.strip():
            weights[name.strip().lower()] = weight
    return weights
