"""The counters of failed attempts in the database, which all workers share. Their number is bounded."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from portico.identity.source import network
from portico.identity.users import lockout
from portico.identity.users.lockout import Counter, Rule
from portico.identity.users.tables import attempts, known_addresses
from portico.store import Secrets

PURPOSE = "attempts"
KEPT = 200_000  # counters; the ones that would be forgotten first give way
PURGE_BELOW = "02"  # of the keys that are made, those that begin below it (one in 128) purge
KNOWN = 10  # addresses of one user
KNOWN_FOR = 30 * 86_400.0  # seconds since the last sign-in from there


@dataclass(frozen=True, slots=True)
class Keys:
    """Under which keys an attempt is counted: digests, because addresses and names are nobody's business."""

    user: str
    address: str
    pair: str
    place: str  # of the address alone, in `known_addresses`


def keys_of(secrets: Secrets, who: str, address: str) -> Keys:
    """The keys of an attempt.

    Args:
        secrets: the project's.
        who: what was typed, as `accounts.key_of` says it. Not the id of a user: that the address and the name of
            somebody are locked together would tell that they belong together, and that there is somebody.
        address: where it comes from. Of IPv6 the first 64 bits count, which are one subscriber's.
    """
    where = network(address)
    key = secrets.key(PURPOSE)

    def digest(*parts: str) -> str:
        return hmac.new(key, "\0".join(parts).encode("utf-8", "replace"), "sha256").hexdigest()

    return Keys(digest("user", who), digest("address", where), digest("pair", who, where), digest("place", where))


def digest_of(secrets: Secrets, kind: str, what: str) -> str:
    """The key of an allowance, such as the codes that one address may ask for."""
    return hmac.new(secrets.key(PURPOSE), f"{kind}\0{what}".encode("utf-8", "replace"), "sha256").hexdigest()


def rules_of(keys: Keys, *, known: bool) -> Mapping[str, Rule]:
    """Which counters decide about an attempt.

    Args:
        keys: of the attempt.
        known: whether the user has signed in from this address before.
    """
    own = {keys.pair: lockout.PAIR}
    return own if known else {keys.address: lockout.ADDRESS, keys.user: lockout.USER, **own}


def begin(connection: sa.Connection, rules: Mapping[str, Rule], now: float) -> float:
    """Let an attempt through, or refuse it.

    Args:
        connection: of a transaction.
        rules: the counters that decide.
        now: seconds since the epoch.

    Returns:
        the seconds after which to try again; 0 where the attempt is let through.
    """
    found = {key: lockout.begin(_load(connection, key), rule, now) for key, rule in rules.items()}
    refused = [answer for answer in found.values() if not isinstance(answer, Counter)]
    if refused:
        return max(refused)
    for key, counter in found.items():
        if isinstance(counter, Counter):
            _save(connection, key, counter, now + rules[key].memory)
    return 0.0


def wait(connection: sa.Connection, rules: Mapping[str, Rule], now: float) -> float:
    """What `begin` would say, for an attempt that is decided in the same transaction. It changes nothing.

    Args:
        connection: of a transaction.
        rules: the counters that decide.
        now: seconds since the epoch.

    Returns:
        the seconds after which to try again; 0 where the attempt may go on, to `fail` or to nothing.
    """
    found = [lockout.begin(_load(connection, key), rule, now) for key, rule in rules.items()]
    return max((answer for answer in found if not isinstance(answer, Counter)), default=0.0)


def fail(connection: sa.Connection, rules: Mapping[str, Rule], now: float) -> float:
    """Count a failure.

    Args:
        connection: of a transaction.
        rules: as given to `begin`.
        now: seconds since the epoch.

    Returns:
        the seconds of a pause that begins with this failure; 0 where none does.
    """
    pause = 0.0
    for key, rule in rules.items():
        counter = lockout.fail(_load(connection, key), rule, now)
        _save(connection, key, counter, now + rule.memory)
        pause = max(pause, counter.blocked_until - now)
    _purge(connection, now, min(rules))
    return pause


def end(connection: sa.Connection, rules: Mapping[str, Rule], *, forget: tuple[str, ...] = ()) -> None:
    """End an attempt that was no failure.

    Args:
        connection: of a transaction.
        rules: as given to `begin`.
        forget: keys whose failures are forgotten, because the right password was given.
    """
    for key, rule in rules.items():
        counter = lockout.end(_load(connection, key), forget=key in forget)
        _save(connection, key, counter, counter.at + rule.memory)


def clear(connection: sa.Connection, keys: Collection[str]) -> None:
    """Forget failures.

    Args:
        connection: of a transaction.
        keys: of the counters.
    """
    connection.execute(attempts.delete().where(attempts.c.key.in_(keys)))


def spend(connection: sa.Connection, key: str, *, limit: int, window: float, now: float) -> float:
    """Take one of an allowance.

    Args:
        connection: of a transaction.
        key: whose allowance.
        limit: how many there are in a window.
        window: seconds, from the first one on.
        now: seconds since the epoch.

    Returns:
        the seconds until there is one again; 0 where one was taken.
    """
    counter = _load(connection, key)
    if now >= counter.blocked_until:
        counter = Counter(blocked_until=now + window)
    if counter.count >= limit:
        return counter.blocked_until - now
    _save(connection, key, Counter(counter.count + 1, 0, now, counter.blocked_until), counter.blocked_until)
    _purge(connection, now, key)
    return 0.0


def is_known(connection: sa.Connection, user_id: str, place: str, now: float) -> bool:
    """Whether a user has signed in from an address within the last 30 days.

    Args:
        connection: of a transaction.
        user_id: whose.
        place: see `Keys`.
        now: seconds since the epoch.
    """
    wanted = (known_addresses.c.user_id == user_id) & (known_addresses.c.address == place)
    at = connection.execute(sa.select(known_addresses.c.at).where(wanted)).scalar()
    return at is not None and now < at + KNOWN_FOR


def remember(connection: sa.Connection, user_id: str, place: str, now: float) -> None:
    """Note that a user has signed in from an address; the ten latest are kept.

    Args:
        connection: of a transaction.
        user_id: whose.
        place: see `Keys`.
        now: seconds since the epoch.
    """
    own = known_addresses.c.user_id == user_id
    connection.execute(known_addresses.delete().where(own, known_addresses.c.address == place))
    held = connection.execute(sa.select(known_addresses.c.address).where(own).order_by(known_addresses.c.at.desc()))
    spare = list(held.scalars())[KNOWN - 1 :]
    if spare:
        connection.execute(known_addresses.delete().where(own, known_addresses.c.address.in_(spare)))
    connection.execute(known_addresses.insert().values(user_id=user_id, address=place, at=now))


def forget_addresses(connection: sa.Connection, user_id: str) -> None:
    """No address is known any more: who signed in from there may have been somebody else."""
    connection.execute(known_addresses.delete().where(known_addresses.c.user_id == user_id))


def _load(connection: sa.Connection, key: str) -> Counter:
    row = connection.execute(sa.select(attempts).where(attempts.c.key == key)).first()
    return Counter() if row is None else Counter(row.failures, row.pending, row.at, row.blocked_until)


def _save(connection: sa.Connection, key: str, counter: Counter, expires_at: float) -> None:
    values = {
        "failures": counter.count,
        "pending": counter.pending,
        "at": counter.at,
        "blocked_until": counter.blocked_until,
        "expires_at": expires_at,
    }
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    statement = insert(attempts).values(key=key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def _purge(connection: sa.Connection, now: float, key: str) -> None:
    """Now and then, forget what no longer counts, and what is too much."""
    if key > PURGE_BELOW:
        return
    connection.execute(attempts.delete().where(attempts.c.expires_at <= now))
    held = connection.execute(sa.select(sa.func.count()).select_from(attempts)).scalar_one()
    if held > KEPT:
        oldest = sa.select(attempts.c.key).order_by(attempts.c.expires_at).limit(held - KEPT)
        connection.execute(attempts.delete().where(attempts.c.key.in_(oldest)))
