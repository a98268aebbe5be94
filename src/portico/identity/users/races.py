"""Two who want the same name at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from portico.store import Database

P = ParamSpec("P")
T = TypeVar("T")


async def settled(
    db: Database, function: Callable[Concatenate[sa.Connection, P], T], *arguments: P.args, **keywords: P.kwargs
) -> T:
    """`db.tx`, run again where another transaction took a unique name meanwhile: then it sees who has it.

    PostgreSQL may report that as a broken constraint instead of a conflict (its manual, section 13.2.3).

    Args:
        db: the database.
        function: takes the connection first.
        arguments: the rest of its arguments.
        keywords: its keyword arguments.
    """
    try:
        return await db.tx(function, *arguments, **keywords)
    except IntegrityError:
        return await db.tx(function, *arguments, **keywords)
