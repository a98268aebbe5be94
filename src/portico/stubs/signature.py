"""Whether a function can be called with what a document provides: one rule for its text and for itself."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from portico.design.handlers import INJECTED, Argument, arguments
from portico.design.model import Operation
from portico.stubs.module import Function


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes."""

    names: frozenset[str]
    required: frozenset[str] = frozenset()
    positional_only: frozenset[str] = frozenset()
    takes_others: bool = False  # **kwargs


def signature_faults(
    function: Callable[..., object], operation: Operation, pythonic: bool, *, lenient: bool = False
) -> list[str]:
    """Why a function cannot answer an operation, each with its mend; nothing where it can.

    Args:
        function: the handler itself; decorators made with `functools.wraps` are looked through, as Connexion does.
        operation: what it is to answer.
        pythonic: whether `pythonic_params` is on.
        lenient: only what makes every call fail, for code that was written for Connexion: Connexion silently drops
            required values that a handler does not take.
    """
    try:
        signature = of_function(function)
    except (TypeError, ValueError):
        return []  # written in C, and not telling what it takes
    found = faults(signature, operation, pythonic=pythonic, lenient=lenient)
    return [f"{what}: {mend}" for what, mend in found]


def of_function(function: Callable[..., object]) -> Signature:
    """What a function takes.

    Raises:
        ValueError, TypeError: it does not tell.
    """
    parameters = inspect.signature(function).parameters.values()
    plain = [one for one in parameters if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    return Signature(
        frozenset(one.name for one in plain),
        frozenset(one.name for one in plain if one.default is one.empty),
        frozenset(one.name for one in plain if one.kind is one.POSITIONAL_ONLY),
        any(one.kind is one.VAR_KEYWORD for one in parameters),
    )


def of_text(node: Function, *, is_method: bool = False) -> Signature:
    """What a function takes, by its text."""
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    without = positional[: len(positional) - len(given.defaults)]
    own = 1 if is_method and not any(ast.unparse(one) == "staticmethod" for one in node.decorator_list) else 0
    named = [*positional[own:], *given.kwonlyargs]
    needed = [
        *without[own:],
        *(one for one, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if not value),
    ]
    return Signature(
        frozenset(one.arg for one in named),
        frozenset(one.arg for one in needed),
        frozenset(one.arg for one in given.posonlyargs[own:]),
        given.kwarg is not None,
    )


def faults(
    signature: Signature, operation: Operation, *, pythonic: bool, lenient: bool = False
) -> Iterator[tuple[str, str]]:
    """Why a function of that signature cannot answer an operation, and how to mend it.

    Header and cookie parameters are passed only to handlers that name them, so that lacking one is no fault; nor is
    lacking an optional parameter.
    """
    provided = {argument.name: argument for argument in arguments(operation, pythonic=pythonic) if argument.nameable}
    for name in sorted(signature.positional_only):
        yield f"{name} is positional-only, but handlers are called by name", "remove the `/`."
    for name in sorted(signature.required - provided.keys() - INJECTED - signature.positional_only):
        known = ", ".join(provided) or "no arguments"
        yield f"it requires {name}, which the document does not provide ({known})", "remove it, or give it a default."
    if signature.takes_others:
        return
    for name, argument in provided.items():
        if name not in signature.names and _must_be_taken(argument, lenient=lenient):
            yield f"it does not take {name} ({_what(argument)})", "add it, or `**others`."


def _must_be_taken(argument: Argument, *, lenient: bool) -> bool:
    if lenient:
        return False
    return argument.required and argument.kind not in ("header", "cookie")


def _what(argument: Argument) -> str:
    what = "the required body" if argument.kind == "body" else f"required in the {argument.kind}"
    return what if argument.source == argument.name else f"`{argument.source}`, {what}"
