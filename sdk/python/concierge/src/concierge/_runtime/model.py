"""Objects of the API. A class declares its properties twice: as annotations for people and type checkers, and as the
constant `_fields_`, from which reading and writing are compiled when they are first needed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeAlias

from typing import dataclass_transform  # isort: skip

from .absent import ABSENT, Absent
from .errors import BadArgument, DoesNotFit

Field: TypeAlias = tuple[Any, ...]
"""Name on the wire, name here, who must give it (True, False, "sent", "received"), type, perhaps the constant."""

READ_ONLY: Any = ABSENT
"""The default of a property that the server gives: whoever makes an object may leave it out."""

_EXTRA = "_additional"


@dataclass_transform(kw_only_default=True)
class Model:
    """An object with named properties.

    What is not there is `ABSENT`, null is `None`. Properties that the document does not name are in `additional`, and
    are sent as well.
    """

    _fields_: ClassVar[tuple[Field, ...]] = ()
    _additional_: ClassVar[Any] = "any"  # the type of properties without a name
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, **values: Any) -> None:
        given = self.__dict__
        for field in self._fields_:
            name = field[1]
            if name in values:
                value = values.pop(name)
                if value is not ABSENT:
                    given[name] = value
                    continue
            if field[2] is True or field[2] == "sent":
                if len(field) == 4:
                    raise BadArgument(f"{type(self).__name__} needs {name}.")
                given[name] = field[4]
        if values:
            raise BadArgument(f"{type(self).__name__} has no {', '.join(sorted(values))}.")

    def __getattr__(self, name: str) -> Absent:
        if not name.startswith("__") and any(field[1] == name for field in self._fields_):
            return ABSENT
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def additional(self) -> dict[str, Any]:
        """The properties that the document does not name, by their names in JSON."""
        found: dict[str, Any] = self.__dict__.setdefault(_EXTRA, {})
        return found

    def replace(self, **changes: Any) -> Self:
        """A copy with some properties changed.

        Args:
            changes: by name; `ABSENT` takes one away.

        Raises:
            BadArgument: there is no such property.
        """
        names = {field[1] for field in self._fields_}
        if not changes.keys() <= names:
            raise BadArgument(f"{type(self).__name__} has no {', '.join(sorted(changes.keys() - names))}.")
        values = {name: value for name, value in {**self.__dict__, **changes}.items() if value is not ABSENT}
        if _EXTRA in values:
            values[_EXTRA] = dict(values[_EXTRA])
        copy = object.__new__(type(self))
        copy.__dict__.update(values)
        return copy

    def to_dict(self) -> dict[str, Any]:
        """This object as JSON has it, with the names of JSON. Decimals are floats here; `to_json` keeps all digits.

        Raises:
            BadArgument: there is something in it that cannot be sent.
        """
        found: dict[str, Any] = json.loads(self.to_json())
        return found

    @classmethod
    def from_dict(cls, members: Mapping[str, Any]) -> Self:
        """An object from what JSON has.

        Args:
            members: by their names in JSON.

        Raises:
            DoesNotFit: a property is missing, or is of another type.
        """
        return cls._read(dict(members))

    def to_json(self) -> bytes:
        """This object as JSON.

        Raises:
            BadArgument: there is something in it that cannot be sent.
        """
        from . import jsontext

        try:
            return jsontext.write(_codec(type(self)).write(self))
        except RecursionError:
            raise BadArgument(f"{type(self).__name__} is nested too deeply, or holds itself.") from None

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """An object from JSON.

        Args:
            text: the JSON.

        Raises:
            ValueError: it is no JSON, or does not fit (`DoesNotFit`).
        """
        from . import jsontext

        return cls._read(jsontext.read(text.encode() if isinstance(text, str) else text, exact=True))

    @classmethod
    def _read(cls, raw: Any) -> Self:
        try:
            found: Self = _codec(cls).read(raw)
        except RecursionError:
            raise DoesNotFit("it is nested too deeply") from None
        return found

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _present(self) == _present(other)

    def __repr__(self) -> str:
        parts = [f"{name}={value!r}" for name, value in _present(self).items()]
        return f"{type(self).__name__}({', '.join(parts)})"


class Unknown:
    """A member of a union that the document does not name. It is sent back unchanged.

    Args:
        value: as JSON has it.
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and other.value == self.value

    def __hash__(self) -> int:
        return hash(repr(self.value))

    def __repr__(self) -> str:
        return f"Unknown({self.value!r})"


def _present(model: Model) -> dict[str, Any]:
    values = dict(model.__dict__)
    extra = values.pop(_EXTRA, None)
    if extra:
        values["additional"] = extra
    return values


def _codec(cls: type[Model]) -> Any:
    from .codec import of

    return of(cls)
