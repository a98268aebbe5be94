"""The files of a TypeScript package."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from portico.sdkgen.language import File
from portico.sdkgen.names import Names
from portico.sdkgen.plan import Sdk
from portico.sdkgen.templates import environment
from portico.sdkgen.typescript import encode, metadata, methods, models, readme
from portico.sdkgen.typescript.examples import Call, call
from portico.sdkgen.typescript.names import EXPORTED, TYPES_EXPORTED, Package, name_all, spreads
from portico.sdkgen.typescript.types import Types

_HERE = Path(__file__).parent
_SOURCES = ("index", "client", "operations", "models")


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the templates of one package show."""

    package: Package
    methods: Sequence[methods.Method]
    calls: Sequence[Call | None]
    common: dict[str, Any]


class TypeScript:
    """TypeScript and JavaScript: ES modules with declarations, which run as they are."""

    name = "typescript"
    title = "TypeScript"

    def files(self, sdk: Sdk, names: Names) -> Iterator[File]:
        """All files of the package.

        Args:
            sdk: what to write.
            names: what things are called.
        """
        parts = _parts(sdk, names)
        about = {"version": sdk.version, "license": sdk.license, "summary": encode.line(sdk.title or sdk.name)}
        reading = readme.context(sdk, parts.package, parts.calls, parts.methods)
        yield _file("package.json", _render("package.json", package=parts.package, **about))
        yield _file("README.md", _render("README.md", **reading))
        yield _file("CHANGELOG.md", sdk.changes or f"# Changes\n\n## {sdk.version}\n")
        yield _file("tsconfig.json", (_HERE / "templates" / "tsconfig.json").read_text(encoding="utf-8"))
        yield _file(f"test/{parts.package.file}.test.mjs", _render("test.mjs", **parts.common, **_tests(sdk, parts)))
        yield _file("test/types.ts", _render("types.ts", **parts.common))
        for path, content in _sources(sdk, parts):
            yield File(f"src/{path}", content)

    def site_files(self, sdk: Sdk, names: Names) -> Iterator[File]:
        """What pages load: the modules, with the declarations for editors.

        Args:
            sdk: what to write.
            names: what things are called.
        """
        for path, content in _sources(sdk, _parts(sdk, names)):
            yield File(path, content)


def _parts(sdk: Sdk, names: Names) -> _Parts:
    spread = spreads(sdk)
    types = Types(sdk)
    package = name_all(sdk, names, types.twice, spread)
    types.names = package.types
    shown = methods.of_all(types, package, spread)
    calls = [call(one, package, spread.get(one.key), types) for one in sdk.operations]
    about = [encode.line(sdk.title or sdk.name), *encode.lines(sdk.description)]
    common = {
        "title": sdk.title or sdk.name,
        "package": package,
        "methods": shown,
        "models": list(models.shown(types, package)),
        "paged": any(one.iterator for one in shown),
        "api": encode.value(metadata.api(sdk, package)),
        "doc": encode.jsdoc([each for each in about if each]),
        "exported": EXPORTED,
        "types": TYPES_EXPORTED,
    }
    return _Parts(package, shown, calls, common)


def _sources(sdk: Sdk, parts: _Parts) -> Iterator[tuple[str, bytes]]:
    for name in _SOURCES:
        for ending in ("js", "d.ts"):
            yield f"{name}.{ending}", _render(f"{name}.{ending}", **parts.common).encode()
    for path, content in runtime_files():
        yield f"runtime/{path}", content


def _tests(sdk: Sdk, parts: _Parts) -> dict[str, Any]:
    """The operations that can be called as the document shows it."""
    found = []
    for one, method, tried in zip(sdk.operations, parts.methods, parts.calls, strict=True):
        if tried is None or one.server is not None:
            continue
        options = "{ auth: null }" if tried.open else ""
        given = ", ".join(filter(None, (tried.source or (options and "{}"), options)))
        found.append(
            {
                "name": method.name,
                "method": encode.literal(one.method),
                "path": encode.literal(one.path),
                "source": given,
                "type": encode.literal(tried.type) if tried.type else "",
                "answer": encode.literal(tried.answer),
                "compared": tried.answer not in ("", "null"),
                "exact": "true" if one.exact_numbers else "false",
            }
        )
    keys = {one.name: "key" for one in sdk.schemes if one.kind == "key"}
    return {"operations": found, "keys": encode.value(keys)}


def runtime_files() -> Iterator[tuple[str, bytes]]:
    """The runtime, as it is copied into every package."""
    for path in sorted((_HERE / "runtime").iterdir()):
        yield path.name, path.read_bytes()


def _file(path: str, text: str) -> File:
    return File(path, text.encode())


@functools.cache
def _environment() -> jinja2.Environment:
    return environment(
        _HERE / "templates", {**encode.FILTERS, "json": functools.partial(encode.json_text, indent=None)}
    )


def _render(template: str, **context: Any) -> str:
    return _environment().get_template(f"{template}.jinja").render(**context)
