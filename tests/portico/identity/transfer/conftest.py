"""A pool that people are moved into and out of."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from portico.identity.audit import AuditLog
from portico.identity.pool import Pool
from portico.identity.settings import Attribute, Group, PoolSettings
from portico.identity.transfer import Form, Imported, Refused, export_users, import_users


@pytest.fixture
def settings() -> PoolSettings:
    return PoolSettings(
        groups={"florists": Group(precedence=1), "drivers": Group(precedence=2)},
        attributes={
            "nickname": Attribute(max_length=40),
            "age": Attribute(type="number"),
            "vip": Attribute(type="boolean"),
        },
    )


@pytest.fixture
def audit(pool: Pool) -> AuditLog:
    return AuditLog(pool)


Import = Callable[..., tuple[Imported, list[tuple[int, str]]]]
Export = Callable[..., str]


@pytest.fixture
def come(pool: Pool, audit: AuditLog) -> Import:
    """Import a text; gives what was done, and (line, reason) of each refused row."""

    def come(text: str | bytes, form: Form = Form.CSV, **options: object) -> tuple[Imported, list[tuple[int, str]]]:
        refusals: list[Refused] = []
        file = io.BytesIO(text if isinstance(text, bytes) else text.encode())
        done = import_users(pool, file, form, audit=audit, refused=refusals.append, **options)  # type: ignore[arg-type]
        return replace(done, position=0), [(row.line, row.reason) for row in refusals]

    return come


@pytest.fixture
def go(pool: Pool, audit: AuditLog) -> Export:
    """Export everybody as a text."""

    def go(form: Form = Form.JSONL, *, hashes: bool = False) -> str:
        text = io.StringIO()
        export_users(pool, text.write, form, audit=audit, hashes=hashes)
        return text.getvalue()

    return go
