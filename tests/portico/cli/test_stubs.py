"""`portico stubs`: that it is wired; what it writes is tested beside `portico.stubs`."""

from __future__ import annotations

import json


def test_a_new_operation_gets_a_function_and_what_was_written_stays(portico, pets):
    handlers = pets / "handlers" / "pets.py"
    handlers.write_text("def get_pet(pet_id, **more):\n    return {'mine': True}\n")
    done = portico("stubs", cwd=pets)
    assert done.returncode == 0, done.stdout
    assert "add_pet" in done.stdout
    assert "return {'mine': True}" in handlers.read_text()
    assert (pets / "handlers" / "pets_types.py").is_file()
    assert "every operation has its function" in portico("stubs", cwd=pets).stdout


def test_a_handler_that_does_not_fit_is_shown_with_a_diff_and_told_by_the_exit_status(portico, pets):
    handlers = pets / "handlers" / "pets.py"
    handlers.write_text("def get_pet(pet_id, *, colour):\n    return {}\n")
    done = portico("stubs", cwd=pets)
    assert done.returncode == 1
    assert "-def get_pet(pet_id, *, colour):" in done.stdout
    assert "colour" in handlers.read_text()


def test_what_was_done_as_json(portico, pets):
    report = json.loads(portico("stubs", "pets", "--json", cwd=pets).stdout)[0]
    assert report["api"] == "pets"
    assert report["fits"] is True
