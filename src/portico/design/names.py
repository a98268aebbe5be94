"""How names of a document become names of Python: one rule for the gateway, the stubs and the SDKs."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W_]+")


def snake(name: str) -> str:
    """`placeOrder`, `place-order` and `PlaceOrder` are `place_order`; a name with no letter or digit is `_`."""
    result = "_".join(word.lower() for word in _words(name)) or "_"
    return result if result.isidentifier() else f"_{result}"


def handler_name(operation_id: str) -> str:
    """The function of `handlers/<api>.py` that answers an operation."""
    result = snake(operation_id)
    return f"{result}_" if keyword.iskeyword(result) else result


def class_name(name: str) -> str:
    """`chat message` and `chat_message` are `ChatMessage`."""
    result = "".join(word[0].upper() + word[1:] for word in _words(name)) or "_"
    return f"_{result}" if not result.isidentifier() or keyword.iskeyword(result) else result


def _words(name: str) -> list[str]:
    """The words of a name, of characters that Python takes in an identifier (PEP 3131: in form NFKC)."""
    text = unicodedata.normalize("NFKC", name)
    return _WORDS.findall("".join(letter if f"_{letter}".isidentifier() else " " for letter in text))


def argument_name(name: str, *, pythonic: bool) -> str:
    """The argument that a handler receives a parameter as: Connexion's rule, so that its users' handlers fit.

    Args:
        name: the parameter's name in the document.
        pythonic: whether `pythonic_params` is on: snake case, and an underscore after names of builtins.
    """
    if pythonic:
        name = _underscore(name)
        if name in builtins.__dict__ or keyword.iskeyword(name):
            name = f"{name}_"
    name = re.sub(r"\[(?!])", "_", name)
    return re.sub(r"^[^a-zA-Z_]+", "", re.sub(r"[^0-9a-zA-Z_]", "", name))


def _underscore(name: str) -> str:
    """Snake case as Connexion makes it: only capitals and hyphens separate words."""
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    name = re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name)
    return name.replace("-", "_").lower()
