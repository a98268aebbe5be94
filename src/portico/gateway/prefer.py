"""The Prefer header (RFC 7240)."""

from __future__ import annotations

import re

PREFERENCES_READ = 20  # of one header; the rest is ignored, as a server may (section 2)

_PREFERENCE = re.compile(
    r"""[\s,]*
    (?P<name>[\w!#$%&'*+.^`|~-]+)
    (?:[ \t]*=[ \t]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[\w!#$%&'*+.^`|~/:@-]*)))?
    (?P<parameters>(?:[^,"]|"(?:[^"\\]|\\.)*")*)""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)


def preferences(header: str | None) -> dict[str, str]:
    """What a client prefers: names in lower case; of several of one name the first counts (RFC 7240 section 2).

    Args:
        header: all Prefer headers of the request, joined by commas.
    """
    found: dict[str, str] = {}
    position, text = 0, (header or "")[:4_000]
    for _ in range(PREFERENCES_READ):
        match = _PREFERENCE.match(text, position)
        if match is None or match.end() == position:
            break
        value = match["token"] or re.sub(r"\\(.)", r"\1", match["quoted"] or "", flags=re.DOTALL)
        found.setdefault(match["name"].lower(), value)
        position = match.end()
    return found


def applied(chosen: dict[str, str]) -> str:
    """The Preference-Applied header (RFC 7240 section 3)."""
    return ", ".join(f"{name}={_word(value)}" for name, value in chosen.items())


def _word(value: str) -> str:
    if re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", value, re.ASCII):
        return value
    plain = re.sub(r"[^\x20-\x7e]", "?", value)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
