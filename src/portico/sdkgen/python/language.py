"""The files of a Python package."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jinja2

from portico.sdkgen.language import File
from portico.sdkgen.names import Names
from portico.sdkgen.plan import Sdk
from portico.sdkgen.python import encode, metadata, methods, models, readme
from portico.sdkgen.python.examples import Call, Trial, call
from portico.sdkgen.python.names import Package, name_all
from portico.sdkgen.python.types import Types
from portico.sdkgen.templates import environment

_HERE = Path(__file__).parent
_EXPORTED = (
    "ABSENT", "Absent", "AsyncDownload", "AsyncEventStream", "AsyncLineStream", "CallEvent", "Credentials", "Download",
    "Event", "EventStream", "File", "FileTokenStore", "Hooks", "HttpxTransport", "LineStream", "MemoryTokenStore",
    "Model", "Options", "Response", "Retries", "Tokens", "Unknown", "errors",
)  # fmt: skip
_SYNC = {
    "word": "", "prefix": "", "base": "Client", "module": "client", "streams": "streams", "iterator": "Iterator",
    "define": "def", "wait": "", "returns": "returns",
}  # fmt: skip
_ASYNC = {
    "word": "asynchronous", "prefix": "Async", "base": "AsyncClient", "module": "aclient", "streams": "astreams",
    "iterator": "AsyncIterator", "define": "async def", "wait": "await ", "returns": "async_returns",
}  # fmt: skip


class Python:
    """Python: a package of the standard library alone."""

    name = "python"
    title = "Python"

    def files(self, sdk: Sdk, names: Names) -> Iterator[File]:
        """All files of the package.

        Args:
            sdk: what to write.
            names: what things are called.
        """
        package = name_all(sdk, names)
        home = f"src/{package.module}"
        for path, text in self._written(sdk, package).items():
            yield File(path.replace("{home}", home).replace("{module}", package.module), text.encode())
        yield File(f"{home}/py.typed", b"")
        for name, content in runtime_files():
            yield File(f"{home}/_runtime/{name}", content)

    def site_files(self, sdk: Sdk, names: Names) -> Iterable[File]:
        """None: pages of a site load JavaScript.

        Args:
            sdk: what to write.
            names: what things are called.
        """
        return ()

    def _written(self, sdk: Sdk, package: Package) -> dict[str, str]:
        types = Types(sdk.declared(), package.types)
        compilable = [metadata.operation(one, sdk, package, types) for one in sdk.operations]
        trial = Trial(sdk, package, types)
        calls = [call(one, made, trial, types) for one, made in zip(sdk.operations, compilable, strict=True)]
        shown = list(methods.shown(sdk.operations, package, types))
        about = _about(sdk)
        common: dict[str, Any] = {"package": package, "title": sdk.title or sdk.name, "version": sdk.version}
        client = {**common, "methods": shown, "docstring": encode.docstring(about, "    ")}
        made = [
            {"name": package.methods[one.key], "lines": list(metadata.source(each))}
            for one, each in zip(sdk.operations, compilable, strict=True)
        ]
        sdk_lines = metadata.sdk_source(metadata.sdk(sdk, package))
        exported = sorted((*_EXPORTED, package.client, f"Async{package.client}"))
        reading = readme.context(sdk, package, calls, shown)
        return {
            "pyproject.toml": _render("pyproject.toml.jinja", **common, summary=sdk.title, license=sdk.license),
            "README.md": _render("README.md.jinja", **common, **reading),
            "CHANGELOG.md": sdk.changes or f"# Changes\n\n## {sdk.version}\n",
            "{home}/__init__.py": _render(
                "__init__.py.jinja", **common, docstring=encode.docstring(about), exported=exported
            ),
            "{home}/client.py": _render("client.py.jinja", **client, kind=_SYNC),
            "{home}/aclient.py": _render("client.py.jinja", **client, kind=_ASYNC),
            "{home}/models.py": _render("models.py.jinja", **common, types=list(models.shown(sdk, package, types))),
            "{home}/operations.py": _render("operations.py.jinja", **common, sdk=sdk_lines, operations=made),
            "tests/test_{module}.py": _render("test.py.jinja", **common, operations=_tests(sdk, package, calls)),
        }


def _about(sdk: Sdk) -> list[str]:
    """What the package is, for docstrings."""
    found = [f"{encode.line(sdk.title or sdk.name) or 'An API'}, version {encode.line(sdk.document_version) or '0'}."]
    more = encode.lines(sdk.description, 110)
    return [*found, "", *more] if more else found


def _tests(sdk: Sdk, package: Package, calls: Sequence[Call | None]) -> list[dict[str, Any]]:
    """The operations that can be tried with the document's examples."""
    usable = {scheme.key for scheme in sdk.schemes if scheme.kind != "none"}
    found = []
    for one, tried in zip(sdk.operations, calls, strict=True):
        if tried is None:
            continue
        possible = not one.requirements or any(all(need.scheme in usable for need in each) for each in one.requirements)
        arguments = [*tried.arguments, *([] if possible else ["options=Options(auth=None)"])]
        found.append(
            {
                "name": package.methods[one.key],
                "method": one.method,
                "target": encode.literal(tried.target),
                "answer": _answer(tried),
                "arguments": arguments,
            }
        )
    return found


def _answer(tried: Call) -> str:
    if tried.answer is None:
        return '(204, "", b"")'
    text = tried.answer.decode()
    written = f"b{encode.literal(text)}" if text.isascii() else f"{encode.literal(text)}.encode()"
    return f'(200, "application/json", {written})'


def runtime_files() -> Iterator[tuple[str, bytes]]:
    """The runtime, as it is copied into every package."""
    for path in sorted((_HERE / "runtime").glob("*.py")):
        yield path.name, path.read_bytes()


@functools.cache
def _environment() -> jinja2.Environment:
    return environment(_HERE / "templates", encode.FILTERS)


def _render(template: str, **context: Any) -> str:
    return _environment().get_template(template).render(**context)
