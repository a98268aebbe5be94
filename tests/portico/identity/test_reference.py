"""docs/reference/pool.md names every key of `auth/pool.yaml`, with its default."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from portico.identity import settings

PAGE = Path(__file__).parents[3] / "docs/reference/pool.md"
SECTIONS = {
    "The pool": settings.PoolSettings,
    "password": settings.PasswordPolicy,
    "attributes": settings.Attribute,
    "groups": settings.Group,
    "resource_servers": settings.ResourceServer,
    "clients": settings.Client,
    "identity_providers": settings.IdentityProvider,
}
UNITS = {86_400: "d", 3_600: "h", 60: "m"}


def written(field: msgspec.structs.FieldInfo) -> str:
    """A default as the page writes it."""
    value: Any = field.default if field.default is not msgspec.NODEFAULT else None
    if field.default is msgspec.NODEFAULT and field.default_factory is msgspec.NODEFAULT:
        return "*required*"
    if isinstance(value, settings.PasswordPolicy):
        return ""
    if isinstance(value, settings.Duration):
        unit = next(each for each in UNITS if value >= each and value % each == 0)
        return f"`{value / unit:.0f}{UNITS[unit]}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(value)}]`"
    return {None: "*none*", "": "*empty*"}.get(value, f"`{value}`")


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_stands_in_the_reference_with_its_default(section: str) -> None:
    text = re.split(rf"^## {section}$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| .+? \| (.*?) ?\| .*\|$", text, flags=re.MULTILINE))
    assert rows == {field.name: written(field) for field in msgspec.structs.fields(SECTIONS[section])}
