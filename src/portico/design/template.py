"""Connexion's Jinja arguments, rendered in a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from portico.design.limits import MAX_BYTES, Unreadable


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox renders a forbidden attribute as nothing; here it is a fault. No loader: nothing to include."""

    def unsafe_undefined(self, obj: Any, attribute: str) -> NoReturn:
        raise SecurityError(f"{attribute!r} is not for templates")


_ENVIRONMENT = _Sandbox(autoescape=False)


def render(text: str, arguments: Mapping[str, object]) -> str:
    """Fill in a document's template.

    Connexion renders every document. Portico renders one only when it has arguments for it: a document that shows
    `{{name}}` in an example means these braces.

    Raises:
        Unreadable: the template is broken, or wants what the sandbox does not give.
    """
    parts: list[str] = []
    size = 0
    try:
        for part in _ENVIRONMENT.from_string(text).generate(arguments):
            size += len(part)
            if size > MAX_BYTES:
                raise Unreadable("too-large", f"The rendered document is larger than {MAX_BYTES:,} characters.")
            parts.append(part)
    except jinja2.TemplateSyntaxError as error:
        raise Unreadable("template-fault", f"The template cannot be rendered: {error.message}.", error.lineno) from None
    except Unreadable:
        raise
    except Exception as error:  # a template runs the document's own expressions: they may raise anything
        raise Unreadable("template-fault", f"The template cannot be rendered: {error}.") from None
    return "".join(parts)
