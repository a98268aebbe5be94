"""`portico check`."""

from __future__ import annotations

import json

import pytest

NO_DECISION = "no-security-decision"


@pytest.fixture
def undecided(pets):
    """A project whose design forgets to say who may call."""
    design = pets / "specs" / "pets.yaml"
    design.write_text(design.read_text().replace("security: []\n", ""))
    return pets


def test_a_design_without_faults_passes(portico, pets):
    done = portico("check", cwd=pets)
    assert done.returncode == 0, done.stdout


def test_a_fault_is_shown_with_rule_place_and_mend(portico, undecided):
    done = portico("check", cwd=undecided)
    assert done.returncode == 1
    assert NO_DECISION in done.stdout
    assert "specs/pets.yaml" in done.stdout
    assert "security: []" in done.stdout, "the mend"


def test_the_findings_as_json(portico, undecided):
    done = portico("check", "--json", cwd=undecided)
    assert done.returncode == 1
    found = [finding for finding in json.loads(done.stdout) if finding["rule"] == NO_DECISION]
    assert len(found) == 2
    assert {"file", "line", "column", "pointer", "severity", "message", "mend"} <= found[0].keys()


def test_the_findings_as_sarif(portico, undecided):
    log = json.loads(portico("check", "--sarif", cwd=undecided).stdout)
    assert log["version"] == "2.1.0"
    assert NO_DECISION in {result["ruleId"] for result in log["runs"][0]["results"]}


def test_json_and_sarif_exclude_each_other(portico, pets):
    assert portico("check", "--json", "--sarif", cwd=pets).returncode == 2


def test_a_rule_that_is_off_with_a_reason_is_not_reported(portico, undecided):
    (undecided / "portico.toml").write_text(f'[check.off]\n{NO_DECISION} = "the partner decides next week"\n')
    assert portico("check", cwd=undecided).returncode == 0


def test_a_handler_that_has_drifted_from_its_document_is_a_fault(portico, pets):
    handlers = pets / "handlers" / "pets.py"
    handlers.write_text(handlers.read_text().replace("get_pet(pet_id)", "get_pet(pet_id, *, colour)"))
    done = portico("check", cwd=pets)
    assert done.returncode == 1
    assert "colour" in done.stdout


def test_one_document_of_the_project_can_be_checked(portico, undecided):
    (undecided / "specs" / "fine.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: F, version: '1'}\nservers: [{url: /fine}]\nsecurity: []\npaths: {}\n"
    )
    assert portico("check", "specs/fine.yaml", cwd=undecided).returncode == 0


def test_a_document_outside_any_project_is_checked_by_itself_and_leaves_nothing_behind(
    portico, undecided, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("elsewhere")
    (undecided / "specs" / "pets.yaml").rename(folder / "theirs.yaml")
    done = portico("check", "theirs.yaml", cwd=folder)
    assert done.returncode == 1
    assert NO_DECISION in done.stdout
    assert [path.name for path in folder.iterdir()] == ["theirs.yaml"]


def test_a_document_that_is_not_there_is_named(portico, pets):
    done = portico("check", "nothing.yaml", cwd=pets)
    assert (done.returncode, "nothing.yaml" in done.stderr) == (2, True)


def test_broken_yaml_is_a_fault_with_its_line(portico, pets):
    (pets / "specs" / "pets.yaml").write_text("openapi: 3.0.3\npaths: {\n")
    done = portico("check", cwd=pets)
    assert done.returncode == 1
    assert "unreadable-file" in done.stdout
    assert "Traceback" not in done.stderr


def test_roles_are_checked_against_the_designs(portico, pets):
    (pets / "auth").mkdir()
    (pets / "auth" / "pool.yaml").write_text("name: main\n")
    statement = "{id: look, effect: allow, api: pets, operations: getPte}"
    (pets / "auth" / "roles.yaml").write_text(f"roles:\n  visitor:\n    statements:\n      - {statement}\n")
    done = portico("check", cwd=pets)
    assert done.returncode == 2
    assert "auth/roles.yaml:4" in done.stderr
    assert "Did you mean getPet" in done.stderr
    assert "No faults" not in done.stdout


def test_plans_are_checked_against_the_designs(portico, pets):
    (pets / "auth").mkdir()
    plan = "plans:\n  partner:\n    operations:\n      pets.getPte: {throttle: {rate: 1}}\n"
    (pets / "auth" / "plans.yaml").write_text(plan)
    done = portico("check", cwd=pets)
    assert done.returncode == 2
    assert "auth/plans.yaml:4:7" in done.stderr
    assert "Did you mean pets.getPet" in done.stderr
    assert "No faults" not in done.stdout
    (pets / "auth" / "plans.yaml").write_text(plan.replace("Pte", "Pet"))
    assert portico("check", cwd=pets).returncode == 0


def test_a_cost_that_is_none_is_told_where_it_stands_before_the_plans_are_read(portico, pets):
    (pets / "auth").mkdir()
    (pets / "auth" / "plans.yaml").write_text("plans: {partner: {}}\n")
    design = pets / "specs" / "pets.yaml"
    design.write_text(design.read_text().replace("summary: One pet", "x-portico-cost: two"))
    done = portico("check", "--json", cwd=pets)
    assert done.returncode == 1
    (found,) = json.loads(done.stdout)
    assert (found["rule"], found["file"], found["line"]) == ("invalid-cost", "specs/pets.yaml", 9)


def test_a_key_that_nobody_knows_is_told_until_there_are_plans(portico, pets):
    design = pets / "specs" / "pets.yaml"
    key = "components: {securitySchemes: {key: {type: apiKey, in: header, name: X-API-Key}}}\n"
    design.write_text(design.read_text().replace("security: []", "security: [{key: []}]") + key)
    assert "scheme-without-authoriser" in portico("check", cwd=pets).stdout
    (pets / "auth").mkdir()
    (pets / "auth" / "plans.yaml").write_text("plans: {partner: {}}\n")
    assert "scheme-without-authoriser" not in portico("check", cwd=pets).stdout
