"""What a process holds that serves APIs: no client for HTTP that nobody uses."""

import subprocess
import sys


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_server_starts_without_http_clients_that_connexion_would_import() -> None:
    code = "import sys, portico.server.assemble; print(sorted({'requests', 'httpx', 'rich'} & set(sys.modules)))"
    assert run(code) == "[]"


def test_connexion_finds_them_when_it_needs_them() -> None:
    code = "import portico.gateway, connexion.security as s, connexion.json_schema as j"
    assert run(f"{code}; print(s.httpx.codes.OK, j.requests.codes.ok)") == "200 200"


def test_a_project_that_imports_them_itself_gets_them() -> None:
    code = "import portico.gateway, requests, httpx; print(requests.__name__, httpx.__name__)"
    assert run(code) == "requests httpx"


def test_a_project_that_imported_connexion_first_keeps_what_it_has() -> None:
    code = "import connexion, sys; r = sys.modules['requests']; import portico.gateway"
    assert run(f"{code}; print(sys.modules['requests'] is r)") == "True"
