"""A package as the templates write it, by hand and small: what tests of the runtime call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar, TypeAlias

from portico.sdkgen.python.runtime.absent import ABSENT, Absent
from portico.sdkgen.python.runtime.aclient import AsyncClient
from portico.sdkgen.python.runtime.client import Client
from portico.sdkgen.python.runtime.enumeration import OpenInt, OpenStr
from portico.sdkgen.python.runtime.forms import Part
from portico.sdkgen.python.runtime.model import READ_ONLY, Model, Unknown
from portico.sdkgen.python.runtime.operation import Content, Operation, Pages, Parameter, Property
from portico.sdkgen.python.runtime.options import Options
from portico.sdkgen.python.runtime.sdk import Scheme, Sdk


class Colour(OpenStr):
    _values_ = (("RED", "red"), ("BLUE", "blue"))
    RED: ClassVar[Colour]
    BLUE: ClassVar[Colour]


class Size(OpenInt):
    _values_ = (("SMALL", 1), ("NONE_AT_ALL", 0))
    SMALL: ClassVar[Size]
    NONE_AT_ALL: ClassVar[Size]


class Cat(Model):
    _fields_ = (("kind", "kind", True, "str", "cat"), ("lives", "lives", False, "int"))
    kind: str = "cat"
    lives: int | Absent = ABSENT


class Dog(Model):
    _fields_ = (("kind", "kind", True, "str", "dog"), ("born", "born", True, "date"))
    born: dt.date
    kind: str = "dog"


Pet: TypeAlias = "Cat | Dog | Unknown"


class Thing(Model):
    _fields_ = (
        ("name", "name", True, "str"),
        ("id", "id", "received", "str"),
        ("secret", "secret", "sent", "str"),
        ("when", "when", False, "datetime"),
        ("price", "price", False, "decimal"),
        ("amount", "amount", False, "decimal-text"),
        ("big", "big", False, "int-text"),
        ("data", "data", False, "bytes"),
        ("ratio", "ratio", False, "float"),
        ("colour", "colour", False, "Colour"),
        ("size", "size", False, "Size"),
        ("note", "note", False, ("null", "str")),
        ("pets", "pets", False, ("list", "Pet")),
        ("parts", "parts", False, ("map", "Thing")),
        ("uuid", "uuid", False, "uuid"),
    )
    name: str
    id: str = READ_ONLY
    secret: str | Absent
    when: dt.datetime | Absent = ABSENT
    price: Decimal | Absent = ABSENT
    note: str | Absent | None = ABSENT
    pets: list[Pet] | Absent = ABSENT
    parts: dict[str, Thing] | Absent = ABSENT


class Row(Model):
    _fields_ = (("n", "n", True, "int"),)
    _additional_ = "date"
    n: int


_types_ = {
    "Pet": ("union", ("Cat", "Dog"), "kind", (("cat", "Cat"), ("dog", "Dog"))),
    "Loose": ("union", ("Dog", "Cat", "int"), None, ()),
    "Tree": ("map", ("list", "Tree")),
}

SDK = Sdk(
    name="shop",
    version="1.2.3",
    title="Shop",
    models=__name__,
    base_path="/v1",
    schemes={
        "key": Scheme("key", location="header", parameter="X-API-Key"),
        "signIn": Scheme("login", discovery="/auth/main/.well-known/openid-configuration", scopes=("shop/read",)),
        "sigv4": Scheme("signed"),
    },
    client_id="program",
)
_ANY = ((("signIn", ("shop/read",)),), (("sigv4", ()),), (("key", ()),))

get_thing = Operation(
    "getThing", "GET", "/things/{id}",
    parameters=(
        Parameter("path", "id", "id", "str", required=True), Parameter("query", "day", "day", "date", style="form"),
    ),
    result="Row", kind="json", accept="application/json", idempotent=True,
)  # fmt: skip
add_thing = Operation(
    "addThing", "POST", "/things",
    bodies=(Content("application/json", "json", "Row"), Content("text/plain", "text", "str")), body_required=True,
    properties=(Property("n", "n", required=True), Property("note", "note")),
    result="Row", kind="json", accept="application/json",
)  # fmt: skip
mine = Operation("mine", "GET", "/mine", result="any", kind="json", security=_ANY, idempotent=True)
add_mine = Operation(
    "addMine", "POST", "/mine", bodies=(Content("application/octet-stream", "binary", "binary"),),
    result="any", kind="json", security=((("sigv4", ()),),),
)  # fmt: skip
order = Operation(
    "order", "POST", "/orders", result="any", kind="json", idempotency_index=0,
    parameters=(Parameter("header", "Idempotency-Key", "idempotency_key", "str"),),
)  # fmt: skip
upload = Operation(
    "upload", "POST", "/files",
    bodies=(
        Content("multipart/form-data", "multipart", "any", (Part("title", "str"), Part("file", "any", file=True))),
    ),
    result="any", kind="json",
)  # fmt: skip
download = Operation("download", "GET", "/blob", result="binary", kind="binary", idempotent=True)
watch = Operation("watch", "GET", "/feed", result="Row", kind="events", accept="text/event-stream", idempotent=True)
lines = Operation("lines", "GET", "/lines", result="Row", kind="jsonl", idempotent=True)
text = Operation("text", "GET", "/text", result="str", kind="text", idempotent=True)
remove = Operation("remove", "DELETE", "/things", idempotent=True)
pages = Operation(
    "pages", "GET", "/pages", parameters=(Parameter("query", "cursor", "cursor", "str", style="form", explode=True),),
    result="any", kind="json", idempotent=True, pages=Pages("cursor", ("items",), 0, ("next",)),
)  # fmt: skip
links = Operation("links", "GET", "/links", result="any", kind="json", idempotent=True, pages=Pages("link", ()))


class Shop(Client):
    _sdk_ = SDK

    def get_thing(self, id: str, *, day: Any = ABSENT, options: Options | None = None) -> Row:
        return self._call(get_thing, options, (id, day))

    def add_thing(
        self, *, n: Any = ABSENT, note: Any = ABSENT, body: Any = ABSENT, options: Options | None = None
    ) -> Row:
        return self._call(add_thing, options, (), body, (n, note))

    def call(self, operation: Operation, *parameters: Any, options: Options | None = None, body: Any = ABSENT) -> Any:
        found: Any = self._call(operation, options, parameters, body)
        return found

    def iterate(self, operation: Operation, *parameters: Any) -> Iterator[Any]:
        return self._iterate(operation, None, parameters)


class AsyncShop(AsyncClient):
    _sdk_ = SDK

    async def get_thing(self, id: str, *, day: Any = ABSENT, options: Options | None = None) -> Row:
        return await self._call(get_thing, options, (id, day))

    async def call(
        self, operation: Operation, *parameters: Any, options: Options | None = None, body: Any = ABSENT
    ) -> Any:
        found: Any = await self._call(operation, options, parameters, body)
        return found

    def iterate(self, operation: Operation, *parameters: Any) -> Any:
        return self._iterate(operation, None, parameters)
