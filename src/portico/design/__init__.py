"""Read an OpenAPI document, check it, and turn it into one immutable model."""

from portico.design.check import check
from portico.design.compare import Change, Comparison, Verdict, compare, next_version
from portico.design.export import export
from portico.design.findings import Finding, Severity
from portico.design.lint import lint
from portico.design.model import (
    EMPTY,
    METHODS,
    Api,
    Body,
    Definitions,
    Dialect,
    Direction,
    Encoding,
    Example,
    Extensions,
    In,
    Json,
    Location,
    Media,
    Operation,
    Parameter,
    Requirement,
    Response,
    Schema,
    SecurityScheme,
    Server,
    Style,
)
from portico.design.publish import published
from portico.design.reader import read
from portico.design.schemes import Auth

__all__ = [
    "EMPTY",
    "METHODS",
    "Api",
    "Auth",
    "Body",
    "Change",
    "Comparison",
    "Definitions",
    "Dialect",
    "Direction",
    "Encoding",
    "Example",
    "Extensions",
    "Finding",
    "In",
    "Json",
    "Location",
    "Media",
    "Operation",
    "Parameter",
    "Requirement",
    "Response",
    "Schema",
    "SecurityScheme",
    "Server",
    "Severity",
    "Style",
    "Verdict",
    "check",
    "compare",
    "export",
    "lint",
    "next_version",
    "published",
    "read",
]
