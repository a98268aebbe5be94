"""Stock Connexion: the Gateway's document and handlers, its defaults, and response validation on."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connexion import AsyncApp
from connexion.resolver import Resolver

from portico.design.names import handler_name


def _handler(operation_id: str) -> Callable[..., Any]:
    return getattr(importlib.import_module("handlers.chat"), handler_name(operation_id))  # type: ignore[no-any-return]


app = AsyncApp(__name__, specification_dir=Path(os.environ["BENCH_PROJECT"], "specs"), pythonic_params=True)
app.add_api("chat.yaml", resolver=Resolver(_handler), validate_responses=True)
