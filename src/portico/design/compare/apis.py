"""Two designs."""

from __future__ import annotations

from portico.design.compare import gather, matching, operations, schemas, schemes, servers
from portico.design.compare.change import Comparison, TooTangled
from portico.design.compare.pairs import Pairs
from portico.design.compare.scope import Scope
from portico.design.compare.side import Side
from portico.design.compare.wording import reword
from portico.design.model import Api, Location


def compare(old: Api, new: Api) -> Comparison:
    """What changed between two designs, and what each change means for clients of the old one.

    Args:
        old: the design before.
        new: the design after; of any version of OpenAPI, whatever the old one has.

    Raises:
        TooTangled: their schemas refer to each other in more ways than are compared.
    """
    pairs = Pairs(Side(old), Side(new), schemas.compare)
    scope = Scope(pairs, [], old=_root(old), new=_root(new))
    try:
        _compare(scope, old, new)
        pairs.close()
    except RecursionError:
        raise TooTangled("A schema is made of too many others by allOf: not compared.") from None
    return Comparison(gather.gather(scope.noted))


def _compare(scope: Scope, old: Api, new: Api) -> None:
    matched = matching.match(old, new)
    servers.compare(scope, old, new, matched)
    renamed = schemes.compare(scope, old, new)
    operations.compare(scope, matched, renamed)
    reword(scope.inside("info"), old, new, "title", "description")


def _root(api: Api) -> Location | None:
    return Location(api.files[0], "") if api.files else None
