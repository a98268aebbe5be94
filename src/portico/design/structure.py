"""The structure of a document against the schema that the OpenAPI Initiative publishes for its version.

The schemas are the ones that openapi-spec-validator ships; jsonschema-rs checks 13 MB with them in 10 ms.
What they find is told as a warning: whatever cannot be served has been refused while reading.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

from portico.design.faults import Fault
from portico.design.model import Api, Dialect, Location, escape
from portico.design.publish import unpack

_LIMIT = 50  # faults: after so many, the document is another version's or none


@functools.cache
def _validator(dialect: Dialect) -> jsonschema_rs.Validator:
    # The package is found, not imported: its schemas are wanted, and not the 10 MB that it would take in every worker.
    package = importlib.util.find_spec("openapi_spec_validator")
    folder = Path((package.submodule_search_locations or [""])[0]) if package is not None else Path()
    schema = (folder / "resources" / "schemas" / f"v{dialect}" / "schema.json").read_bytes()
    return jsonschema_rs.validator_for(json.loads(schema), offline=True)


def structure(api: Api) -> Iterator[Fault]:
    """Where a document differs from the published structure."""
    for count, error in enumerate(_validator(api.dialect).iter_errors(unpack(api))):
        if count >= _LIMIT:
            return
        deepest = _deepest(error)
        pointer = "".join(f"/{escape(str(token))}" for token in deepest.instance_path)
        yield Fault("odd-structure", Location(api.files[0] if api.files else "", pointer), _sentence(deepest))


def _deepest(error: Any) -> Any:
    """The fault inside the alternative that fits best: the one that fails furthest down."""
    for _ in range(20):
        context = getattr(error.kind, "context", None)
        if not context:
            return error
        candidates = [inner for branch in context for inner in branch[:1] if not _is_reference(inner)]
        if not candidates:
            return error
        error = max(candidates, key=lambda inner: len(inner.instance_path))
    return error


def _is_reference(error: Any) -> bool:
    """Every object may be a reference instead: that it lacks `$ref` is never the fault."""
    return "$ref" in error.message[-40:] and "required" in error.message


def _sentence(error: Any) -> str:
    message = error.message
    if len(message) > 200:  # it shows the whole part
        message = f"{message[:80]} … {message[-100:]}"
    return f"The specification has it otherwise: {message.rstrip('.')}."
