"""Writes what is measured into .cache/bench: the project in its variants, a key pair, a token, the Node packages."""

from __future__ import annotations

import atexit
import datetime
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jwt
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bench.more import MORE_OPERATIONS, more_operations

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "bench"
WORK = CACHE / f"run-{os.getpid()}"  # a folder of this run's own: two runs at once do not mix up their keys
RESULT_CACHE = {"type": "token", "authorizerResultTtlInSeconds": 300}
MORE_HANDLERS = {
    "get": "async def thing_{n}({item}):\n    return {{'name': 'thing'}}\n",
    "post": "async def thing_{n}(body):\n    return body\n",
    "put": "async def thing_{n}(item_id, body):\n    return body\n",
}


def open_work() -> None:
    """Make this run's folder; it goes when the run ends."""
    WORK.mkdir(parents=True, exist_ok=True)
    atexit.register(shutil.rmtree, WORK, ignore_errors=True)


def write_projects() -> None:
    """The variants of bench/project: with and without the result cache, with and without 1,000 more operations."""
    document = yaml.safe_load((ROOT / "bench/project/specs/chat.yaml").read_text())
    for size in ("small", "large"):
        if size == "large":
            add_operations(document)
        for cached in (False, True):
            scheme = document["components"]["securitySchemes"]["token"]
            if cached:
                scheme["x-amazon-apigateway-authorizer"] = RESULT_CACHE
            else:
                scheme.pop("x-amazon-apigateway-authorizer", None)
            write_project(project("cached" if cached else "plain", size), document)


def project(kind: str, size: str) -> Path:
    """The folder of one variant: "plain" or "cached", "small" or "large"."""
    return WORK / f"{kind}-{size}"


def write_project(folder: Path, document: dict[str, Any]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "bench/project", folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "specs/chat.yaml").write_text(yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False))
    (folder / "chat.json").write_text(json.dumps(document))  # for Fastify, which reads no YAML
    more = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    if len(more) > MORE_OPERATIONS:
        with (folder / "handlers/chat.py").open("a") as file:
            for number, method, path in more_operations(0, MORE_OPERATIONS):
                item = "item_id" if "{" in path else ""
                file.write("\n\n" + MORE_HANDLERS[method].format(n=number, item=item))


def add_operations(document: dict[str, Any]) -> None:
    """1,000 more operations, half of them before the measured ones."""
    half = MORE_OPERATIONS // 2
    measured = dict(document["paths"])
    document["paths"] = paths = {}
    _add(paths, 0, half)
    paths.update(measured)
    _add(paths, half, MORE_OPERATIONS)


def _add(paths: dict[str, Any], first: int, last: int) -> None:
    for number, method, path in more_operations(first, last):
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
        operation: dict[str, Any] = {
            "operationId": f"thing{number}",
            "summary": f"Thing {number}.",
            "security": [{"token": []}],
            "responses": {"200": {"description": "The thing.", "content": content}},
        }
        if method != "get":
            operation["requestBody"] = {"required": True, "content": content}
        if "{" in path:
            operation["parameters"] = [{"name": "itemId", "in": "path", "required": True, "schema": {"type": "string"}}]
        paths.setdefault(path, {})[method] = operation


def write_token() -> str:
    """A new RS256 key pair, of which the public half is kept, and a token that is good for a day."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    public_key().write_bytes(public)
    now = datetime.datetime.now(datetime.UTC)
    claims = {
        "iss": "https://bench.example",
        "sub": "3b0f3c0e-8f5e-4d3f-9d0c-0b8a3f6a6a11",
        "username": "ada",
        "scope": "openid email chat/write",
        "iat": now,
        "exp": now + datetime.timedelta(days=1),
    }
    return jwt.encode(claims, key, algorithm="RS256")


def public_key() -> Path:
    """Where the public key lies."""
    return WORK / "public.pem"


def install_node_packages() -> Path | None:
    """The folder of Fastify's packages, installed into the cache; None where there is no Node."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    folder = CACHE / "node"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (ROOT / "bench/apps/fastify/package.json").read_text()
    stamp = folder / "installed.json"
    if not stamp.is_file() or stamp.read_text() != wanted:
        (folder / "package.json").write_text(wanted)
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(command, cwd=folder).returncode:
            print("npm could not install Fastify: its row is left out.")
            return None
        stamp.write_text(wanted)
    return folder


def fetch_github_document() -> Path | None:
    """GitHub's own document (13 MB, 1,223 operations), from the npm package @octokit/openapi."""
    path = CACHE / "github" / "package" / "generated" / "api.github.com.json"
    if not path.is_file() and shutil.which("npm"):
        folder = CACHE / "github"
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--silent", "@octokit/openapi@23.0.2"]
        packed = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if packed.returncode == 0:
            archive = folder / packed.stdout.split()[-1]
            subprocess.run(["tar", "xzf", archive, "package/generated/api.github.com.json"], cwd=folder, check=True)
            archive.unlink()
    return path if path.is_file() else None
