"""`portico diff`: two files, or a file and what it was at a revision of git."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

SHOP = """\
openapi: 3.1.0
info: {title: Shop, version: 1.4.2}
servers: [{url: /shop/v1}]
security: []
paths:
  /checkout:
    post:
      operationId: checkout
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties: {deliveryDate: {type: string, format: date}, note: {type: string, maxLength: 200}}
      responses:
        "201":
          description: Ordered
          content: {application/json: {schema: {$ref: parts/order.yaml}}}
"""
ORDER = "type: object\nproperties: {id: {type: string}, total: {type: string}}\n"


@pytest.fixture
def shop(tmp_path):
    """A project in a repository of its own, with one commit."""
    (tmp_path / "specs" / "parts").mkdir(parents=True)
    (tmp_path / "specs" / "shop.yaml").write_text(SHOP)
    (tmp_path / "specs" / "parts" / "order.yaml").write_text(ORDER)
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def git(folder, *words):
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def commit(folder):
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "A version")


def edit(shop, before, after, file="shop.yaml"):
    path = shop / "specs" / file
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))


def test_what_breaks_clients_is_told_first_and_ends_with_status_1(portico, shop):
    edit(shop, "deliveryDate: {type: string, format: date}", "deliveryDate: {type: string, format: date-time}")
    edit(shop, "maxLength: 200", "maxLength: 400")
    edit(shop, "description: Ordered", "description: It is ordered")
    done = portico("diff", "HEAD:specs/shop.yaml", "specs/shop.yaml", cwd=shop)
    assert done.returncode == 1
    body = "  POST /checkout request body"
    assert done.stdout.splitlines() == [
        "Breaking (1)",
        f'{body} /deliveryDate: format changes from "date" to "date-time". request-format-changed',
        "",
        "Compatible (1)",
        f"{body} /note: maxLength changes from 200 to 400. request-constraint-loosened",
        "",
        "Cosmetic (1)",
        "  POST /checkout response 201: The description reads differently. description-changed",
        "",
        "Verdict: major. 1.4.2 becomes 2.0.0.",
    ]


def test_compatible_changes_end_with_status_0(portico, shop):
    edit(shop, "total: {type: string}", "total: {type: string}, tax: {type: string}", "parts/order.yaml")
    commit(shop)
    done = portico("diff", "HEAD~1:specs/shop.yaml", "HEAD:specs/shop.yaml", cwd=shop)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Verdict: minor. 1.4.2 becomes 1.5.0.")
    assert "response 201 /tax: The property is new." in done.stdout


def test_a_design_that_has_not_changed_needs_no_new_version(portico, shop):
    done = portico("diff", "specs/shop.yaml", "HEAD:specs/shop.yaml", cwd=shop)
    assert (done.returncode, done.stdout) == (0, "Verdict: none. 1.4.2 stays.\n")


def test_the_verdict_tells_the_version_that_the_new_design_says(portico, shop):
    edit(shop, "version: 1.4.2", "version: 1.4.3")
    edit(shop, "note: {type: string, maxLength: 200}", "note: {type: string, maxLength: 100}")
    last = portico("diff", "HEAD:specs/shop.yaml", "specs/shop.yaml", cwd=shop).stdout.splitlines()[-1]
    assert last == "Verdict: major. 1.4.2 becomes 2.0.0. The new design says '1.4.3'."


def test_a_version_that_is_not_semantic_is_told_and_is_no_obstacle(portico, shop):
    edit(shop, "version: 1.4.2", 'version: "2024-05"')
    done = portico("diff", "specs/shop.yaml", "specs/shop.yaml", cwd=shop)
    assert done.returncode == 0
    assert "'2024-05' is not a version of Semantic Versioning" in done.stdout


def test_programs_get_json_with_lines_and_columns(portico, shop):
    edit(shop, "total: {type: string}", "", "parts/order.yaml")
    done = portico("diff", "HEAD:specs/shop.yaml", "specs/shop.yaml", "--json", cwd=shop)
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert (told["verdict"], told["old_version"], told["next_version"]) == ("major", "1.4.2", "2.0.0")
    [change] = told["changes"]
    assert change["rule"] == "response-property-removed"
    assert change["operations"] == ["checkout"]
    assert change["old"] == {"file": "specs/parts/order.yaml", "line": 2, "column": 34, "pointer": "/properties/total"}


def test_two_files_outside_a_project_are_compared(portico, tmp_path):
    for name, kind in (("old.json", "string"), ("new.json", "integer")):
        parameter = {"name": "page", "in": "query", "schema": {"type": kind}}
        operation = {"operationId": "list", "parameters": [parameter], "responses": {"204": {"description": "Done"}}}
        document = {"openapi": "3.0.3", "info": {"title": "X", "version": "0.3.1"}, "paths": {"/": {"get": operation}}}
        (tmp_path / name).write_text(json.dumps(document))
    done = portico("diff", "old.json", "new.json", cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "Verdict: major. 0.3.1 becomes 0.4.0.")


def test_a_project_below_the_top_of_a_repository_is_found_by_its_own_paths(portico, tmp_path):
    specs = tmp_path / "services" / "shop" / "specs"
    (specs / "parts").mkdir(parents=True)
    (specs / "shop.yaml").write_text(SHOP)
    (specs / "parts" / "order.yaml").write_text(ORDER)
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    for path in ("specs/shop.yaml", "services/shop/specs/shop.yaml"):
        done = portico("diff", f"HEAD:{path}", "specs/shop.yaml", cwd=specs.parent)
        assert (done.returncode, done.stdout) == (0, "Verdict: none. 1.4.2 stays.\n"), done.stderr


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("HEAD:specs/none.yaml", "There is no file specs/none.yaml at HEAD."),
        ("v9:specs/shop.yaml", "git knows no revision 'v9'"),
        (":specs/shop.yaml", "is no revision"),
        ("HEAD:specs", "There is no file specs at HEAD."),
        ("HEAD:../../etc/passwd", "There is no file ../../etc/passwd at HEAD."),
        ("HEAD:/etc/passwd", "There is no file /etc/passwd at HEAD."),
        ("specs/none.yaml", "There is no file specs/none.yaml."),
        ("--output=stolen:specs/shop.yaml", "There is no file --output=stolen:specs/shop.yaml."),
        ("-x", "There is no file -x."),
        ("HEAD --output=stolen:specs/shop.yaml", "git knows no revision"),
        ("HEAD\n:specs/shop.yaml", "git knows no revision"),
    ],
)
def test_what_cannot_be_compared_ends_with_status_2_and_the_reason(portico, shop, named, said):
    done = portico("diff", "--", named, "specs/shop.yaml", cwd=shop)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(shop.glob("*stolen*"))


def test_a_revision_outside_a_repository_is_refused(portico, tmp_path):
    (tmp_path / "shop.json").write_text("{}")
    done = portico("diff", "HEAD:shop.json", "shop.json", cwd=tmp_path)
    assert (done.returncode, "git knows no revision" in done.stderr) == (2, True)


def test_a_revision_without_git_says_what_is_missing(portico, shop, monkeypatch):
    monkeypatch.setenv("PATH", str(shop))
    done = portico("diff", "HEAD:specs/shop.yaml", "specs/shop.yaml", cwd=shop)
    assert (done.returncode, "git is not installed" in done.stderr) == (2, True)


def test_a_broken_design_of_a_revision_is_shown_with_the_revision(portico, shop):
    edit(shop, "openapi: 3.1.0", "openapi: 9.9.9")
    commit(shop)
    done = portico("diff", "HEAD~1:specs/shop.yaml", "HEAD:specs/shop.yaml", cwd=shop)
    assert (done.returncode, "HEAD:specs/shop.yaml" in done.stderr) == (2, True)


def test_a_link_in_a_revision_leads_nowhere(portico, shop):
    (shop / "specs" / "parts" / "order.yaml").unlink()
    (shop / "specs" / "parts" / "order.yaml").symlink_to("/etc/hostname")
    commit(shop)
    done = portico("diff", "HEAD~1:specs/shop.yaml", "HEAD:specs/shop.yaml", cwd=shop)
    assert done.returncode == 2
    assert "order.yaml" in done.stderr


def test_names_that_would_steer_a_terminal_are_shown_harmless(portico, tmp_path):
    evil = "\x1b]0;owned\x07\u202e[red]x"
    for name, properties in (("old.json", {evil: {"type": "string"}}), ("new.json", {"y": {"enum": [evil]}})):
        content = {
            "application/json": {"schema": {"type": "object", "properties": properties, "description": evil + name}}
        }
        operation = {"operationId": evil, "responses": {"200": {"description": "It", "content": content}}}
        document = {
            "openapi": "3.1.0",
            "info": {"title": evil, "version": evil},
            "paths": {f"/{evil}": {"get": operation}},
        }
        (tmp_path / name).write_text(json.dumps(document))
    for words in ([], ["--json"]):
        done = portico("diff", "old.json", "new.json", *words, cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", done.stdout)
    assert "[red]x" in portico("diff", "old.json", "new.json", cwd=tmp_path).stdout


def test_colours_are_for_terminals_only(portico_process, shop):
    edit(shop, "maxLength: 200", "maxLength: 20")
    done = portico_process("diff", "HEAD:specs/shop.yaml", "specs/shop.yaml", cwd=shop)
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
