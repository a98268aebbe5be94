"""The step `throttle`: a call is admitted, or answered with 429, and told where it stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from portico.access.limiter import Admission, Limiter, OperationLimiter, Rule
from portico.access.plans import cost_of
from portico.access.plans.declared import Per
from portico.context import Caller, caller_of
from portico.design.model import Api, Operation
from portico.gateway.api_key import key_of
from portico.gateway.exchange import Exchange
from portico.gateway.problems import LimitsUnknown, TooManyRequests
from portico.identity.source import network

EVERY = {"DAY": "day", "WEEK": "week", "MONTH": "month"}


class Throttle:
    """Holds the operations of a project to its plans and limits."""

    def __init__(self, limiter: Limiter, *, address: Callable[[Exchange], str], issuer: str = "") -> None:
        """Make one.

        Args:
            limiter: holds calls to plans and limits.
            address: where a request comes from.
            issuer: of the project's pool: whose key belongs to one of its users is that user.
        """
        self._limiter = limiter
        self._address = address
        self._issuer = issuer

    def of(self, api: Api, operation: Operation) -> OperationLimiter:
        """What holds the calls of an operation.

        Raises:
            ConfigError: `x-portico-cost` is no whole number.
        """
        return self._limiter.of(api.name, operation.id, cost=cost_of(api, operation.id))

    def step(self, limiter: OperationLimiter) -> Callable[[Exchange], Awaitable[None] | None]:
        """The step of one operation.

        Args:
            limiter: of the operation.
        """
        admit, identify = limiter.admit, self._identify

        def throttle(x: Exchange) -> Awaitable[None] | None:
            found = admit(key_of(x.caller), identify, x)
            if found.__class__ is Admission:
                _conclude(x, found)
                return None
            return None if found is None else _later(x, found)  # type: ignore[arg-type]

        return throttle

    def _identify(self, x: Exchange, per: Per) -> str | None:
        if per == "address":
            return network(self._address(x))
        caller = caller_of(x.caller)
        match per:
            case "user":
                known = key_of(x.caller)
                whose = caller.subject or (None if known is None else known.key.user_id)
                return None if whose is None else f"{self._issuer_of(caller)} {whose}"
            case "client":
                return None if caller.client is None else f"{self._issuer_of(caller)} {caller.client}"
            case "role":
                return caller.role
            case "key":
                return caller.key
        return None

    def _issuer_of(self, caller: Caller) -> str:
        """Whose users they are: who signed, and whom a key belongs to, are the pool's."""
        if caller.issuer is None and (caller.role is not None or caller.key is not None):
            return self._issuer
        return caller.issuer or ""


async def _later(x: Exchange, pending: Awaitable[Admission]) -> None:
    _conclude(x, await pending)


def _conclude(x: Exchange, found: Admission) -> None:
    if found.unknown:
        raise LimitsUnknown
    x.reply_headers += found.fields
    if found.refused is not None:
        assert x.operation is not None  # noqa: S101 - this is one of its steps
        x.operation.tally.hold("throttle" if found.refused.quota is None else "quota")
        raise refusal(found.refused, found.retry_after)
    x.count = found.take.count


def refusal(rule: Rule, retry_after: float) -> TooManyRequests:
    """What a call is answered with that a limit does not admit.

    Args:
        rule: the first that does not.
        retry_after: seconds until all do.
    """
    limit: dict[str, Any] = {"name": rule.name}
    if rule.window is not None and rule.quota is not None:
        resets_at = datetime.fromtimestamp(rule.window.ends_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        limit |= {"quota": rule.quota.limit, "period": rule.quota.period}
        detail = f"The quota of {rule.quota.limit:,} a {EVERY[rule.quota.period]} is used up. It resets at {resets_at}."
        return TooManyRequests(detail, retry_after=retry_after, limit=limit, scope=rule.scope, resets_at=resets_at)
    throttle = rule.throttle
    assert throttle is not None  # noqa: S101 - a rule is one or the other
    limit |= {"rate": throttle.rate, "burst": throttle.burst}
    requests = "request" if throttle.rate == 1 else "requests"
    detail = f"No more than {throttle.rate:g} {requests} a second are admitted here, and {throttle.burst:,} at once."
    return TooManyRequests(detail, retry_after=retry_after, limit=limit, scope=rule.scope)
