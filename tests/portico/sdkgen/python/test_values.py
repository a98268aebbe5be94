"""What is read can be written back unchanged; what cannot be read is told with its place."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portico.sdkgen.python.shop import Cat, Colour, Dog, Row, Size, Thing

from portico.sdkgen.python.runtime import jsontext
from portico.sdkgen.python.runtime.absent import ABSENT
from portico.sdkgen.python.runtime.codec import codecs_of
from portico.sdkgen.python.runtime.errors import BadArgument, DoesNotFit
from portico.sdkgen.python.runtime.model import Unknown
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
