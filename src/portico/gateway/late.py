"""Imports Connexion without two clients for HTTP that it takes along and hardly ever uses: 18 MB in every process.

Connexion (3.3) names `requests` in `json_schema`, for references to other servers, which Portico resolves itself, and
`httpx` in `security`, for the address of `x-tokenInfoUrl`. Both are imported there when they are first used. Import
this module before Connexion; where somebody has imported one of the three already, nothing is changed.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

NAMES = {"requests": "connexion.json_schema", "httpx": "connexion.security"}  # what is put off -> who uses it


class Later:
    """Stands for a module until one of its names is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


def import_connexion() -> None:
    """Import Connexion; the modules of `NAMES` are not in `sys.modules` afterwards unless they were before."""
    if "connexion" in sys.modules:
        return
    put_off = [name for name in NAMES if name not in sys.modules]
    for name in put_off:
        sys.modules[name] = Later(name)  # type: ignore[assignment] # `import x` takes what it finds there
    try:
        importlib.import_module("connexion")
    finally:
        for name in put_off:
            del sys.modules[name]


import_connexion()
