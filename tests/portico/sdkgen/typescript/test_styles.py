"""Parameters are written as `portico.design.style` writes them."""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from portico.design import style

VALUES: list[Any] = [
    "blue",
    "",
    "a b&c=d/é?#[]'(!)*",
    1,
    -1.5,
    True,
    None,
    [],
    ["blue", "black", "a,b"],
    [1, True, None],
    {},
    {"R": 100, "G": "a b", "b&c": [1, 2]},
    {"in": {"deep": {"x": 1}, "list": [1, "b"]}},
]
PLACES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}
SCRIPT = """
import { readFileSync } from "node:fs";
import { cookiePairs, headerText, pathText, queryPairs } from "./runtime/style.js";
const ways = { path: pathText, query: queryPairs, header: headerText, cookie: cookiePairs };
const cases = JSON.parse(readFileSync("cases.json", "utf8"));
console.log(JSON.stringify(cases.map(([parameter, value]) => ways[parameter.in](parameter, value))));
"""


def test_every_style_is_that_of_the_reference(runtime: Path) -> None:
    kinds = [(place, way) for place, ways in PLACES.items() for way in ways]
    flags = list(itertools.product((False, True), repeat=3))
    cases = [
        (place, way, *flag, value)
        for (place, way), flag, value in itertools.product(kinds, flags, VALUES)
        if not (flag[2] and isinstance(value, str))  # JSON: the reference takes a text for JSON already
    ]
    (runtime / "style.mjs").write_text(SCRIPT)
    given = [[parameter(*case[:-1]), case[-1]] for case in cases]
    (runtime / "cases.json").write_text(json.dumps(given))
    run = subprocess.run(["node", "style.mjs"], cwd=runtime, capture_output=True, text=True, check=True)
    for case, made in zip(cases, json.loads(run.stdout), strict=True):
        assert made == expected(*case), case


def parameter(place: str, way: str, explode: bool, reserved: bool, as_json: bool) -> dict[str, Any]:
    found = {"argument": "color", "name": "co lor", "in": place, "style": way}
    return {**found, "explode": explode, "reserved": reserved, "json": as_json}


def expected(place: str, way: str, explode: bool, reserved: bool, as_json: bool, value: Any) -> Any:
    one: Any = SimpleNamespace(
        name="co lor",
        style=way,
        explode=explode,
        allow_reserved=reserved,
        media_type="application/json" if as_json else None,
    )
    if place == "path":
        text = style.path_text(one, value)
        return {"%2E": ".", "%2E%2E": ".."}.get(text, text)  # the runtime refuses the whole path instead
    ways = {"query": style.query_pairs, "header": style.header_text, "cookie": style.cookie_pairs}
    return ways[place](one, value)
