"""The languages that SDKs are written in. A new one is a folder of this package and a line here."""

from __future__ import annotations

import importlib
from typing import cast

from portico.errors import ConfigError
from portico.sdkgen.language import Language

LANGUAGES = ("python", "typescript")


def language(name: str) -> Language:
    """The language of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in LANGUAGES:
        raise ConfigError(f"There is no SDK for {name!r}. There are: {', '.join(LANGUAGES)}.")
    return cast("Language", importlib.import_module(f"portico.sdkgen.{name}").LANGUAGE)
