"""What the database knows of plans: which keys have them."""

from __future__ import annotations

import json

import sqlalchemy as sa

from portico.access.keys.tables import api_keys


def holders(connection: sa.Connection) -> dict[str, int]:
    """How many keys have each plan. Plans that no key has are left out.

    Args:
        connection: of a transaction.
    """
    names = sa.cast(api_keys.c.plans, sa.Text)  # PostgreSQL cannot group by JSON
    found: dict[str, int] = {}
    for text, keys in connection.execute(sa.select(names, sa.func.count()).group_by(names)):
        for name in json.loads(text):
            found[name] = found.get(name, 0) + keys
    return found
