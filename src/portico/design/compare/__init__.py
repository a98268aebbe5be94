"""What changed between two designs, and what it means for the clients that exist.

    Api, Api -> apis.compare -> Comparison
                 ├── operations, parameters, bodies, responses, encodings: what an operation says
                 ├── security, schemes, servers: who may call, and where
                 └── pairs -> schemas: objects, unions, values, constraints, remarks, types

Requests are judged the other way round than responses: what a request may hold can only grow without breaking anybody,
what a response may hold can only shrink. Schemas are compared in pairs, each pair once for each direction, so a large
document whose schemas refer to each other takes no longer than its size.
"""

from portico.design.compare.apis import compare
from portico.design.compare.change import Change, Comparison, TooTangled, Verdict
from portico.design.compare.rules import RULES, Effect, Rule
from portico.design.compare.version import VersionInvalid, next_version

__all__ = [
    "RULES",
    "Change",
    "Comparison",
    "Effect",
    "Rule",
    "TooTangled",
    "Verdict",
    "VersionInvalid",
    "compare",
    "next_version",
]
