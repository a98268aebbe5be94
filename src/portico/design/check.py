"""`check`: everything that can be said about a project's documents, the slow verdict remembered."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from portico.config import Config
from portico.design.faults import Fault, findings
from portico.design.findings import Finding
from portico.design.lint import NOTHING, check_config, lint, switched
from portico.design.model import Api, Location, escape
from portico.design.pause import no_collection
from portico.design.publish import unpack
from portico.design.reader import read
from portico.design.schemes import Auth
from portico.design.source import Sources
from portico.errors import DesignError

_KEPT = 200  # verdicts in the cache
_LIMIT = 100  # faults of one document


def check(paths: Sequence[Path], *, root: Path, config: Config, auth: Auth = NOTHING) -> list[Finding]:
    """Check documents thoroughly: what reading finds, openapi-spec-validator, and the rules of Portico.

    Args:
        paths: the documents.
        root: the project's folder; verdicts are kept in `.portico/cache` there.
        config: how documents are read, and which rules are off.
        auth: what the project declares in `auth/`.
    """
    with no_collection():
        return _check(paths, root, config, auth)


def _check(paths: Sequence[Path], root: Path, config: Config, auth: Auth) -> list[Finding]:
    found: list[Finding] = []
    apis: list[Api] = []
    for path in paths:
        try:
            apis.append(read(path, root=root, arguments=config.design.arguments, remote=config.design.remote))
        except DesignError as error:
            found.extend(error.findings)
    found.extend(lint(apis, config, auth=auth))
    told = {(finding.file, finding.pointer) for finding in found if finding.rule == "odd-structure"}
    for api in apis:
        found.extend(
            finding
            for finding in findings(_verdict(api, root), api.sources or Sources())
            if (finding.file, finding.pointer) not in told
        )
    toml = root / "portico.toml"
    found.extend(check_config(toml.read_text(encoding="utf-8") if toml.is_file() else "", config.check.off))
    return sorted(set(switched(found, config.check.off)))


class _Verdict(msgspec.Struct, frozen=True):
    """What openapi-spec-validator says: pointers and sentences."""

    faults: list[tuple[str, str]]


def _verdict(api: Api, root: Path) -> list[Fault]:
    document = unpack(api)
    digest = hashlib.sha256(msgspec.json.encode([version("openapi-spec-validator"), document])).hexdigest()
    folder = root / ".portico" / "cache" / "check"
    place = folder / f"{digest}.json"
    try:
        verdict = msgspec.json.decode(place.read_bytes(), type=_Verdict)
    except (OSError, msgspec.DecodeError):
        verdict = _Verdict(list(_faults(document, api.dialect)))
        if (root / "specs").is_dir():  # else it is somebody's folder with a document in it, to be left as it is
            _keep(folder, place, msgspec.json.encode(verdict))
    file = api.files[0] if api.files else ""
    return [Fault("odd-structure", Location(file, pointer), message) for pointer, message in verdict.faults]


def _keep(folder: Path, place: Path, data: bytes) -> None:
    """Remember a verdict; a project that cannot be written to is checked anew each time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(".part")
        part.write_bytes(data)
        part.replace(place)
        for old in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _validator(dialect: str) -> Any:
    import openapi_spec_validator as osv  # 20 MB and half a second that serving does without

    return {
        "2.0": osv.OpenAPIV2SpecValidator,
        "3.0": osv.OpenAPIV30SpecValidator,
        "3.1": osv.OpenAPIV31SpecValidator,
        "3.2": osv.OpenAPIV32SpecValidator,
    }[dialect]


def _faults(document: dict[str, Any], dialect: str) -> Iterator[tuple[str, str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for count, error in enumerate(_validator(dialect)(_without_remote(document)).iter_errors()):
                if count >= _LIMIT:
                    return
                deepest = _deepest(error)
                pointer = "".join(f"/{escape(str(token))}" for token in deepest.absolute_path)
                yield pointer, f"The specification has it otherwise: {_short(deepest.message)}."
    except (
        Exception
    ) as error:  # it walks documents recursively and trusts them in places: its failure is no crash of ours
        yield "", f"openapi-spec-validator could not finish: {type(error).__name__}: {_short(str(error))}."


def _deepest(error: Any) -> Any:
    """The fault inside the alternative that fits best."""
    from jsonschema.exceptions import relevance

    while error.context:
        inner = [one for one in error.context if not (one.validator == "required" and "'$ref'" in one.message)]
        if not inner:
            break
        error = max(inner, key=lambda one: (len(one.absolute_path), relevance(one)))
    return error


def _short(message: str) -> str:
    message = message.rstrip(".")
    return message if len(message) <= 200 else f"{message[:80]} … {message[-100:]}"


def _without_remote(value: Any) -> Any:
    """A document whose references all stay inside it: openapi-spec-validator would open any other file or address."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            return {}
        return {key: _without_remote(item) for key, item in value.items()}
    return [_without_remote(item) for item in value] if isinstance(value, list) else value
