"""`portico routes`."""

from __future__ import annotations

import json


def test_routes_tell_what_answers_where_and_whether_it_is_written(portico, pets):
    routes = json.loads(portico("routes", "--json", cwd=pets).stdout)
    assert [(route["method"], route["path"], route["operation"], route["state"]) for route in routes] == [
        ("GET", "/pets/v1/pets/{petId}", "getPet", "written"),
        ("POST", "/pets/v1/pets", "addPet", "stub"),
    ]
    assert routes[0]["handler"] == "handlers.pets.get_pet"
    assert routes[0]["security"] == "open"


def test_an_operation_without_a_function_is_missing(portico, pets):
    (pets / "handlers" / "pets.py").write_text("")
    assert {route["state"] for route in json.loads(portico("routes", "--json", cwd=pets).stdout)} == {"missing"}


def test_security_reads_as_alternatives_of_conjunctions(portico, pets):
    design = pets / "specs" / "pets.yaml"
    schemes = (
        "components: {securitySchemes: {key: {type: apiKey, in: header, name: X}, "
        "oidc: {type: http, scheme: bearer}}}\n"
    )
    design.write_text(
        design.read_text().replace("security: []", "security: [{key: [], oidc: []}, {}]") + schemes,
    )
    assert json.loads(portico("routes", "--json", cwd=pets).stdout)[0]["security"] == "key and oidc or open"


def test_into_a_pipe_each_route_is_one_line_without_colours(portico, pets):
    listed = portico("routes", cwd=pets).stdout.splitlines()
    assert len(listed) == 3
    assert "\x1b" not in "".join(listed)
    assert " ".join(listed[1].split()) == "GET /pets/v1/pets/{petId} pets getPet handlers.pets.get_pet written open"


def test_nothing_of_the_project_is_run_to_list_it(portico, pets):
    (pets / "handlers" / "pets.py").write_text("raise SystemExit('run!')")
    assert portico("routes", cwd=pets).returncode == 0


def test_control_characters_and_markup_of_a_document_are_shown_not_obeyed(portico, pets):
    design = pets / "specs" / "pets.yaml"
    design.write_text(
        design.read_text().replace("operationId: getPet", r'operationId: "[bold]\e]0;pwned\aget\u202ePet"')
    )
    listed = portico("routes", cwd=pets).stdout
    assert "\x1b" not in listed
    assert "\u202e" not in listed
    assert "[bold]" in listed
