"""`read`: from a file to the model, fast enough to run at every start."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from portico.design.build import Builder, path_of
from portico.design.bundle import Document, bundle
from portico.design.decode import check_value
from portico.design.faults import Fault, FaultError, findings
from portico.design.files import Files, Refused
from portico.design.findings import Severity
from portico.design.limits import Unreadable
from portico.design.model import Api, Dialect, Location
from portico.design.openapi3 import OpenApi3
from portico.design.pause import no_collection
from portico.design.place import Place
from portico.design.references import References
from portico.design.swagger2 import Swagger2
from portico.errors import DesignError

_VERSION = re.compile(r"(2\.0|3\.[012])(\.\d+)?(-[\w.]+)?")


def read(
    source: Path | Mapping[str, object],
    *,
    root: Path | None = None,
    name: str | None = None,
    arguments: Mapping[str, object] | None = None,
    remote: Collection[str] = (),
) -> Api:
    """Read one design.

    Args:
        source: the document's file, or the document itself.
        root: the project's folder: no file outside it is read. The document's own folder where nothing else is said.
        name: the API's name; the file's stem where nothing else is said.
        arguments: Connexion's Jinja arguments. A document is a template only when there are some.
        remote: the beginnings of URLs that references may fetch from.

    Raises:
        DesignError: the document cannot be served. Its findings say why, all of them at once.
    """
    files = Files(root, remote)
    with no_collection():
        try:
            place = _open(files, source, arguments)
            return _build(place, files, name or _name(source))
        except FaultError as error:
            raise DesignError(findings([error.fault], files.sources)) from None


def _open(files: Files, source: Path | Mapping[str, object], arguments: Mapping[str, object] | None) -> Place:
    if isinstance(source, Mapping):
        try:
            return files.add("(document)", check_value(_plain(source), surrogates=True))
        except Unreadable as error:
            raise FaultError(Fault(error.rule, Location("(document)", ""), error.message)) from None
        except RecursionError:
            raise FaultError(
                Fault("too-deep", Location("(document)", ""), "The document is nested too deep.")
            ) from None
    path = Path(source)
    try:
        return files.first(path, arguments)
    except Refused as refused:
        raise FaultError(Fault("refused-reference", Location(str(path), ""), str(refused), line=1, column=1)) from None
    except Unreadable as error:
        at = Location(files.name_of(path), "")
        raise FaultError(Fault(error.rule, at, error.message, line=error.line, column=error.column)) from None


def _plain(value: Any) -> Any:
    """A document made in Python: any mapping is a dict, any sequence a list, keys are texts (as Connexion has it)."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or type(value) in (bool, int, float, str) else str(value)


def _name(source: Path | Mapping[str, object]) -> str:
    return "api" if isinstance(source, Mapping) else Path(source).stem


def _build(root: Place, files: Files, name: str) -> Api:
    dialect = _dialect(root)
    references = References(files, identified=dialect in ("3.1", "3.2"))
    builder: Builder = (Swagger2 if dialect == "2.0" else OpenApi3)(root, dialect, references)
    api = _api(builder, name, files)
    builder.schemas.close()
    told = findings(builder.faults, files.sources)
    errors = [finding for finding in told if finding.severity is Severity.ERROR]
    if errors:
        raise DesignError(errors)
    return replace(api, files=files.names, document=Document(bundle(root, builder)), findings=tuple(told))


def _api(builder: Builder, name: str, files: Files) -> Api:
    root, swagger = builder.root, builder.dialect == "2.0"
    holder = root if swagger else root.get("components")
    builder.schemas.declare(holder.get("definitions" if swagger else "schemas") if holder is not None else None)
    builder.reserve_ids()
    builder.default_security = builder.security(root, None)
    info = builder.mapping(root, "info") or Place({}, root.file, root, "info")
    servers = builder.servers(root)
    tags = {
        tag.value["name"]: str(tag.value.get("description") or "")
        for tag in builder.entries(root, "tags")
        if type(tag.value) is dict and type(tag.value.get("name")) is str
    }
    return Api(
        name=name,
        title=builder.text(info, "title") or name,
        version=builder.text(info, "version"),
        dialect=builder.dialect,
        base_path=path_of(servers[0].url) if servers else "",
        operations=builder.operations(),
        definitions=builder.schemas.definitions,
        security_schemes=builder.security_schemes(),
        servers=servers,
        description=builder.text(info, "description"),
        tags=tags,
        security=builder.default_security,
        extensions=builder.extensions(root.value),
        sources=files.sources,
    )


def _dialect(root: Place) -> Dialect:
    if type(root.value) is not dict:
        raise FaultError(Fault("not-openapi", root.location, "The document is not a mapping."))
    for key in ("openapi", "swagger"):
        declared = root.value.get(key)
        if declared is None:
            continue
        found = _VERSION.fullmatch(str(declared).strip())
        if found is not None and (found[1] == "2.0") == (key == "swagger"):
            return found[1]  # type: ignore[return-value]  # the expression matches nothing else
        raise FaultError(
            Fault(
                "not-openapi",
                root.child(key).location,
                f"{key}: {str(declared)[:40]!r} is not a version Portico reads.",
            )
        )
    raise FaultError(Fault("not-openapi", root.location, "The document has neither `openapi` nor `swagger`."))
