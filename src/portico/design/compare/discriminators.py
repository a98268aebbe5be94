"""The property that tells the members of a union apart."""

from __future__ import annotations

from typing import Any

from portico.design.compare.pairs import Pair
from portico.design.compare.phrases import changed, cut
from portico.design.direction import target

Discriminator = dict[str, Any] | None


def compare(pair: Pair, old: Discriminator, new: Discriminator) -> None:
    """Note what changed of a discriminator."""
    if old is None or new is None:
        if old is not None:
            pair.say("discriminator-changed", f"{cut(old['propertyName'])} does not tell the members apart any more.")
        elif new is not None:
            pair.say("discriminator-added", f"{cut(new['propertyName'])} tells the members apart.")
        return
    if old["propertyName"] != new["propertyName"]:
        text = changed("The property that tells the members apart", old["propertyName"], new["propertyName"])
        pair.say("discriminator-changed", text)
    _mapping(pair, old["mapping"], new["mapping"])


def _mapping(pair: Pair, old: dict[str, str], new: dict[str, str]) -> None:
    for value, way in old.items():
        if value not in new:
            pair.say("discriminator-changed", f"The value {cut(value)} names no member any more.")
        elif new[value] != way and target({"$ref": way}) in pair.pairs.new.nodes:
            pair.say("discriminator-changed", f"The value {cut(value)} names another member.")
    for value in new:
        if value not in old:
            pair.say("discriminator-added", f"The value {cut(value)} names a member.")
