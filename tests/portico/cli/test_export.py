"""`portico export openapi`."""

from __future__ import annotations

import json

import pytest
import yaml
from openapi_spec_validator import validate

SWAGGER = """\
swagger: "2.0"
info: {title: Old, version: "1"}
basePath: /old
paths:
  /things:
    get:
      operationId: listThings
      parameters: [{name: tags, in: query, type: array, items: {type: string}, collectionFormat: csv}]
      responses: {"200": {description: Them, schema: {$ref: "#/definitions/Thing"}}}
definitions:
  Thing: {type: object, properties: {name: {type: string, x-nullable: true}}}
"""


@pytest.mark.parametrize("version", ["3.0", "3.1"])
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_an_old_design_is_exported_as_a_valid_document_of_a_newer_version(portico, pets, version, form):
    (pets / "specs" / "old.yaml").write_text(SWAGGER)
    words = ["--yaml"] if form == "yaml" else []
    done = portico("export", "openapi", "old", "--version", version, *words, cwd=pets)
    assert done.returncode == 0, done.stderr
    document = yaml.safe_load(done.stdout) if form == "yaml" else json.loads(done.stdout)
    assert document["openapi"].startswith(version)
    validate(document)
    assert "&id" not in done.stdout


def test_an_export_can_go_to_a_file(portico, pets):
    assert portico("export", "openapi", "pets", "-o", "pets.json", cwd=pets).stdout == ""
    assert json.loads((pets / "pets.json").read_text())["info"]["title"] == "Pets"


def test_a_file_that_cannot_be_written_is_named(portico, pets):
    done = portico("export", "openapi", "pets", "-o", "no/such/folder.json", cwd=pets)
    assert (done.returncode, "no/such/folder.json cannot be written" in done.stderr) == (2, True)


def test_a_misspelt_api_is_answered_with_what_was_meant(portico, pets):
    done = portico("export", "openapi", "pest", cwd=pets)
    assert done.returncode == 2
    assert "Did you mean pets?" in done.stderr
    assert "Traceback" not in done.stderr
