"""Taking in a document that was written elsewhere: `portico new --from`."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from portico import config, design
from portico.cli.new import starter
from portico.design.findings import Finding, Severity
from portico.design.handlers import module_name
from portico.design.model import SecurityScheme
from portico.design.schemes import pool_of
from portico.errors import PorticoError
from portico.project import SUFFIXES, auth_of

POOL = "main"  # the name of a user pool that says none
_NAME = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_DECLARABLE = re.compile(f"{_NAME}/{_NAME}")  # a scope as auth/pool.yaml writes it

_SETTINGS = """\
# The settings of this project. Every key, with its default: docs/reference/settings.md of Portico.
# A PORTICO_* variable wins over this file: PORTICO_SERVER_PORT=9000.

[server]
port = 8000
mode = "development" # mails are printed, faults are told; production needs origin = "https://..."
"""


class DocumentMissing(PorticoError):
    """What `--from` names cannot be read as a file."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was made of the document."""

    document: str  # relative to the project's root
    title: str
    operations: int
    notes: tuple[str, ...]  # what the owner should know, one sentence each


def adopt(source: str, target: Path) -> Adopted:
    """Make a project that serves one document and nothing else.

    Args:
        source: the document's path.
        target: the empty folder of the project; its name becomes the API's.

    Raises:
        DocumentMissing: there is no such file.
        DesignError: it cannot be served, whatever rules are off.
    """
    document = _document(source)
    api = design.read(document, root=document.parent)
    notes = []
    place = target / "specs" / (module_name(target.name) + _suffix(document))
    place.parent.mkdir()
    if len(api.files) > 1:
        place = place.with_suffix(".json")
        place.write_bytes(msgspec.json.format(msgspec.json.encode(dict(api.document)), indent=2))
        notes.append(f"its {len(api.files)} files were joined into {place.name}.")
    else:
        shutil.copyfile(document, place)
    starter.write_empty(target, title=api.title)
    notes.extend(_sign_in(api, target))
    settings = config.Config()
    findings = design.check([place], root=target, config=settings, auth=auth_of(target, settings))
    off = _broken_rules(findings)
    notes.extend(f"rule {rule} is off in portico.toml: {reason}." for rule, reason in off.items())
    if warnings := sum(finding.severity is Severity.WARNING for finding in findings):
        notes.append(f"portico check tells {warnings} warning{'s' if warnings > 1 else ''}.")
    (target / "portico.toml").write_text(_settings(off), encoding="utf-8")
    return Adopted(f"specs/{place.name}", api.title, len(api.operations), tuple(notes))


def _sign_in(api: design.Api, target: Path) -> Iterator[str]:
    """Where the document's callers have to prove who they are, a user pool that can vouch for them."""
    declared = design.Auth(POOL)
    schemes = api.security_schemes.values()
    signed = any(scheme.is_signed for scheme in schemes)
    if signed or any(pool_of(scheme, declared) == POOL for scheme in schemes):
        starter.write_auth(target, title=api.title, roles=signed, scopes=_scopes(api, declared))
        yield "auth/pool.yaml declares a user pool; portico serve needs [server] origin in production."


def _scopes(api: design.Api, declared: design.Auth) -> dict[str, str]:
    """The scopes that operations ask of the pool, as far as a resource server can declare them, with their texts."""
    found = dict[str, str]()
    for operation in api.operations:
        for requirement in operation.security or ():
            for name, scopes in requirement.schemes.items():
                scheme = api.security_schemes.get(name)
                if scheme is not None and pool_of(scheme, declared) == POOL:
                    found |= {scope: _told(scheme, scope) for scope in scopes if _DECLARABLE.fullmatch(scope)}
    return found


def _told(scheme: SecurityScheme, scope: str) -> str:
    """What a document says of a scope."""
    offered = (flow.get("scopes") for flow in scheme.flows.values())
    texts = (scopes.get(scope) for scopes in offered if isinstance(scopes, Mapping))
    return next((text for text in texts if isinstance(text, str) and text), scope)


def _document(source: str) -> Path:
    if source.startswith(("http://", "https://")):
        raise DocumentMissing(f"{source} is an address. Download it first, then name the file: --from FILE")
    path = Path(source).resolve()
    if not path.is_file():
        raise DocumentMissing(f"There is no file {source}. Name an OpenAPI or Swagger document, JSON or YAML.")
    return path


def _suffix(document: Path) -> str:
    """The suffix under which a project finds the document, whatever it was called."""
    suffix = document.suffix.lower()
    if suffix in SUFFIXES:
        return suffix
    return ".json" if document.read_bytes().lstrip()[:1] == b"{" else ".yaml"


def _broken_rules(findings: Iterable[Finding]) -> dict[str, str]:
    """The rules that would keep the document from being served, and why each is switched off."""
    count = Counter(finding.rule for finding in findings if finding.severity is Severity.ERROR)
    return {
        rule: f"{times} place{'s' if times > 1 else ''} when the document was taken in; mend them and delete this line"
        for rule, times in sorted(count.items())
    }


def _settings(off: Mapping[str, str]) -> str:
    if not off:
        return _SETTINGS
    lines = (f"{rule} = {json.dumps(reason)}" for rule, reason in off.items())
    return (
        f"{_SETTINGS}\n[check.off]\n# rule = the reason; `portico check` checks all others\n" + "\n".join(lines) + "\n"
    )
