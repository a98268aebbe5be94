"""`portico call`: what is sent, what is not, and what is shown."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

FORMS = """\
openapi: 3.0.3
info: {title: Forms, version: "1"}
servers: [{url: /forms}]
security: []
paths:
  /plain:
    post:
      operationId: sendForm
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, required: [name], properties: {name: {type: string}, age: {type: integer}}}
      responses: {"200": {description: ok}}
  /upload:
    post:
      operationId: upload
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              properties: {title: {type: string}, photo: {type: string, format: binary}}
      responses: {"200": {description: ok}}
"""


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent; `X-Status` and `X-Reply` choose another answer."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode("latin-1")
        sent = {"method": self.command, "target": self.path, "headers": dict(self.headers), "body": body}
        reply = json.dumps(sent).encode()
        if chosen := self.headers.get("x-reply"):
            reply = chosen.encode("latin-1").decode("unicode_escape").encode("latin-1")
        self.send_response(int(self.headers.get("x-status", 200)))
        self.send_header("Content-Type", self.headers.get("x-type", "application/json"))
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_POST = answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_):
        """Not on the tests' terminal."""


@pytest.fixture(scope="module")
def echo():
    """The address of a server that is not ours."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def sent(portico, pets, echo):
    """What arrives at the server."""

    def call(*words: str, stdin: str = ""):
        done = portico("call", *words, "--url", echo, cwd=pets, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return call


def test_parameters_go_where_the_document_says(sent):
    got = sent(
        "pets", "getPet", "--pet-id", "7", "--with-toys", "true", "--tags", "a b", "--tags", "c&d", "--x-trace", "x1"
    )
    assert got["method"] == "GET"
    assert got["target"] == "/pets/v1/pets/7?withToys=true&tags=a%20b&tags=c%26d"
    assert got["headers"]["X-Trace"] == "x1"
    assert got["headers"]["Accept"] == "application/json, */*;q=0.1"


def test_the_spelling_of_the_document_works_too_and_the_operation_by_its_python_name(sent):
    assert sent("PETS", "get_pet", "--petId", "7")["target"] == "/pets/v1/pets/7"


def test_a_parameter_that_is_named_like_an_option_of_every_call_gets_its_place_in_front(sent):
    got = sent("pets", "getPet", "--pet-id", "7", "--query-url", "https://else.where/?a=b")
    assert got["target"] == "/pets/v1/pets/7?url=https%3A%2F%2Felse.where%2F%3Fa%3Db"


def test_a_path_parameter_cannot_climb_out_of_its_segment(portico, pets, echo):
    design = pets / "specs" / "pets.yaml"
    design.write_text(design.read_text().replace("schema: {type: integer, minimum: 1}", "schema: {type: string}"))
    done = portico("call", "pets", "getPet", "--pet-id", "../../admin?x=1#y", "--url", echo, cwd=pets)
    assert json.loads(done.stdout)["target"] == "/pets/v1/pets/..%2F..%2Fadmin%3Fx%3D1%23y"


@pytest.mark.parametrize("way", ["text", "file", "stdin"])
def test_a_body_comes_from_the_command_line_a_file_or_standard_input(sent, pets, way):
    (pets / "rex.json").write_text('{"name": "Rex"}')
    body = {"text": '{"name": "Rex"}', "file": f"@{pets / 'rex.json'}", "stdin": "-"}[way]
    got = sent("pets", "addPet", "--body", body, stdin='{"name": "Rex"}')
    assert json.loads(got["body"]) == {"name": "Rex"}
    assert got["headers"]["Content-Type"] == "application/json"


def test_every_fault_is_shown_with_its_place_and_nothing_is_sent(portico, pets):
    nobody_listens = "http://127.0.0.1:9"
    done = portico("call", "pets", "getPet", "--pet-id", "0", "--x-trace", "long", "--url", nobody_listens, cwd=pets)
    assert done.returncode == 1
    assert "path /petId: 0 is less than the minimum of 1" in done.stderr
    assert "header /X-Trace:" in done.stderr
    done = portico("call", "pets", "addPet", "--body", '{"age": "old"}', "--url", nobody_listens, cwd=pets)
    assert done.returncode == 1
    assert "body /age:" in done.stderr
    assert '"name" is a required property' in done.stderr


@pytest.mark.parametrize("words", [["getPet"], ["addPet"], ["addPet", "--body", "{"], ["getPet", "--pet-id", "seven"]])
def test_what_is_missing_or_of_the_wrong_type_is_a_fault(portico, pets, words):
    done = portico("call", "pets", *words, cwd=pets)
    assert (done.returncode, "Not sent" in done.stderr) == (1, True)


def test_a_request_can_be_sent_although_it_breaks_the_document(sent):
    assert sent("pets", "addPet", "--body", "{", "--no-check")["body"] == "{"


def test_a_form_is_filled_in_with_options(sent, pets):
    (pets / "specs" / "forms.yaml").write_text(FORMS)
    got = sent("forms", "sendForm", "--name", "A & B", "--age", "3")
    assert got["headers"]["Content-Type"] == "application/x-www-form-urlencoded"
    assert got["body"] == "name=A+%26+B&age=3"


def test_a_file_is_uploaded(sent, pets):
    (pets / "specs" / "forms.yaml").write_text(FORMS)
    (pets / "rose.png").write_bytes(b"\x89PNG")
    got = sent("forms", "upload", "--title", "Rose", "--photo", f"@{pets / 'rose.png'}")
    assert got["headers"]["Content-Type"].startswith("multipart/form-data; boundary=")
    assert 'name="photo"; filename="rose.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG' in got["body"]
    assert 'name="title"\r\n\r\nRose' in got["body"]


def test_headers_are_added_and_win(sent):
    got = sent("pets", "getPet", "--pet-id", "7", "-H", "Authorization: Bearer t", "-H", "accept: text/plain")
    assert got["headers"]["Authorization"] == "Bearer t"
    assert {name.lower(): value for name, value in got["headers"].items()}["accept"] == "text/plain"


@pytest.mark.parametrize("header", ["no colon", "Bad Name: x", "X-Two: a\r\nX-Injected: b", ": x"])
def test_what_is_no_header_is_refused(portico, pets, header):
    done = portico("call", "pets", "getPet", "--pet-id", "7", "-H", header, cwd=pets)
    assert (done.returncode, "is no header" in done.stderr) == (2, True)


def test_an_error_answer_is_shown_and_told_by_the_exit_status(portico, pets, echo):
    words = [
        "call",
        "pets",
        "getPet",
        "--pet-id",
        "7",
        "--url",
        echo,
        "-H",
        "X-Status: 404",
        "-H",
        'X-Reply: {"no": 1}',
    ]
    done = portico(*words, cwd=pets)
    assert (done.returncode, done.stdout) == (1, '{"no": 1}')
    assert done.stderr.startswith("404 Not Found")
    assert " ms" in done.stderr


def test_the_whole_answer_as_json(portico, pets, echo):
    words = ["call", "pets", "getPet", "--pet-id", "7", "--url", echo, "-H", "X-Reply: [1]", "--json"]
    answer = json.loads(portico(*words, cwd=pets).stdout)
    assert (answer["status"], answer["body"]) == (200, [1])
    assert answer["headers"]["content-type"] == "application/json"


def test_verbose_hides_what_is_secret(portico, pets, echo):
    words = ["call", "pets", "getPet", "--pet-id", "7", "--url", echo, "-H", "Authorization: Bearer s3cret", "-v"]
    told = portico(*words, cwd=pets).stderr
    assert "> GET http" in told
    assert "s3cret" not in told
    assert "< content-type: application/json" in told.lower()


def test_a_pipe_gets_the_bytes_as_they_are(portico, pets, echo):
    words = [
        "call",
        "pets",
        "getPet",
        "--pet-id",
        "7",
        "--url",
        echo,
        "-H",
        r"X-Reply: \x1b[31m{",
        "-H",
        "X-Type: text/x",
    ]
    assert portico(*words, cwd=pets).stdout == "\x1b[31m{"


def test_a_terminal_gets_a_pretty_answer_without_what_would_steer_it(pets, echo):
    shown = _on_a_terminal(
        pets, "pets", "getPet", "--pet-id", "7", "--url", echo, "-H", r'X-Reply: {"a": "\\u009b31mx"}'
    )
    assert '"a"' in shown
    assert "\x9b" not in shown
    shown = _on_a_terminal(
        pets,
        "pets",
        "getPet",
        "--pet-id",
        "7",
        "--url",
        echo,
        "-H",
        r"X-Reply: \x1b]0;pwned\x07",
        "-H",
        "X-Type: text/plain",
    )
    assert "pwned" in shown
    assert "\x1b]0;" not in shown


def _on_a_terminal(cwd, *words):
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "portico", "call", *words],
        cwd=cwd,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # Linux says EIO when the other side is closed
        while part := os.read(mine, 65536):
            shown += part
    os.close(mine)
    assert process.wait(timeout=30) == 0
    return shown.decode()


def test_no_server_is_said_with_what_to_do(portico, pets):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        done = portico("call", "pets", "getPet", "--pet-id", "7", "--url", url, cwd=pets)
    assert done.returncode == 2
    assert "portico serve" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_operation_is_answered_with_what_was_meant(portico, pets):
    done = portico("call", "pets", "getPte", cwd=pets)
    assert (done.returncode, "Did you mean getPet" in done.stderr) == (2, True)
    assert "There are: getPet, addPet" in portico("call", "pets", cwd=pets).stderr


def test_the_help_of_an_operation_lists_its_parameters_and_obeys_none_of_their_markup(portico, pets):
    shown = portico("call", "pets", "getPet", "--help", cwd=pets).stdout
    assert "GET /pets/v1/pets/{petId}" in shown
    assert "--pet-id" in shown
    assert "[red]Where from" in shown


def test_a_file_that_is_missing_is_named(portico, pets):
    done = portico("call", "pets", "addPet", "--body", "@nothing.json", cwd=pets)
    assert (done.returncode, "nothing.json cannot be read" in done.stderr) == (2, True)
