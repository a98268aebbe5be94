"""What may not be in the repository, and what must stay in step in it."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LARGEST = 2_000_000  # bytes

# written in parts, so that this file does not name them
REGISTRIES = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "yarn" + "pkg.com", "proxy.golang" + ".org"]
REGISTRIES += ["crates" + ".io", "repo.maven" + ".apache.org", "repo1.maven" + ".org", "deb.debian" + ".org"]
MACHINES = re.compile(r"(?<![\w.~-])/(?:root|work|Users/\w+|home/\w+)/\w")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """Every file that is committed or about to be."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git repository: an unpacked source distribution has no index")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "ignore")


def test_no_file_names_a_registry(files):
    """Where packages come from is decided by the machine that installs them."""
    assert [(str(path), host) for path in files for host in REGISTRIES if host in text(path)] == []


def test_no_file_names_a_folder_of_somebodys_machine(files):
    found = {str(path.relative_to(ROOT)): MACHINES.findall(text(path)) for path in files}
    assert {path: hits for path, hits in found.items() if hits} == {}


def test_no_file_is_large(files):
    assert [str(path) for path in files if path.stat().st_size > LARGEST] == []


def declared() -> dict[str, list[str]]:
    """The names of the dependencies of pyproject.toml, by what needs them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = {"base": project["project"]["dependencies"], **project["dependency-groups"]}
    return {group: [re.split(r"[\[<>=~!; ]", line)[0].lower() for line in lines] for group, lines in groups.items()}


def test_every_dependency_has_its_reason():
    listed = set(re.findall(r"^\| ([\w.-]+) \| .+ \| .+ \|$", (ROOT / "docs" / "dependencies.md").read_text(), re.M))
    assert {name for names in declared().values() for name in names} == listed - {"package"}


@pytest.mark.parametrize("group", declared())
def test_every_lock_holds_its_dependencies_with_hashes(group):
    lock = (ROOT / "requirements" / f"{group}.txt").read_text()
    locked = re.findall(r"^([\w.-]+)==\S+(?: ;.*)? \\\n    --hash=sha256:[0-9a-f]{64}", lock, re.M)
    assert len(locked) == len(re.findall(r"^[^\s#]", lock, re.M)), "a line without version or hash"
    assert {name.replace("_", "-") for name in declared()[group]} <= {name.lower() for name in locked}


@pytest.mark.parametrize("page", ["commands.md", "settings.md"])
def test_the_reference_is_what_the_code_says(page, monkeypatch):
    folder = ROOT / "docs" / "reference"
    spec = importlib.util.spec_from_file_location("generate", folder / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert generate.PAGES[page]() == (folder / page).read_text(), "run: make docs"


def test_links_between_our_pages_lead_somewhere(files):
    pages = [path for path in files if path.suffix == ".md" and "node_modules" not in path.parts]
    broken = [
        (str(page.relative_to(ROOT)), target)
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text(page))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_page_of_the_docs_is_reached_from_their_index(files):
    index = (ROOT / "docs" / "README.md").read_text()
    pages = [
        path.relative_to(ROOT / "docs") for path in files if path.suffix == ".md" and path.is_relative_to(ROOT / "docs")
    ]
    assert [str(page) for page in pages if page.name != "README.md" and f"({page})" not in index] == []


def test_make_help_lists_every_target():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("serve", "test", "check", "bench", "corpus", "fuzz", "lock", "docs"):
        assert f"make {target} " in shown


def test_the_reference_of_extensions_names_those_that_the_code_reads():
    """Those of documents; names of HTTP headers in the same folders are written in lower case only."""
    headers = {
        "x-request-id",
        "x-api-key",
        "x-real-ip",
        "x-content-type-options",
        "x-frame-options",
        "x-amzn-ErrorType",
    }
    code = "".join(
        path.read_text()
        for folder in ("design", "gateway", "stubs")
        for path in (ROOT / "src/portico" / folder).rglob("*.py")
    )
    read = set(re.findall(r"[\"'](x-[a-zA-Z][\w-]*\w)[\"']", code)) - headers
    page = (ROOT / "docs" / "reference" / "extensions.md").read_text()
    assert set(re.findall(r"^\| `(x-[\w-]+)`", page, re.M)) == read
