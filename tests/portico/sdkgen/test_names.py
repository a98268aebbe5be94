"""Names: idiomatic, without collisions, and the same for ever."""

from __future__ import annotations

import json
import random

from portico.sdkgen.names import Names


def test_what_collides_is_numbered_the_same_way_whatever_the_order() -> None:
    wishes = [("a-b", "a_b"), ("a_b", "a_b"), ("aB", "a_b"), ("c", "c")]
    expected = {"a-b": "a_b_2", "a_b": "a_b", "aB": "a_b_3", "c": "c"}
    for seed in range(20):
        random.Random(seed).shuffle(wishes)
        assert Names().scope("fields", wishes) == expected


def test_what_joins_later_takes_no_name_away() -> None:
    first = Names()
    assert first.scope("types", [("pet_name", "PetName")]) == {"pet_name": "PetName"}
    later = Names(first.record())
    found = later.scope("types", [("PetName", "PetName"), ("pet_name", "PetName")])
    assert found == {"pet_name": "PetName", "PetName": "PetName_2"}


def test_a_name_that_has_gone_is_not_given_to_something_else() -> None:
    first = Names()
    first.scope("operations", [("GET /a", "find"), ("GET /b", "look")])
    without = Names(first.record())
    without.scope("operations", [("GET /b", "look")])
    back = Names(without.record())
    found = back.scope("operations", [("GET /b", "look"), ("GET /c", "find"), ("GET /a", "find")])
    assert found == {"GET /a": "find", "GET /b": "look", "GET /c": "find_2"}


def test_reserved_words_are_avoided_even_when_they_were_recorded() -> None:
    assert Names().scope("f", [("class", "class")], reserved={"class"}) == {"class": "class_2"}
    recorded = Names({"f": {"match": "match"}})
    assert recorded.scope("f", [("match", "match")], reserved={"match"}) == {"match": "match_2"}


def test_a_record_that_somebody_edited_cannot_bring_in_code() -> None:
    evil = {"types": {"Pet": "Pet:\n    pass\nimport os #", "Cat": "Cat"}}
    assert Names(evil).scope("types", [("Pet", "Pet"), ("Cat", "Cat")]) == {"Pet": "Pet", "Cat": "Cat"}


def test_a_record_with_one_name_for_two_things_is_mended() -> None:
    twice = Names({"types": {"A": "Same", "B": "Same"}})
    found = twice.scope("types", [("A", "A"), ("B", "B")])
    assert len(set(found.values())) == 2


def test_the_record_is_the_same_text_every_time() -> None:
    one, other = Names(), Names()
    one.scope("x", [("a", "a"), ("b", "b")])
    one.scope("y", [("c", "c")])
    other.scope("y", [("c", "c")])
    other.scope("x", [("b", "b"), ("a", "a")])
    assert json.dumps(one.record()) == json.dumps(other.record())
