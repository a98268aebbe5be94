"""Puts the starter (what `portico new` copies) into the wheel.

The reference project at the top of the repository is the starter, so it is stored once. An editable install gets no
copy: `portico.cli.new.starter` reads the repository itself, and a copy would go stale.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STARTER = ("specs", "handlers", "auth", "sdk", "static_site", "tests/project", "portico.toml")


class StarterHook(BuildHookInterface[Any]):
    """Adds the starter to a wheel that is really installed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects the files (hatchling, build hook reference)."""
        if version == "standard":
            build_data["force_include"] = {name: f"portico/starter/{name}" for name in STARTER}
