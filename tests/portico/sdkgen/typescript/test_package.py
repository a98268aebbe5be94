"""A generated package: compiled, bundled, loaded by a worker and by a page, and what its types say to programs."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from bench import projects
from tests.portico.sdkgen import tools

from portico import design
from portico.sdkgen.names import Names
from portico.sdkgen.plan import Sdk, build
from portico.sdkgen.typescript import LANGUAGE

ROOT = Path(__file__).resolve().parents[4]
HERE = Path(__file__).parent
DOCUMENT = HERE / "shop.yaml"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def plan(document: Path) -> Sdk:
    return build(design.read(document), version="1.2.3", client_id="sdk")


def write(document: Path, folder: Path) -> Path:
    for file in LANGUAGE.files(plan(document), Names()):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    return folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a document with everything that types can say."""
    return write(DOCUMENT, tmp_path_factory.mktemp("package") / "shop")


def node(arguments: list[str], folder: Path) -> str:
    run = subprocess.run(["node", *arguments], cwd=folder, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stdout[-4_000:] + run.stderr[-4_000:]
    return run.stdout


def test_its_own_tests_pass(shop: Path) -> None:
    assert "# fail 0" in node(["--test", "--test-reporter=tap", "test/"], shop)


@pytest.mark.parametrize("compiler", ["typescript", "typescript-5"])
def test_it_compiles(shop: Path, packages: Path, compiler: str) -> None:
    command = [str(packages / "node_modules" / compiler / "bin" / "tsc"), "-p", "."]
    assert node(command, shop) == ""


@pytest.mark.parametrize("compiler", ["typescript", "typescript-5"])
def test_its_types_take_what_is_right_and_nothing_else(
    shop: Path, packages: Path, compiler: str, tmp_path: Path
) -> None:
    """`program.ts` says with `@ts-expect-error` what must not compile."""
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "shop").symlink_to(shop)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(HERE / "program.ts", tmp_path)
    options = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext", "program.ts"]
    assert node([str(packages / "node_modules" / compiler / "bin" / "tsc"), *options], tmp_path) == ""


def test_it_is_the_same_byte_for_byte(shop: Path) -> None:
    again = {file.path: file.content for file in LANGUAGE.files(plan(DOCUMENT), Names())}
    assert {path: (shop / path).read_bytes() for path in again} == again


def test_names_stay_when_the_document_grows(tmp_path: Path) -> None:
    first = Names()
    list(LANGUAGE.files(plan(DOCUMENT), first))
    another = "  schemas:\n    pet: { type: object, properties: { x: { $ref: '#/components/schemas/Pet' } } }\n"
    text = DOCUMENT.read_text().replace("  schemas:\n", another)
    used = 'id: { type: integer, format: int64 }\n        pet: { $ref: "#/components/schemas/pet" }'
    grown = tmp_path / "shop.yaml"
    grown.write_text(text.replace("id: { type: integer, format: int64 }", used))
    second = Names(first.record())
    list(LANGUAGE.files(plan(grown), second))
    for scope, names in first.record().items():
        assert names.items() <= second.record()[scope].items()
    assert second.record()["types"]["pet"] == "Pet2"


def test_a_bundle_of_one_operation_has_no_other(shop: Path, packages: Path) -> None:
    (shop / "one.mjs").write_text(
        'import { Client, listPets } from "shop/operations"; await listPets(new Client("http://a"));'
    )
    esbuild = packages / "node_modules" / "esbuild" / "bin" / "esbuild"
    options = ["--bundle", "--format=esm", "--platform=browser", "--minify", "--outfile=one.js", "--log-level=error"]
    subprocess.run([str(esbuild), "one.mjs", *options], cwd=shop, check=True, timeout=60)
    bundle = (shop / "one.js").read_text()
    assert '"/pets"' in bundle
    assert not any(path in bundle for path in ("/pets/{petId}", "/uploads", "/numbers"))
    assert "node:child_process" not in bundle
    assert len(bundle) < 64_000


WORKER = """
import { Shop } from "/sdk/shop/index.js";
const { items } = await new Shop(location.origin, { apiKey: { shopKey: "w" } }).listPets();
postMessage(items[0].name);
"""


class Handler(SimpleHTTPRequestHandler):
    """Serves the package, and answers as the API."""

    def do_GET(self) -> None:
        if not self.path.startswith("/shop/v1"):
            return super().do_GET()
        body = json.dumps(
            {"items": [{"petType": "cat", "name": self.headers.get("X-Shop-Key") or "Mia", "lives": 9}]}
        ).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def site(shop: Path, tmp_path: Path) -> Iterator[str]:
    """What `site_files` gives, served."""
    for file in LANGUAGE.site_files(plan(DOCUMENT), Names()):
        path = tmp_path / "sdk" / "shop" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    (tmp_path / "index.html").write_text("<!doctype html><link rel=icon href=data:,>")
    (tmp_path / "worker.js").write_text(WORKER)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_pages_and_workers_load_it_as_it_is(site: str) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright")
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("there is no browser")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(site)
        named = """async () => {
            const { Shop, UnexpectedAnswer } = await import("/sdk/shop/index.js");
            const client = new Shop(location.origin, { credentials: { accessKeyId: "AKID", secretAccessKey: "s" } });
            return (await client.listPets({}, { auth: "signed" })).items[0].name;
        }"""
        assert page.evaluate(named) == "Mia"  # signed with Web Crypto
        assert (
            page.evaluate(
                """() => new Promise((resolve, reject) => {
                const worker = new Worker("/worker.js", { type: "module" });
                worker.onmessage = ({ data }) => resolve(data);
                worker.onerror = ({ message }) => reject(new Error(message));
            })"""
            )
            == "w"
        )
        browser.close()


def test_a_document_of_1223_operations(packages: Path, tmp_path: Path) -> None:
    document = projects.fetch_github_document()
    if document is None:
        pytest.skip("there is no npm to fetch GitHub's document with")
    made = plan(document)
    began = time.perf_counter()
    files = list(LANGUAGE.files(made, Names()))
    assert time.perf_counter() - began < 5  # alone 0.7: a busy machine may take longer
    for file in files:
        path = tmp_path / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    assert tools.tsc(["-p", "."], tmp_path) == ""
    assert "# fail 0" in node(["--test", "--test-reporter=tap", "test/"], tmp_path)
