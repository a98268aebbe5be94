"""The files that a new project begins with: the reference project, as the wheel or the repository holds it."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import portico

FOLDERS = ("specs", "handlers", "auth", "sdk", "static_site", "tests/project")
_LEAVE = shutil.ignore_patterns("__pycache__", "node_modules", "*.py[cod]", ".*_cache")


def source() -> Path:
    """The folder that holds the reference project: in the wheel, or the repository of an editable install."""
    package = Path(portico.__file__).parent
    packed = package / "starter"
    return packed if (packed / "portico.toml").is_file() else package.parents[1]


def copy(target: Path) -> None:
    """Copy the whole reference project into an empty folder."""
    for folder in FOLDERS:
        shutil.copytree(source() / folder, target / folder, ignore=_LEAVE, dirs_exist_ok=True)
    shutil.copyfile(source() / "portico.toml", target / "portico.toml")
    write_frame(target)
    write_secret(target)


def write_empty(target: Path, *, title: str) -> None:
    """Write everything of a project but its design: nothing of the reference project's own business."""
    (target / "handlers").mkdir()
    (target / "handlers" / "__init__.py").write_text(
        '"""What each operation does: one module a document, one function an operationId."""\n', encoding="utf-8"
    )
    _fill("index.html", target / "static_site" / "index.html", html.escape(title))
    _fill("test_designs.py", target / "tests" / "project" / "test_designs.py", "")
    write_frame(target)


def write_auth(target: Path, *, title: str, roles: bool, scopes: Mapping[str, str]) -> None:
    """Write a user pool with an application for the docs page, and nothing else.

    Args:
        target: the project's folder.
        title: what people read on the sign-in pages.
        roles: also a first role, for signed requests.
        scopes: that the document asks for, `server/scope`, and what people read of each.
    """
    _fill(
        "pool.yaml",
        target / "auth" / "pool.yaml",
        _quoted(title),
        scopes=_resource_servers(scopes),
        client=f"    scopes: [{', '.join(('openid', 'profile', 'email', *scopes))}]\n" if scopes else "",
    )
    if roles:
        _fill("roles.yaml", target / "auth" / "roles.yaml", "")
    write_secret(target)


def _resource_servers(scopes: Mapping[str, str]) -> str:
    servers: dict[str, list[str]] = {}
    for scope, text in scopes.items():
        server, _, name = scope.partition("/")
        servers.setdefault(server, []).append(f"      {_quoted(name)}: {_quoted(text)}\n")
    lines = [f"  {_quoted(server)}:\n    scopes:\n{''.join(names)}" for server, names in servers.items()]
    return f"\nresource_servers:\n{''.join(lines)}" if lines else ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def write_secret(target: Path) -> None:
    """Write the project's secret, for its owner's eyes only; .gitignore keeps it out of the repository."""
    from portico.store import Secrets

    Secrets.load(target, environ={}, create=True)


def write_frame(target: Path) -> None:
    """Write what every project has, whatever it serves: its README and .gitignore."""
    _fill("README.md", target / "README.md", target.name)
    _fill("gitignore", target / ".gitignore", "")


def _fill(name: str, place: Path, title: str, **more: str) -> None:
    template = Path(portico.__file__).parent / "starter" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    text = template.read_text(encoding="utf-8")
    values = {"title": title, **more}
    filled = re.sub(r"\{\{(\w+)\}\}", lambda match: values.get(match[1], match[0]), text)
    place.write_text(filled, encoding="utf-8")
