"""Rules about API keys: where they are found, who says whose they are, and what a call costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from portico.design import schemes
from portico.design.faults import Fault
from portico.design.model import Api, Location, Requirement, escape

COST = "x-portico-cost"  # of an operation: how much a call takes of limits; 1 where it says nothing
MOST = 1_000_000
SOURCE = "x-amazon-apigateway-api-key-source"  # of the document
HEADER, AUTHORIZER = "HEADER", "AUTHORIZER"


def cost(api: Api) -> Iterator[Fault]:
    """What a call costs is a whole number."""
    for operation in api.operations:
        said = operation.extensions.get(COST, 1)
        if not is_cost(said) and operation.at is not None:
            title = f"{operation.method.upper()} {operation.path}"
            at = Location(operation.at.file, f"{operation.at.pointer}/{COST}")
            yield Fault("invalid-cost", at, f"{COST} of {title} is {said!r:.60}.")


def is_cost(said: object) -> TypeGuard[int]:
    """Whether a value can be what a call costs: from nothing to a million."""
    return isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= MOST


def source(api: Api) -> Iterator[Fault]:
    """The document names a place of keys that there is."""
    said = api.extensions.get(SOURCE, HEADER)
    if said not in (HEADER, AUTHORIZER):
        at = Location(api.files[0] if api.files else "", f"/{escape(SOURCE)}")
        yield Fault("unknown-key-source", at, f"{SOURCE} is {said!r:.60}.")


def identified(api: Api, required: Iterator[tuple[Location, Requirement]]) -> Iterator[Fault]:
    """Where the key is found by who is calling, something else says who that is.

    Args:
        api: the design, of a project that has plans.
        required: its requirements, and where they are written.
    """
    if api.extensions.get(SOURCE) != AUTHORIZER:
        return
    for at, requirement in required:
        found = [api.security_schemes.get(name) for name in requirement.schemes]
        if found and all(scheme is not None and schemes.is_key(scheme) for scheme in found):
            message = f"{SOURCE} is {AUTHORIZER}, and nothing but a key is required here: each call is denied."
            yield Fault("key-without-identity", at, message)
