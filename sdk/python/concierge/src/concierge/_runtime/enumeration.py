"""Enumerations that are open: a value that a later version of the API adds is kept, and sent back unchanged."""

from __future__ import annotations

from typing import Any, ClassVar


class _Known:
    """What text and integer enumerations share."""

    _values_: ClassVar[tuple[tuple[str, Any], ...]] = ()  # name, value
    _known_: ClassVar[dict[Any, Any]] = {}

    def __init_subclass__(cls) -> None:
        cls._known_ = {}
        for name, value in cls._values_:
            member = cls._known_.setdefault(value, cls(value))  # type: ignore[call-arg]
            setattr(cls, name, member)

    @classmethod
    def read(cls, value: Any) -> Any:
        """The constant of a value, or the value as one of this type."""
        found = cls._known_.get(value)
        return cls(value) if found is None else found  # type: ignore[call-arg]

    @property
    def known(self) -> bool:
        """Whether the document names it."""
        return self in self._known_


class OpenStr(_Known, str):
    """A text out of some."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str.__repr__(self)})"


class OpenInt(_Known, int):
    """An integer out of some."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int.__repr__(self)})"
