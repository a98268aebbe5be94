"""What may be in the fields of a key; each function gives the value as it is kept, or says what to write instead."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network

from portico.access.keys import form
from portico.access.keys.errors import ApiKeyInvalid

NAME, DESCRIPTION, OWNER = 256, 1_024, 256  # characters
TAGS, TAG_NAME, TAG_VALUE = 50, 128, 256  # how many; characters, as AWS has them
LISTED = 50  # plans, APIs, stages or networks of a key
WORD = 128  # characters of the name of a plan, an API or a stage
USER, CLIENT = 64, 128  # characters of an id
LATEST = 253_402_300_800.0  # seconds since the epoch: the year 10000, which dates cannot tell

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNSEEN_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_STAGE = re.compile(r"[A-Za-z0-9_-]{1,128}")


def name(value: str) -> str:
    """What people call a key."""
    found = _text("name", value, NAME)
    if not found:
        raise ApiKeyInvalid("name", "say what you call the key.")
    return found


def description(value: str) -> str:
    """What it is for; may have several lines."""
    return _text("description", value, DESCRIPTION, unseen=_UNSEEN_BUT_LINES)


def owner(value: str) -> str:
    """Whom to ask."""
    return _text("owner", value, OWNER)


def tags(value: Mapping[str, str]) -> dict[str, str]:
    """Names and values."""
    if len(value) > TAGS:
        raise ApiKeyInvalid("tags", f"a key has at most {TAGS}, not {len(value):,}.")
    found = {_text("tags", one, TAG_NAME): _text("tags", other, TAG_VALUE) for one, other in value.items()}
    if "" in found:
        raise ApiKeyInvalid("tags", "a tag has a name: write NAME=VALUE.")
    return found


def plans(value: Iterable[str], known: Collection[str] | None) -> tuple[str, ...]:
    """Names of plans, in the order that counts."""
    return _known("plans", value, known, "auth/plans.yaml has no plan")


def apis(value: Iterable[str], known: Collection[str] | None) -> tuple[str, ...]:
    """Names of APIs."""
    return _known("apis", value, known, "specs/ has no API")


def stages(value: Iterable[str]) -> tuple[str, ...]:
    """Names of stages."""
    found = _listed("stages", value)
    for one in found:
        if not _STAGE.fullmatch(one):
            raise ApiKeyInvalid("stages", f"{one!r} is no name of a stage: use A-Z a-z 0-9 - _.")
    return found


def networks(value: Iterable[str]) -> tuple[str, ...]:
    """Networks, as they are written canonically."""
    return tuple(dict.fromkeys(str(_network(one)) for one in _listed("networks", value)))


def expires_at(value: float | None, now: float | None = None) -> float | None:
    """When a key ends.

    Args:
        value: seconds since the epoch; None: never.
        now: seconds since the epoch, where it must be later.
    """
    if value is None:
        return None
    if not math.isfinite(value) or not 0 <= value < LATEST:
        raise ApiKeyInvalid("expires_at", "give a time in seconds since 1970, before the year 10000.")
    if now is not None and value <= now:
        raise ApiKeyInvalid("expires_at", "that time is over; give a later one.")
    return float(value)


def user_id(value: str | None) -> str | None:
    """Whose it is."""
    return _id("user_id", value, USER)


def client_id(value: str | None) -> str | None:
    """The application whose it is."""
    return _id("client_id", value, CLIENT)


def _id(field: str, value: str | None, longest: int) -> str | None:
    found = None if value is None else _text(field, value, longest)
    if found == "":
        raise ApiKeyInvalid(field, "an id is not empty; leave it out, or give None.")
    return found


def _text(field: str, value: str, longest: int, *, unseen: re.Pattern[str] = _UNSEEN) -> str:
    found = value.strip()
    if len(found) > longest:
        raise ApiKeyInvalid(field, f"write at most {longest:,} characters, not {len(found):,}.")
    if unseen.search(found):
        raise ApiKeyInvalid(field, "it has characters that cannot be seen; leave them out.")
    if form.holds_one(found):
        raise ApiKeyInvalid(field, "this holds the secret of an API key, which everybody would read here.")
    return found


def _listed(field: str, value: Iterable[str]) -> tuple[str, ...]:
    if isinstance(value, str):  # its characters would be taken for names
        raise ApiKeyInvalid(field, "give a list of names.")
    found = tuple(dict.fromkeys(_text(field, one, WORD) for one in value))
    if len(found) > LISTED:
        raise ApiKeyInvalid(field, f"a key has at most {LISTED}, not {len(found):,}.")
    if "" in found:
        raise ApiKeyInvalid(field, "a name is not empty.")
    return found


def _known(field: str, value: Iterable[str], known: Collection[str] | None, missing: str) -> tuple[str, ...]:
    found = _listed(field, value)
    for one in found:
        if known is not None and one not in known:
            raise ApiKeyInvalid(field, f"{missing} {one!r}. It has: {', '.join(sorted(known)[:LISTED]) or 'none'}.")
    return found


def _network(text: str) -> IPv4Network | IPv6Network:
    if "%" in text:
        raise ApiKeyInvalid("networks", f"{text!r} is of one machine's interface. Write fe80::/64.")
    try:
        found = ip_network(text, strict=False)
    except ValueError:
        raise ApiKeyInvalid("networks", f"{text!r} is no network. Write 203.0.113.0/24, or one address.") from None
    if isinstance(found, IPv6Network) and found.network_address.ipv4_mapped is not None:
        raise ApiKeyInvalid("networks", f"{text!r} stands for addresses of IPv4. Write it as 203.0.113.0/24.")
    if "/" in text and found.network_address != ip_network(text.partition("/")[0]).network_address:
        raise ApiKeyInvalid("networks", f"{text!r} is an address within a network. Write {found}.")
    return found
