"""The rules that are checked on the model, cheap enough for every start."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

from portico.config import Config
from portico.design import keys, paths, requirements, values
from portico.design.faults import Fault, findings
from portico.design.findings import Finding
from portico.design.model import Api, Location, Operation, Response
from portico.design.pause import no_collection
from portico.design.rules import RULES
from portico.design.schemes import Auth
from portico.design.source import Sources
from portico.design.structure import structure

Check = Callable[[Api], Iterator[Fault]]
NOTHING = Auth()


def lint(apis: Sequence[Api], config: Config, *, auth: Auth = NOTHING) -> list[Finding]:
    """What breaks a rule, in these designs and between them.

    Args:
        apis: all designs of a project.
        config: whose [check] switches rules off.
        auth: what the project declares in `auth/`; without it, no user pool, no roles and no plans.
    """
    found: list[Finding] = []
    for api in apis:
        with no_collection():
            faults = [fault for check in CHECKS for fault in check(api)]
            faults += requirements.verified(api, auth)
        found.extend(api.findings)
        told = {(finding.file, finding.pointer) for finding in api.findings}
        found.extend(
            finding
            for finding in findings(faults, api.sources or Sources())
            if finding.rule != "odd-structure" or (finding.file, finding.pointer) not in told
        )
    for one, other in combinations(apis, 2):
        found.extend(findings(_shared_base_path(one, other), other.sources or Sources()))
    return sorted(set(switched(found, config.check.off)))


def switched(found: Sequence[Finding], off: Mapping[str, str]) -> list[Finding]:
    """The findings without those whose rules are off, for a reason."""
    return [finding for finding in found if not off.get(finding.rule, "").strip()]


def check_config(text: str, off: Mapping[str, str]) -> Iterator[Finding]:
    """Faults of `[check] off` itself.

    Args:
        text: portico.toml, for the lines.
        off: the rules that it switches off, and why.
    """
    for name, reason in off.items():
        rule = "unknown-rule" if name not in RULES else "" if reason.strip() else "rule-off-without-reason"
        if rule:
            match = re.search(rf"^[ \t]*\"?({re.escape(name)})\b|\b{re.escape(name)}\b", text, re.MULTILINE)
            line = text.count("\n", 0, match.start()) + 1 if match else 1
            message = (
                f"There is no rule {name!r}." if rule == "unknown-rule" else f"Rule {name} is off for no stated reason."
            )
            yield Finding("portico.toml", line, 1, rule, RULES[rule].severity, message, RULES[rule].mend)


def _ids(api: Api) -> Iterator[Fault]:
    first: dict[str, Operation] = {}
    for operation in api.operations:
        title = f"{operation.method.upper()} {operation.path}"
        if operation.declared_id is None:
            yield Fault("missing-operation-id", _at(operation), f"{title} has no operationId.")
        elif operation.declared_id in first:
            other = first[operation.declared_id]
            message = (
                f"{title} has the operationId {operation.declared_id!r}, which {other.method.upper()} {other.path} has."
            )
            yield Fault("duplicate-operation-id", _at(operation, "operationId"), message)
        else:
            first[operation.declared_id] = operation
    if not api.operations:
        yield Fault("no-operations", Location(api.files[0] if api.files else "", "/paths"), "There is no operation.")


def _responses(api: Api) -> Iterator[Fault]:
    for operation in api.operations:
        for response in operation.responses.values():
            if response.at is not None and (lack := _lack(operation, response)):
                title = f"{operation.method.upper()} {operation.path}"
                yield Fault("response-without-schema", response.at, f"The answer {response.status} of {title} {lack}.")


def _lack(operation: Operation, response: Response) -> str:
    if response.status[0] != "2" or response.status in ("204", "205") or operation.method == "head":
        return ""
    if not response.content:
        return "does not describe a body"
    for kind, media in response.content.items():
        if media.schema is None and media.item_schema is None and (kind == "*/*" or kind.endswith(("json", "xml"))):
            return f"has no schema for {kind}"
    return ""


def _shared_base_path(one: Api, other: Api) -> Iterator[Fault]:
    if one.base_path != other.base_path:
        return
    at = Location(other.files[0] if other.files else "", "/basePath" if other.dialect == "2.0" else "/servers/0/url")
    taken = {(operation.method, paths.template(operation.path)) for operation in one.operations}
    collided = False
    for operation in other.operations:
        if (operation.method, paths.template(operation.path)) in taken:
            collided = True
            message = f"{operation.method.upper()} {operation.path} is in {one.name} too, on the same base path."
            yield Fault("colliding-operations", _at(operation), message)
    if not collided:
        base = other.base_path or "/"
        yield Fault("shared-base-path", at, f"The base path {base} is also that of {one.name}.")


def _at(operation: Operation, key: str = "") -> Location:
    at = operation.at or Location("", "")
    return Location(at.file, f"{at.pointer}/{key}") if key else at


CHECKS: tuple[Check, ...] = (
    structure,
    _ids,
    _responses,
    paths.parameters,
    paths.ambiguous,
    requirements.decided,
    requirements.defined,
    requirements.ignored,
    keys.cost,
    keys.source,
    values.check,
)
