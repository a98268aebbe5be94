"""What `auth/plans.yaml` declares, made into what decides. Faults are gathered, not raised one by one."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

from portico.access.patterns import matches
from portico.access.plans import declared
from portico.access.plans.declared import words
from portico.access.plans.model import Limit, Plan, Quota, Share, Throttle
from portico.access.plans.window import LONGEST_OFFSET
from portico.design.keys import COST, MOST, is_cost
from portico.design.model import Api, escape
from portico.errors import ConfigError

SCOPES = ("operation", "api", "project")  # the order in which limits are asked
LONGEST = 320  # characters of a quota's name, in the database


def cost_of(api: Api, operation_id: str) -> int:
    """How much a call of an operation takes from every bucket.

    Raises:
        ConfigError: the document says something else than a whole number.
    """
    said = api.operation(operation_id).extensions.get(COST, 1)
    if not is_cost(said):
        raise ConfigError(f"{api.name}.{operation_id}: {COST} is {said!r}. Write a whole number from 0 to {MOST:,}.")
    return said


class Compiler:
    """Compiles plans and limits, and gathers what is wrong with them: JSON pointers and sentences."""

    def __init__(self, apis: Sequence[Api]) -> None:
        self.faults: list[tuple[str, str]] = []
        self._apis = [api.name for api in apis]
        self._costs = {
            f"{api.name}.{operation.id}": cost_of(api, operation.id) for api in apis for operation in api.operations
        }

    def plan(self, name: str, said: declared.Plan) -> Plan:
        """One plan."""
        pointer = f"/plans/{escape(name)}"
        zone = self._zone(said.zone, f"{pointer}/zone")
        for pattern in words(said.apis):
            if not any(matches(pattern, api) for api in self._apis):
                self._fault(f"{pointer}/apis", f"There is no API {pattern!r}. {_meant(pattern, self._apis)}")
        covered = [one for one in self._costs if any(matches(p, one.partition(".")[0]) for p in words(said.apis))]
        shares = {}
        for operation, share in said.operations.items():
            place = f"{pointer}/operations/{escape(operation)}"
            if operation not in covered:
                self._fault(place, f"The plan has no operation {operation!r}. {_meant(operation, covered)}")
                continue
            if len(f"{name}/{operation}") > LONGEST:
                self._fault(place, f"Together with the plan's name this is longer than {LONGEST} characters.")
                continue
            shares[operation] = self._share(f"{name}/{operation}", share.throttle, share.quota, zone, place)
            self._affordable(shares[operation], [operation], place)
        own = self._share(name, said.throttle, said.quota, zone, pointer)
        self._affordable(own, covered, pointer)
        return Plan(
            name=name,
            title=said.title or name,
            description=said.description,
            apis=words(said.apis),
            stages=words(said.stages),
            own=own,
            operations=shares,
            on_store_failure=said.on_store_failure,
        )

    def limits(self, said: Sequence[declared.Limit]) -> tuple[Limit, ...]:
        """The limits, those first that are asked first."""
        found: list[Limit] = []
        for place, one in enumerate(said):
            pointer = f"/limits/{place}"
            scope = "operation" if one.operation else "api" if one.api else "project"
            name = one.id or f"limit-{place + 1}"
            if any(name == other.name for other in found):
                self._fault(f"{pointer}/id", f"Two limits are called {name!r}.")
            if one.operation and not one.api:
                self._fault(f"{pointer}/operation", "Say of which API: api: concierge.")
            elif one.api and one.api not in self._apis:
                self._fault(f"{pointer}/api", f"There is no API {one.api!r}. {_meant(one.api, self._apis)}")
            elif one.operation and f"{one.api}.{one.operation}" not in self._costs:
                known = [name.partition(".")[2] for name in self._costs if name.startswith(f"{one.api}.")]
                self._fault(f"{pointer}/operation", f"There is no {one.operation!r}. {_meant(one.operation, known)}")
            limit = Limit(name, scope, one.api, one.operation, one.per, _throttle(one.throttle), one.on_store_failure)
            held = [name for name in self._costs if limit.applies(*name.split(".", 1))]
            self._affordable(Share(name, limit.throttle, None), held, pointer)
            found.append(limit)
        return tuple(sorted(found, key=lambda limit: SCOPES.index(limit.scope)))

    def _share(
        self,
        name: str,
        throttle: declared.Throttle | None,
        quota: declared.Quota | None,
        zone: tzinfo,
        pointer: str,
    ) -> Share:
        if quota is not None and not 0 <= quota.offset < LONGEST_OFFSET[quota.period]:
            days = f"{LONGEST_OFFSET[quota.period] / 86_400:g}d"
            self._fault(f"{pointer}/quota/offset", f"offset must be less than {days} for a {quota.period}.")
        return Share(
            name,
            None if throttle is None else _throttle(throttle),
            None if quota is None else Quota(quota.limit, quota.period, zone, float(quota.offset)),
        )

    def _affordable(self, share: Share, operations: Iterable[str], pointer: str) -> None:
        """Nothing may cost more than there ever is: it would never be admitted."""
        most = [("throttle/burst", share.throttle.burst)] if share.throttle is not None else []
        most += [("quota/limit", share.quota.limit)] if share.quota is not None else []
        for operation in operations:
            for key, there_is in most:
                if self._costs[operation] > there_is:
                    cost = self._costs[operation]
                    text = f"{operation} costs {cost} ({COST}), and there are never more than {there_is}."
                    self._fault(f"{pointer}/{key.partition('/')[0]}", text)

    def _zone(self, name: str, pointer: str) -> tzinfo:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            self._fault(pointer, f"There is no time zone {name!r}; write Europe/Berlin.")
            return ZoneInfo("UTC")

    def _fault(self, pointer: str, message: str) -> None:
        self.faults.append((pointer, message))


def compile_plans(
    plans: Mapping[str, declared.Plan], limits: Sequence[declared.Limit], apis: Sequence[Api]
) -> tuple[dict[str, Plan], tuple[Limit, ...], list[tuple[str, str]]]:
    """Compile everything.

    Args:
        plans: what the file declares.
        limits: beside them.
        apis: the project's designs, which must have what is named.

    Returns:
        The plans, the limits, and what is wrong: JSON pointers and sentences.
    """
    compiler = Compiler(apis)
    compiled = {name: compiler.plan(name, one) for name, one in plans.items()}
    return compiled, compiler.limits(limits), compiler.faults


def _throttle(said: declared.Throttle) -> Throttle:
    return Throttle(said.rate, said.burst if said.burst is not None else max(math.ceil(said.rate), 1))


def _meant(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(close)}?" if close else f"There are: {', '.join(known[:20]) or 'none'}."
