"""The pool's own attributes in forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from portico.identity.pages.forms import text
from portico.identity.settings import Attribute

PREFIX = "attribute-"  # of the fields' names, so that none is called as one of ours


def typed(form: FormData, declared: Mapping[str, Attribute]) -> dict[str, str]:
    """What was typed. `Users` makes values of it; a box that is not ticked is sent by no browser, and means no.

    Args:
        form: what was sent.
        declared: the attributes that were asked for.
    """
    return {
        name: text(form, PREFIX + name, 8_192) or ("no" if attribute.type == "boolean" else "")
        for name, attribute in declared.items()
    }


def given_of(attributes: Mapping[str, Any], declared: Mapping[str, Attribute]) -> dict[str, str]:
    """What a form begins with.

    Args:
        attributes: of a user.
        declared: the attributes that are asked for.
    """
    return {name: _shown(attributes.get(name)) for name in declared}


def _shown(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "yes" if value is True else str(value)
