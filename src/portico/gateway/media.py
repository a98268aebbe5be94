"""Media types: which of a document's entries a header means (RFC 9110 sections 8.3 and 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterable

from python_multipart.multipart import parse_options_header

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

CHARSETS = frozenset((
    "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be",
    "iso-8859-1", "latin-1", "latin1", "iso-8859-2", "iso-8859-15", "windows-1250", "windows-1251", "windows-1252",
    "cp1252", "koi8-r", "shift_jis", "euc-jp", "iso-2022-jp", "gbk", "gb2312", "gb18030", "big5", "euc-kr",
))  # fmt: skip
"""What a request may be written in. Others that Python knows are refused: some of its codecs take time that grows
with the square of the length (two megabytes of `punycode` stop a server for hours)."""


def is_json(media_type: str) -> bool:
    """Whether a media type's syntax is JSON (RFC 6839 section 3.1)."""
    return media_type in ("application/json", "text/json") or media_type.endswith("+json")


def is_text(media_type: str) -> bool:
    """Whether compressing pays."""
    return (
        media_type.startswith("text/")
        or is_json(media_type)
        or media_type.endswith("+xml")
        or media_type in ("application/xml", "application/javascript", "application/yaml", "application/jsonl")
    )


def split(value: str) -> tuple[str, str | None]:
    """The media type, lower case, and the charset of a Content-Type header."""
    if ";" not in value:
        return value.strip().lower(), None
    kind, options = parse_options_header(value)
    charset = options.get(b"charset")
    return kind.decode("latin-1").strip().lower(), charset.decode("latin-1").lower() if charset else None


def best_entry(media_type: str, entries: Iterable[str]) -> str | None:
    """The most specific entry of a document that a media type falls under: `image/png`, `image/*`, `*/*`."""
    return max((entry for entry in entries if covers(entry, media_type)), key=_specificity, default=None)


def covers(entry: str, media_type: str) -> bool:
    """Whether a media type or range of a document covers a media type."""
    if entry in (media_type, "*/*", "*"):
        return True
    kind, _, subtype = entry.partition("/")
    mine, _, my_subtype = media_type.partition("/")
    if subtype == "*":
        return kind == mine
    return kind in ("*", mine) and subtype.startswith("*") and my_subtype.endswith(subtype[1:])


def _specificity(entry: str) -> tuple[bool, int]:
    return "*" not in entry, len(entry)


def accepted(accept: str, offered: Iterable[str]) -> str | None:
    """The offered media type that a client likes best; None where it takes none of them.

    Args:
        accept: the Accept header (RFC 9110 section 12.5.1).
        offered: what can be had, the server's favourite first.
    """
    ranges = _ranges(accept)
    best, best_quality = None, 0.0
    for offer in offered:
        quality = _quality(split(offer)[0], ranges)
        if quality > best_quality:
            best, best_quality = offer, quality
    return best


def _quality(media_type: str, ranges: list[tuple[str, float]]) -> float:
    if "*" in media_type:  # the document itself leaves it open
        return 1.0
    fitting = [(_specificity(wanted), quality) for wanted, quality in ranges if covers(wanted, media_type)]
    return max(fitting, default=((False, 0), 0.0), key=lambda fit: fit[0])[1]


def _ranges(accept: str) -> list[tuple[str, float]]:
    ranges = []
    for part in accept.split(",")[:50]:
        wanted, *options = part.split(";")
        quality = 1.0
        for option in options:
            name, _, value = option.partition("=")
            if name.strip().lower() == "q":
                quality = _number(value)
        if wanted.strip():
            ranges.append((wanted.strip().lower(), quality))
    return ranges or [("*/*", 1.0)]


def _number(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0
