"""Reading and writing values. A type expression is compiled once, when it is first needed, into two functions.

A type expression is a constant: the name of a scalar ("str", "datetime", ...), the name of a declared type ("Product"),
or a tuple: ("list", item), ("map", value), ("null", inner), ("union", members, discriminator, mapping).
"""

from __future__ import annotations

import datetime
import enum
import importlib
import re
import threading
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from . import jsontext, values
from .absent import ABSENT
from .enumeration import OpenInt, OpenStr
from .errors import BadArgument, DoesNotFit
from .model import Field, Model, Unknown

Read: TypeAlias = Callable[[Any], Any]
Write: TypeAlias = Callable[[Any], Any]
Type: TypeAlias = Any  # see above


class Codec(NamedTuple):
    """How one type is read and written."""

    read: Read
    write: Write
    fits: Callable[[Any], bool] = lambda raw: True  # whether a union may take it, before it is read
    holds: Callable[[Any], bool] = lambda value: False  # whether a union writes this value as this type


_PLAIN = frozenset((str, int, float, bool, type(None)))
_ITEMS = frozenset((list, tuple))
_PARTS = frozenset((list, dict))
_INTEGER = re.compile(r"-?[0-9]+")


def plain(value: Any) -> Any:
    """Anything as JSON has it, by its own type.

    Args:
        value: a model, a time, a mapping, ...

    Raises:
        BadArgument: JSON has no such thing.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, Model):
        return of(kind).write(value)
    if isinstance(value, Mapping):
        return {_name(name): plain(one) for name, one in value.items() if one is not ABSENT}
    if kind in _ITEMS or (isinstance(value, (Sequence, Set)) and not isinstance(value, (str, bytes, bytearray))):
        return [plain(one) for one in value]
    return _scalar(value)


def _name(name: Any) -> str:
    if isinstance(name, str):
        return name
    raise BadArgument(f"A property's name is a text, not {type(name).__name__}.")


def _scalar(value: Any) -> Any:
    if isinstance(value, values.Number):
        return jsontext.digits(value.text)
    if isinstance(value, (str, int, float)):
        return value.value if isinstance(value, enum.Enum) else value
    if isinstance(value, datetime.datetime):
        return values.time_text(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return jsontext.digits(values.decimal_text(value))
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return values.bytes_text(value)
    if isinstance(value, Unknown):
        return plain(value.value)
    if isinstance(value, enum.Enum) and value is not ABSENT:
        return plain(value.value)
    raise BadArgument(f"{type(value).__name__} cannot be sent as JSON.")


def _of_kind(kind: type, told: str) -> Read:
    def read(raw: Any) -> Any:
        if type(raw) is kind:
            return raw
        raise DoesNotFit(told)

    return read


def _read_int(raw: Any) -> int:
    if type(raw) is int:
        return raw
    if isinstance(raw, float) and raw.is_integer():  # 3.0 is an integer (JSON Schema, section 4.2.3)
        digits = Decimal(raw.text if isinstance(raw, values.Number) else repr(raw))
        if digits == int(digits):
            return int(digits)
    raise DoesNotFit("no integer")


def _read_int_text(raw: Any) -> int:
    if type(raw) is str and _INTEGER.fullmatch(raw):
        try:
            return int(raw)
        except ValueError:  # more digits than Python reads
            pass
    elif type(raw) is int:
        return raw
    raise DoesNotFit("no integer")


def _read_float(raw: Any) -> float:
    if type(raw) is float or type(raw) is int or type(raw) is values.Number:
        return raw
    raise DoesNotFit("no number")


def _read_uuid(raw: Any) -> uuid.UUID:
    try:
        return uuid.UUID(raw)
    except (ValueError, TypeError, AttributeError):
        raise DoesNotFit("no UUID") from None


def _write_float(value: Any) -> Any:
    return value if type(value) is float else plain(value)


def _write_int_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) else plain(value)


def _write_decimal_text(value: Any) -> Any:
    return str(value) if type(value) in (Decimal, int, float) else plain(value)


def _write_decimal(value: Any) -> Any:
    return jsontext.digits(values.decimal_text(value)) if isinstance(value, Decimal) else plain(value)


def _write_date(value: Any) -> Any:
    return value.date().isoformat() if isinstance(value, datetime.datetime) else plain(value)


def _same(raw: Any) -> Any:
    return raw


def _no_text(raw: Any) -> bool:
    return type(raw) is not str


def _is_text(raw: Any) -> bool:
    return type(raw) is str


def _of(kind: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is kind


SCALARS: Mapping[str, Codec] = {
    "any": Codec(_same, plain),
    "binary": Codec(_same, _same),
    "str": Codec(_of_kind(str, "no text"), plain),
    "bool": Codec(_of_kind(bool, "neither true nor false"), plain),
    "null": Codec(_of_kind(type(None), "not null"), plain),
    "int": Codec(_read_int, plain, holds=_of(int)),
    "int-text": Codec(_read_int_text, _write_int_text, _is_text, _of(int)),
    "float": Codec(_read_float, _write_float),
    "decimal": Codec(values.read_decimal, _write_decimal, _no_text, _of(Decimal)),
    "decimal-text": Codec(values.read_decimal, _write_decimal_text, _is_text, _of(Decimal)),
    "date": Codec(values.read_date, _write_date, holds=_of(datetime.date)),
    "datetime": Codec(values.read_time, plain),
    "uuid": Codec(_read_uuid, plain),
    "bytes": Codec(values.read_bytes, plain),
}


class Codecs:
    """The codecs of one module of models.

    Args:
        module: its name.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._named: dict[str, Codec] = {}

    def get(self, wanted: Type) -> Codec:
        """The codec of a type expression."""
        if isinstance(wanted, str):
            return SCALARS.get(wanted) or self._named.get(wanted) or self._declared(wanted)
        return _COMPOSED[wanted[0]](self, *wanted[1:])

    def _declared(self, name: str) -> Codec:
        module = importlib.import_module(self._module)  # models are loaded when they are needed
        found = vars(module).get(name)
        if isinstance(found, type) and issubclass(found, Model):
            codec = record(self, found)
        elif isinstance(found, type) and issubclass(found, (OpenStr, OpenInt)):
            codec = _enumeration(found)
        else:
            codec = self.late(module._types_[name])
        return self._named.setdefault(name, codec)

    def late(self, wanted: Type) -> Codec:
        """The codec of a declared type, which may hold itself: it is made when it is first used."""
        made: list[Codec] = []

        def codec() -> Codec:
            if not made:
                made.append(self.get(wanted))
            return made[0]

        return Codec(
            lambda raw: codec().read(raw),
            lambda value: codec().write(value),
            lambda raw: codec().fits(raw),
            lambda value: codec().holds(value),
        )


def _enumeration(cls: Any) -> Codec:
    base, told = (str, "no text") if issubclass(cls, str) else (int, "no integer")
    known = cls._known_

    def read(raw: Any) -> Any:
        if type(raw) is not base:
            raise DoesNotFit(told)
        found = known.get(raw)
        return cls(raw) if found is None else found

    return Codec(read, plain)


def _list(codecs: Codecs, item: Type) -> Codec:
    inner = codecs.get(item)
    one, out = inner.read, inner.write

    def read(raw: Any) -> Any:
        if type(raw) is not list:
            raise DoesNotFit("no array")
        found: list[Any] = []
        try:
            for value in raw:
                found.append(one(value))
        except DoesNotFit as fault:
            raise fault.inside(len(found)) from None
        return found

    def write(value: Any) -> Any:
        if isinstance(value, (list, tuple)) or (isinstance(value, (Sequence, Set)) and not isinstance(value, str)):
            return [out(part) for part in value]
        return plain(value)

    def holds(value: Any) -> bool:
        return type(value) in _ITEMS and (not value or inner.holds(value[0]))

    return Codec(read, write, lambda raw: type(raw) is list, holds)


def _map(codecs: Codecs, value: Type) -> Codec:
    inner = codecs.get(value)
    one, out = inner.read, inner.write

    def read(raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise DoesNotFit("no object")
        found: dict[str, Any] = {}
        name = ""
        try:
            for name, value in raw.items():
                found[name] = one(value)
        except DoesNotFit as fault:
            raise fault.inside(name) from None
        return found

    def write(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {_name(name): out(part) for name, part in value.items() if part is not ABSENT}
        return plain(value)

    def holds(value: Any) -> bool:
        return type(value) is dict and all(map(inner.holds, list(value.values())[:1]))

    return Codec(read, write, lambda raw: isinstance(raw, dict), holds)


def _null(codecs: Codecs, inner_type: Type) -> Codec:
    inner = codecs.get(inner_type)
    one, out = inner.read, inner.write
    return Codec(
        lambda raw: None if raw is None else one(raw),
        lambda value: None if value is None else out(value),
        lambda raw: raw is None or inner.fits(raw),
        lambda value: value is None or inner.holds(value),
    )


def _union(codecs: Codecs, members: Collection[Type], name: str | None, mapping: Collection[Any]) -> Codec:
    """One of several: by the discriminator, else the first that fits; else what it is."""
    chosen = {value: codecs.get(member) for value, member in mapping}
    others = [codecs.get(member) for member in members]

    def read(raw: Any) -> Any:
        if name is not None and type(raw) is dict and type(raw.get(name)) is str:
            member = chosen.get(raw[name])
            return Unknown(raw) if member is None else member.read(raw)
        return _tries.once(others, raw, first) if type(raw) in _PARTS else first(raw)

    def first(raw: Any) -> Any:
        for codec in others:
            if codec.fits(raw):
                try:
                    found = codec.read(raw)
                except DoesNotFit:
                    continue
                if type(found) is not Unknown:
                    return found
        return Unknown(raw)

    def member_of(value: Any) -> Codec | None:
        if name is not None and isinstance(value, Mapping) and isinstance(value.get(name), str):
            return chosen.get(value[name])
        return next((codec for codec in others if codec.holds(value)), None)

    def write(value: Any) -> Any:
        if type(value) is str or isinstance(value, Model):
            return plain(value)
        member = member_of(value)
        return plain(value) if member is None else member.write(value)

    return Codec(read, write, holds=lambda value: member_of(value) is not None)


class _Tries(threading.local):
    """What unions found while one value is read. A member that does not fit has read parts of it: these are not read
    again for the next member, else the time would double with each level.
    """

    found: dict[tuple[int, int], Any] | None = None

    def once(self, union: Any, raw: Any, read: Read) -> Any:
        """What a union makes of an object or array.

        Args:
            union: that reads.
            raw: as JSON has it.
            read: of the union.
        """
        if self.found is None:
            self.found = {}
            try:
                return read(raw)
            finally:
                self.found = None
        key = (id(union), id(raw))  # both live until the outermost union is read
        if key not in self.found:
            self.found[key] = read(raw)
        return self.found[key]


_tries = _Tries()


# Long: `read`, `write`, `fits` and the rest share the tables that `prepare` fills when they are first needed.
def record(codecs: Codecs, cls: type[Model]) -> Codec:
    """The codec of an object with named properties; what it is made of is looked up when it is first used."""
    fields = cls._fields_
    table: dict[str, tuple[str, Read]] = {}
    rows: list[tuple[str, str, Write]] = []
    writers: dict[str, Write] = {}
    others: list[Codec] = []
    wanted = frozenset(field[1] for field in fields if field[2] is True or field[2] == "received")
    constants = [(field[0], field[4], bool(field[2])) for field in fields if len(field) > 4]
    needed = frozenset(field[0] for field in fields if field[1] in wanted)

    def prepare() -> None:
        found = {field[0]: codecs.get(field[3]) for field in fields}
        rows[:] = [(field[0], field[1], found[field[0]].write) for field in fields]
        writers.update({wire: codec.write for wire, codec in found.items()})
        table.update({field[0]: (field[1], found[field[0]].read) for field in fields})
        others.append(codecs.get(cls._additional_))  # last: it says that the rest is there

    def read(raw: Any) -> Any:
        if type(raw) is not dict:
            raise DoesNotFit("no object")
        if not others:
            prepare()
        found: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        wire = ""
        try:
            for wire, value in raw.items():
                entry = table.get(wire)
                if entry is None:
                    extra[wire] = value
                else:
                    found[entry[0]] = entry[1](value)
        except DoesNotFit as fault:
            raise fault.inside(wire) from None
        if not wanted <= found.keys():
            raise DoesNotFit(f"{_missing(fields, wanted - found.keys())} is missing")
        if extra:
            found["_additional"] = {name: _leniently(others[0], value) for name, value in extra.items()}
        item = object.__new__(cls)
        item.__dict__ = found
        return item

    def write(value: Any) -> Any:
        if type(value) is cls:
            if not others:
                prepare()
            given = value.__dict__
            sent = {wire: out(given[name]) for wire, name, out in rows if name in given and given[name] is not ABSENT}
            if "_additional" in given:
                rest = others[0].write
                sent.update({_name(name): rest(one) for name, one in given["_additional"].items()})
            return sent
        if isinstance(value, Mapping):
            if not others:
                prepare()
            rest = others[0].write
            return {_name(k): writers.get(k, rest)(one) for k, one in value.items() if one is not ABSENT}
        return plain(value)

    def fits(raw: Any) -> bool:
        if type(raw) is not dict or not needed <= raw.keys():
            return False
        return all(raw[wire] == value if wire in raw else not needs for wire, value, needs in constants)

    def holds(value: Any) -> bool:
        return isinstance(value, cls) or (isinstance(value, Mapping) and needed <= value.keys())

    return Codec(read, write, fits, holds)


def _missing(fields: Collection[Field], names: Set[str]) -> str:
    return ", ".join(repr(field[0]) for field in fields if field[1] in names)


def _leniently(codec: Codec, raw: Any) -> Any:
    """A property without a name: what does not fit is kept as it is."""
    try:
        return codec.read(raw)
    except DoesNotFit:
        return raw


_COMPOSED: Mapping[str, Callable[..., Codec]] = {"list": _list, "map": _map, "null": _null, "union": _union}
_modules: dict[str, Codecs] = {}
_classes: dict[type[Model], Codec] = {}


def codecs_of(module: str) -> Codecs:
    """The codecs of a module of models.

    Args:
        module: its name.
    """
    return _modules.get(module) or _modules.setdefault(module, Codecs(module))


def of(cls: type[Model]) -> Codec:
    """The codec of a model's class, or of one that somebody derived from it."""
    codec = _classes.get(cls)
    if codec is None:
        owner = next((one for one in cls.__mro__ if "_fields_" in vars(one)), cls)
        codec = _classes.setdefault(cls, record(codecs_of(owner.__module__), cls))
    return codec
