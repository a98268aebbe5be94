"""What is read can be written back unchanged; what cannot be read is told with its place."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portico.sdkgen.python import shop
from tests.portico.sdkgen.python.shop import Cat, Colour, Dog, Row, Size, Thing

from portico.sdkgen.python.runtime import jsontext
from portico.sdkgen.python.runtime.absent import ABSENT
from portico.sdkgen.python.runtime.codec import Codecs, codecs_of, record
from portico.sdkgen.python.runtime.errors import BadArgument, DoesNotFit
from portico.sdkgen.python.runtime.model import Model, Unknown
from portico.sdkgen.python.runtime.values import DateTime

EXACT = (
    b'{"name":"a","id":"1","when":"2026-05-04T09:30:00.123456789+02:00","price":12345678901234567890.1234567890,'
    b'"amount":"0.10000000000000000001","big":"9223372036854775807","data":"AP9oaQ==","ratio":0.5,"colour":"mauve",'
    b'"size":7,"note":null,"pets":[{"kind":"cat","lives":9},{"kind":"parrot","x":[1]}],'
    b'"parts":{"x":{"name":"b","id":"2"}},"uuid":"0b6e2f0e-7c1a-4f5d-9d3e-8a71c2b4f690","later":{"a":[1.50,null]}}'
)


def test_everything_comes_back_as_it_was() -> None:
    thing = Thing.from_json(EXACT)
    assert thing.to_json() == EXACT
    assert thing.price == Decimal("12345678901234567890.1234567890")
    assert thing.note is None
    assert thing.secret is ABSENT
    assert isinstance(thing.pets, list)
    assert isinstance(thing.pets[0], Cat)
    assert thing.pets[1] == Unknown({"kind": "parrot", "x": [1]})
    assert thing.additional["later"] == {"a": [1.5, None]}


def test_leap_seconds_and_lower_case_letters_of_times_stay() -> None:
    for text in ("2016-12-31T23:59:60Z", "2016-12-31t23:59:59.5z", "2026-05-04 09:30:00+00:00"):
        assert Thing.from_dict({"name": "a", "id": "1", "when": text}).to_dict()["when"] == text


def test_a_time_survives_copies_and_forgets_its_text_when_it_is_reckoned_with() -> None:
    when = DateTime.parse("2026-05-04T09:30:00.1234567Z")
    for same in (copy.copy(when), copy.deepcopy(when), pickle.loads(pickle.dumps(when))):  # noqa: S301
        assert same.text == "2026-05-04T09:30:00.1234567Z"
    assert (when + dt.timedelta(days=1)).text is None  # type: ignore[attr-defined]


def test_a_time_without_a_zone_is_not_sent() -> None:
    with pytest.raises(BadArgument, match="time zone"):
        Thing(name="a", secret="s", when=dt.datetime(2026, 5, 4)).to_json()


def test_enumerations_know_their_constants_and_keep_others() -> None:
    codec = codecs_of(Thing.__module__).get("Colour")
    assert codec.read("red") is Colour.RED
    assert codec.read("red") == "red"
    assert Colour.RED.known
    mauve = codec.read("mauve")
    assert isinstance(mauve, Colour)
    assert not mauve.known
    assert f"{mauve}" == "mauve"
    assert repr(mauve) == "Colour('mauve')"
    assert codecs_of(Thing.__module__).get("Size").read(0) is Size.NONE_AT_ALL


def test_a_union_without_a_discriminator_is_the_first_that_fits() -> None:
    read = codecs_of(Thing.__module__).get("Loose").read
    assert read({"kind": "dog", "born": "2020-01-01"}) == Dog(born=dt.date(2020, 1, 1))
    assert read({"kind": "cat"}) == Cat()
    assert read(7) == 7
    assert read("seven") == Unknown("seven")


def test_what_holds_itself_can_be_read() -> None:
    assert codecs_of(Thing.__module__).get("Tree").read({"a": [{"b": []}]}) == {"a": [{"b": []}]}


@pytest.mark.parametrize(
    ("members", "pointer", "reason"),
    [
        ({"id": "1"}, "", "'name' is missing"),
        ({"name": 1, "id": "1"}, "/name", "no text"),
        ({"name": "a", "id": "1", "parts": {"x/~": {"name": None}}}, "/parts/x~1~0/name", "no text"),
        ({"name": "a", "id": "1", "pets": [{"kind": "cat"}, {"kind": "dog", "born": 1}]}, "/pets/1/born", "no date"),
        ({"name": "a", "id": "1", "when": "yesterday"}, "/when", "no date and time"),
        ({"name": "a", "id": "1", "data": "?"}, "/data", "no base64"),
        ({"name": "a", "id": "1", "size": True}, "/size", "no integer"),
        ({"name": "a", "id": "1", "ratio": True}, "/ratio", "no number"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(members: dict[str, object], pointer: str, reason: str) -> None:
    with pytest.raises(DoesNotFit) as caught:
        Thing.from_dict(members)
    assert (caught.value.pointer, caught.value.reason) == (pointer, reason)


def test_a_model_says_what_it_lacks_and_what_it_does_not_have() -> None:
    with pytest.raises(TypeError, match="Thing needs name"):
        Thing(secret="x")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Thing has no colr"):
        Thing(name="a", secret="x", colr=1)  # type: ignore[call-arg]


def test_a_copy_with_changes_leaves_the_first_alone() -> None:
    first = Thing.from_dict({"name": "a", "id": "1", "more": 1, "note": "x"})
    second = first.replace(name="b", note=ABSENT)
    second.additional["more"] = 2
    assert (first.name, first.note, first.additional) == ("a", "x", {"more": 1})
    assert second.to_dict() == {"name": "b", "id": "1", "more": 2}
    assert first != second


def test_properties_without_a_name_have_the_type_of_the_document_and_stay_where_they_do_not_fit() -> None:
    row = Row.from_dict({"n": 1, "a": "2026-05-04", "b": 5})
    assert row.additional == {"a": dt.date(2026, 5, 4), "b": 5}
    assert row.to_dict() == {"n": 1, "a": "2026-05-04", "b": 5}


def test_plain_values_are_taken_in_place_of_models() -> None:
    thing = Thing(name="a", secret="s", pets=[{"kind": "cat", "lives": 1}], parts={"x": {"name": "y"}})  # type: ignore[list-item, dict-item]
    assert thing.to_dict()["pets"] == [{"kind": "cat", "lives": 1}]


@pytest.mark.parametrize("value", [math.nan, math.inf, object(), {1: 2}, Decimal("NaN"), ABSENT])
def test_what_json_does_not_have_is_not_sent(value: object) -> None:
    write = codecs_of(Thing.__module__).get("any").write
    with pytest.raises(BadArgument):
        jsontext.write(write(value))


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_values)
def test_any_json_comes_back_unchanged(value: object) -> None:
    written = jsontext.write(value)
    codec = codecs_of(Thing.__module__).get("any")
    assert json.loads(jsontext.write(codec.write(codec.read(jsontext.read(written, exact=True))))) == value


def test_half_of_a_surrogate_pair_can_be_sent() -> None:
    assert jsontext.write({"a": "\ud800", "b": jsontext.digits("1.50")}) == b'{"a":"\\ud800","b":1.50}'


def read(wanted: Any) -> Any:
    return codecs_of(Thing.__module__).get(wanted).read


def test_what_does_not_fit_deep_inside_is_read_once() -> None:
    members: object = {"name": 1}
    for _ in range(100):
        members = {"name": "a", "id": "1", "parts": {"x": members}}
    with pytest.raises(DoesNotFit) as caught:
        Thing.from_dict(members)  # type: ignore[arg-type]
    assert caught.value.pointer == "/parts/x" * 100 + "/name"


def test_unions_inside_unions_are_read_once_for_each_member(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(shop)["_types_"], "Either", ("union", ("Left", "Right", "int"), None, ()))
    for name, kind in (("Left", "int"), ("Right", "str")):
        fields = (("inner", "inner", True, "Either"), ("value", "value", True, kind))
        monkeypatch.setattr(
            shop, name, type(name, (Model,), {"_fields_": fields, "__module__": shop.__name__}), raising=False
        )
    raw: object = 1
    for _ in range(60):
        raw = {"inner": raw, "value": "x"}
    codec = Codecs(shop.__name__).get("Either")
    found = codec.read(raw)
    assert type(found).__name__ == "Right"
    assert codec.write(found) == raw


def test_what_is_nested_too_deeply_or_holds_itself_is_told() -> None:
    members: dict[str, Any] = {"name": "a", "id": "1"}
    for _ in range(3_000):
        members = {"name": "a", "id": "1", "parts": {"x": members}}
    with pytest.raises(DoesNotFit, match="deep"):
        Thing.from_dict(members)
    thing = Thing(name="a", secret="s")
    thing.parts = {"x": thing}
    with pytest.raises(BadArgument, match="itself"):
        thing.to_json()


def test_a_member_of_a_union_is_written_as_it_was_read() -> None:
    codec = codecs_of(Thing.__module__).get(("union", ("decimal-text", "bool", ("list", "int-text")), None, ()))
    for text in (b'"1.50"', b"true", b'["7"]', b'"x"'):
        assert jsontext.write(codec.write(codec.read(jsontext.read(text, exact=True)))) == text


def test_properties_without_a_name_are_written_as_they_were_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Row, "_additional_", "int-text")
    codec = record(codecs_of(Row.__module__), Row)
    raw = {"n": 1, "big": "123"}
    assert codec.write(codec.read(raw)) == raw
    assert codec.write({"n": 1, "big": 123}) == raw


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("decimal", '"NaN"'),
        ("decimal-text", '"1_0"'),
        ("decimal-text", '" 1"'),
        ("date", '"2026-W01-1"'),
        ("date", '"20260504"'),
        ("datetime", '"20260504"'),
        ("datetime", '"2026-05-04"'),
        ("int-text", '" 1_0 "'),
        ("int", "9007199254740993.5"),
    ],
)
def test_other_ways_to_write_values_are_not_read(kind: str, text: str) -> None:
    with pytest.raises(DoesNotFit):
        read(kind)(jsontext.read(text.encode(), exact=True))


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("text", [b"NaN", b'{"a": -Infinity}'])
def test_numbers_that_json_does_not_have_are_not_read(text: bytes, exact: bool) -> None:
    with pytest.raises(ValueError, match="no number of JSON"):
        jsontext.read(text, exact=exact)


def test_a_whole_number_keeps_its_digits_after_a_point() -> None:
    assert read("int")(jsontext.read(b"9007199254740993.0", exact=True)) == 9_007_199_254_740_993


def test_a_date_is_no_time_even_where_a_time_is_given() -> None:
    write = codecs_of(Thing.__module__).get("date").write
    assert write(dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)) == "2026-01-01"


def test_a_time_zone_with_seconds_is_not_sent() -> None:
    zone = dt.timezone(dt.timedelta(hours=5, minutes=30, seconds=15))
    with pytest.raises(BadArgument, match="whole minutes"):
        Thing(name="a", secret="s", when=dt.datetime(2026, 5, 4, tzinfo=zone)).to_json()


def test_a_text_that_looks_like_a_number_stays_a_text() -> None:
    assert jsontext.write({"note": jsontext.MARK + "[true]"}) == f'{{"note":"{jsontext.MARK}[true]"}}'.encode()
