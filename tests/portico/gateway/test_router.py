from __future__ import annotations

import time

import pytest

from portico.gateway.router import Router


def router(*routes: tuple[str, str], types: dict[str, str] | None = None) -> Router[str]:
    made: Router[str] = Router()
    for method, template in routes:
        made.add(method, template, f"{method} {template}", types=types)
    return made


def found(made: Router[str], method: str, path: str, raw: str | None = None) -> object:
    return made.find(method, path, raw or path)


def test_a_written_out_path_wins_over_a_templated_one() -> None:
    made = router(("GET", "/users/{id}"), ("GET", "/users/me"))
    assert found(made, "GET", "/users/me") == ("GET /users/me", {})
    assert found(made, "GET", "/users/7") == ("GET /users/{id}", {"id": "7"})


def test_a_method_that_the_written_out_path_lacks_goes_to_the_templated_one() -> None:
    made = router(("GET", "/users/me"), ("DELETE", "/users/{id}"))
    assert found(made, "DELETE", "/users/me") == ("DELETE /users/{id}", {"id": "me"})


def test_a_wrong_turn_is_taken_back() -> None:
    made = router(("GET", "/a/{x}/c"), ("GET", "/a/b/d"))
    assert found(made, "GET", "/a/b/c") == ("GET /a/{x}/c", {"x": "b"})
    assert found(made, "GET", "/a/b/d") == ("GET /a/b/d", {})
    assert found(made, "GET", "/a/b/e") is None


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/files/{name}.json", "/files/a.b.json", {"name": "a.b"}),
        ("/{from}-{to}", "/1-2", {"from": "1", "to": "2"}),
        ("/v{version}/x", "/v12/x", {"version": "12"}),
        ("/{a}/{b}", "/ä/ü", {"a": "ä", "b": "ü"}),
    ],
)
def test_parameters_may_be_parts_of_a_segment(template: str, path: str, values: dict[str, str]) -> None:
    assert found(router(("GET", template)), "GET", path) == (f"GET {template}", values)


def test_a_parameter_is_never_empty() -> None:
    assert found(router(("GET", "/users/{id}")), "GET", "/users/") is None


def test_an_encoded_slash_stays_in_its_segment() -> None:
    made = router(("GET", "/files/{name}"), ("GET", "/files/a/b"))
    assert found(made, "GET", "/files/x/y", "/files/x%2Fy") == ("GET /files/{name}", {"name": "x/y"})
    assert found(made, "GET", "/files/a/b", "/files/a%2fb") == ("GET /files/{name}", {"name": "a/b"})


def test_a_path_parameter_takes_the_rest() -> None:
    made = router(("GET", "/files/{name}"), types={"name": "path"})
    assert found(made, "GET", "/files/a/b/c") == ("GET /files/{name}", {"name": "a/b/c"})


def test_a_number_matches_only_what_looks_like_one() -> None:
    made = router(("GET", "/items/{id}"), types={"id": "integer"})
    made.add("GET", "/items/{slug}", "by slug")
    assert found(made, "GET", "/items/-12") == ("GET /items/{id}", {"id": "-12"})
    assert found(made, "GET", "/items/roses") == ("by slug", {"slug": "roses"})


def test_methods_of_all_templates_that_fit_are_known() -> None:
    made = router(("GET", "/users/me"), ("DELETE", "/users/{id}"), ("PUT", "/users/{name}"))
    assert set(made.methods("/users/me", "/users/me")) == {"GET", "DELETE", "PUT"}
    assert made.methods("/nowhere", "/nowhere") == {}


def test_the_first_of_two_equal_routes_stays() -> None:
    made: Router[str] = Router()
    assert made.add("GET", "/a", "first")
    assert not made.add("GET", "/a", "second")
    assert made.find("GET", "/a", "/a") == ("first", {})


def test_separators_without_end_do_not_hold_the_server_up() -> None:
    made = router(("GET", "/{a}-{b}-{c}-{d}-{e}x"))
    began = time.process_time()
    assert found(made, "GET", "/" + "-" * 60_000) is None
    assert time.process_time() - began < 1


def test_many_routes_cost_a_look_up_no_more() -> None:
    """Counted, not timed: the steps of a look-up do not grow with the number of operations."""
    small, large = (router(*[("GET", f"/r{n}/{{id}}/x{n}") for n in range(size)]) for size in (10, 10_000))
    assert visited(small, "/r5/7/x5") == visited(large, "/r5/7/x5")


def visited(made: Router[str], path: str) -> int:
    import sys

    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        assert made.find("GET", path, path) is not None
    finally:
        sys.setprofile(None)
    return calls
