"""Broken documents through `portico.design.read`: an Api or a DesignError, in bounded time and memory, nothing else.

The documents are read in a child with limits, so that one that gets past them is named, and the run goes on.
"""

# ruff: noqa: E501 - a table reads better than its lines broken

from __future__ import annotations

import base64
import json
import random
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tests.fuzz.mutate import VALUES
from tests.fuzz.server import ROOT

SECONDS = 10  # of processor time for one document
MEMORY = 1_500_000_000  # bytes of address space of the child
SEEDS = (
    "specs/messages.yaml",
    "specs/concierge.yaml",
    "tests/fuzz/project/specs/odds.yaml",
    "bench/project/specs/chat.yaml",
)
BITS = (b"\x00", b"\xff", b"\xef\xbb\xbf", b"{", b"}", b"[", b"]", b":", b"- ", b"&a ", b"*a ", b"!!python/object:os.system ", b"!!binary ",
        b"<<: ", b"\t", b"\n", b"\r", b"|\n", b">\n", b"#", b"'", b'"', b"%", b"---\n", b"...\n", b"? ", b"$ref", b"\xe2\x80\xa8", b"0x", b"~")  # fmt: skip
NODES: tuple[Any, ...] = (
    *VALUES, {"$ref": "#"}, {"$ref": "#/"}, {"$ref": "#/paths"}, {"$ref": "#/components/schemas/Message"}, {"$ref": "../../../etc/passwd"},
    {"$ref": "file:///etc/passwd"}, {"$ref": "http://127.0.0.1:1/x"}, {"$ref": "//evil/x"}, {"$ref": ""}, {"$ref": 1}, {"$ref": None},
    {"$ref": "#/components/schemas/%F0"}, {"$ref": "#/a/b/c"}, {"$ref": "concierge.yaml#/components/schemas/Message"}, {"$ref": "."},
    {"$ref": "\x00"}, {"$dynamicRef": "#x"}, {"$recursiveRef": "#"}, {"$id": "http://x/y", "$ref": "z"}, {"$schema": "http://x"}, {"$anchor": "x"},
    {"type": []}, {"type": ["string", "null", 1]}, {"type": "wrong"}, {"enum": {}}, {"pattern": "("}, {"pattern": "(?<=a)b"},
    {"pattern": "(a+)+$" * 20}, {"pattern": "\\p{L}" * 5}, {"pattern": "[" * 999}, {"minimum": "x"}, {"multipleOf": 0}, {"maxLength": -1},
    {"maxLength": 1e400}, {"required": "x"}, {"required": [1]}, {"properties": []}, {"properties": {"a": 1}}, {"allOf": []}, {"allOf": {}},
    {"oneOf": [True, False]}, {"not": None}, {"items": [1]}, {"additionalProperties": "x"}, {"discriminator": {"propertyName": 1}},
    {"discriminator": {"propertyName": "x", "mapping": {"a": 1, "b": "#/x"}}}, {"x-y": {"$ref": "#"}}, True, False, {"get": None}, {"get": []},
    {"application/json": None}, {"default": None}, {"in": "body"}, {"in": [], "name": {}}, {"name": 1}, {"servers": [{"url": 1}]},
    {"url": "http://[::1"}, {"url": "{a}{b}"}, {"url": "\x00"}, {"url": "/a/../b"}, {"url": "/", "variables": {"a": {"default": 1}}},
)  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """A document that the loader did not take well."""

    name: str
    why: str
    document: bytes

    def __str__(self) -> str:
        encoded = base64.b64encode(self.document).decode()
        path = ROOT / ".cache" / "fuzz" / f"{self.name.replace('/', '-').replace(' ', '-')}.document"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.document)
        return f"FAILED {self.name}\n  {self.why}\n  the document is in {path.relative_to(ROOT)}\n  {encoded[:600]}"


def nasties() -> Iterator[tuple[str, bytes]]:
    """Documents that have brought loaders down."""
    start = b"openapi: 3.0.3\ninfo: {title: t, version: '1'}\n"
    yield "empty", b""
    yield "NUL", b"\x00"
    yield "only a BOM", b"\xef\xbb\xbf"
    yield "UTF-16", (start + b"paths: {}\n").decode().encode("utf-16")
    yield "not UTF-8", start + b"paths: {/\xff: {}}\n"
    yield "random bytes", bytes(range(256)) * 40
    yield "a list", b"[]"
    yield "a number", b"1e999"
    yield "deep JSON", b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield "deep YAML flow", b"[" * 100_000
    yield "deep YAML blocks", b"".join(b" " * n + b"a:\n" for n in range(2_000))
    yield "deep YAML dashes", b"- " * 100_000
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    for one, two in zip("abcdefghi", "bcdefghij", strict=True):
        bomb += f"{two}: &{two} [{','.join(['*' + one] * 9)}]\n".encode()
    yield "alias bomb", start + b"paths: {}\n" + bomb
    merges = b"m0: &m0 {a: 1}\n" + b"".join(
        f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}], b{n}: 1}}\n".encode() for n in range(1, 30)
    )
    yield "merge bomb", start + b"paths: {}\n" + merges
    yield "an alias of itself", start + b"paths: &p {/x: *p}\n"
    yield "python objects", start + b"paths: !!python/object/apply:os.system ['true']\n"
    yield "unknown tag", start + b"paths: !unknown {}\n"
    yield "several documents", start + b"paths: {}\n---\n" + start
    yield "duplicate keys", start + b"paths: {}\npaths: {}\n"
    yield (
        "keys of every kind",
        start + b"paths: {1: {}, 1.5: {}, null: {}, true: {}, 2001-01-01: {}, [a]: {}, {a: b}: {}}\n",
    )
    yield (
        "sexagesimals and dates",
        start + b"paths: {}\nx-a: [1:30, 2026-01-01, 0o17, 017, 0b1, .inf, .nan, 1e3, off]\n",
    )
    yield "huge integer", b'{"openapi": ' + b"9" * 100_000 + b"}"
    yield "huge YAML integer", start + b"paths: {}\nx-a: " + b"9" * 100_000 + b"\n"
    yield "surrogates", b'{"openapi": "3.0.3", "info": {"title": "\\ud800", "version": "1"}, "paths": {"/\\udc00": {}}}'
    loop = (
        "paths: {}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}\n"
    )
    yield "a loop of references", start + loop.encode()
    chain = "".join(f"    S{n}: {{$ref: '#/components/schemas/S{n + 1}'}}\n" for n in range(5_000))
    yield (
        "a chain of references",
        start + f"paths: {{}}\ncomponents:\n  schemas:\n{chain}    S5000: {{type: string}}\n".encode(),
    )
    wide = "".join(
        f"    S{n}: {{allOf: [{{$ref: '#/components/schemas/S{n + 1}'}}, {{$ref: '#/components/schemas/S{n + 1}'}}]}}\n"
        for n in range(60)
    )
    use = "paths: {/x: {get: {responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/S0'}}}}}}}}\n"
    yield "references that double", start + f"{use}components:\n  schemas:\n{wide}    S60: {{type: string}}\n".encode()
    many = "".join(
        f"  /p{n}/{{a}}/{{b}}: {{get: {{responses: {{'200': {{description: d}}}}}}}}\n" for n in range(3_000)
    )
    yield "3,000 ambiguous paths", start + f"paths:\n{many}".encode()
    params = "".join(f"{{p{n}}}" for n in range(2_000))
    yield "a path of parameters", start + f"paths: {{'/{params}': {{get: {{responses: {{}}}}}}}}\n".encode()
    jinja = "{% for i in range(99999999) %}{% endfor %}"
    yield "a Jinja loop", start + f'paths: {{}}\nx-a: "{jinja}"\n'.encode()
    yield "Jinja that escapes", start + b"paths: {}\nx-a: \"{{ ''.__class__.__mro__[1].__subclasses__() }}\"\n"
    yield "Jinja that multiplies", start + b"paths: {}\nx-a: \"{{ 'a' * 9999999999 }}\"\n"
    yield "Jinja that reads", start + b"paths: {}\nx-a: \"{% include '/etc/passwd' %}\"\n"


def documents(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Real documents, broken; the number in a name makes that one again."""
    texts = [(ROOT / path).read_bytes() for path in SEEDS if (ROOT / path).is_file()]
    values = [yaml.load(text, yaml.CSafeLoader) for text in texts]
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")
        name = f"document {seed}/{number}"
        if chance.random() < 0.6:
            value = json.loads(json.dumps(chance.choice(values), default=str))
            for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
                value = _replaced(chance, value)
            yield name, json.dumps(value).encode() if chance.random() < 0.5 else _yaml(value)
        else:
            yield name, _bytes(chance, chance.choice(texts))


def _yaml(value: Any) -> bytes:
    try:
        return yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True).encode()
    except UnicodeEncodeError:  # libyaml writes no lone surrogate
        return json.dumps(value).encode()


def _replaced(chance: random.Random, value: Any) -> Any:
    """The value with one node somewhere in it replaced, removed, renamed or moved; every depth is equally likely."""
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        node = waiting.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        for key in keys:
            places.append((node, key))
            waiting.append(node[key])
    if not places:
        return chance.choice(NODES)
    node, key = chance.choice(places)
    kind = chance.randrange(6)
    if kind == 0:
        del node[key]
    elif kind == 1 and isinstance(node, dict):
        node[chance.choice(("", " ", "x-" + str(key), "/" + str(key), str(key).upper(), "$ref", "\x00"))] = node.pop(
            key
        )
    elif kind == 2:
        other, place = chance.choice(places)
        node[key] = (
            json.loads(json.dumps(other[place]))
            if place in other or (isinstance(other, list) and place < len(other))
            else None
        )
    else:
        node[key] = json.loads(json.dumps(chance.choice(NODES)))
    return value


def _bytes(chance: random.Random, text: bytes) -> bytes:
    made = bytearray(text)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        at = chance.randrange(len(made) + 1)
        match chance.randrange(4):
            case 0:
                made[at:at] = chance.choice(BITS)
            case 1:
                del made[at : at + chance.randrange(1, 60)]
            case 2:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                start = chance.randrange(len(made) + 1)
                made[at:at] = made[start : start + chance.randrange(1, 200)]
    return bytes(made)


def run(*, seed: int, count: int) -> list[Failure]:
    """Read the nasties and many broken documents."""
    failures: list[Failure] = []
    child = _Child()
    verdicts: dict[str, int] = {}
    try:
        for name, document in [*nasties(), *documents(seed, count)]:
            verdict = child.read(document)
            kind = verdict.partition(":")[0]
            verdicts[kind] = verdicts.get(kind, 0) + 1
            if kind not in ("read", "refused"):
                failures.append(Failure(name, verdict, document))
    finally:
        child.stop()
    print(f"loader: {', '.join(f'{count} {kind}' for kind, count in sorted(verdicts.items()))}", flush=True)
    return list({_place(failure.why): failure for failure in reversed(failures)}.values())


def _place(why: str) -> str:
    """Where it went wrong, without what was special to the document: one failure of a kind is shown."""
    return re.sub(r"\d+|'[^']*'", "", why.rpartition("File ")[2] if "File " in why else why)


class _Child:
    """A process that reads documents, one line of base64 each; started again where one ended it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, document: bytes) -> str:
        """What became of a document."""
        if self._process is None:
            command = [sys.executable, "-m", "tests.fuzz.loader"]
            self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(base64.b64encode(document) + b"\n")
            self._process.stdin.flush()
            answered = select.select([self._process.stdout], [], [], SECONDS * 3)[0]
            line = self._process.stdout.readline().decode() if answered else ""
        except BrokenPipeError:
            line = ""
        if line:
            return str(json.loads(line))
        self._process.kill()
        code = self._process.wait()
        self.stop()
        return f"killed: the reader ended with {code}, or did not answer in {SECONDS * 3} s"

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    def too_long(signum: int, frame: object) -> None:
        raise TimeoutError(f"over {SECONDS} s")

    signal.signal(signal.SIGVTALRM, too_long)


def _verdict(path: Path) -> str:
    from portico import design
    from portico.errors import DesignError

    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        design.read(path, root=path.parent.parent)
    except DesignError as error:
        unclear = [finding for finding in error.findings if finding.line < 1 or not finding.message or not finding.mend]
        return f"unclear: {unclear}" if unclear or not error.findings else "refused"
    except BaseException as error:
        return f"crashed: {type(error).__name__}: {error}\n{''.join(traceback.format_tb(error.__traceback__)[-4:])}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return "read"


def _serve() -> None:
    _limit()
    with tempfile.TemporaryDirectory() as folder:
        specs = Path(folder, "specs")
        specs.mkdir()
        (specs / "concierge.yaml").write_bytes((ROOT / "specs/concierge.yaml").read_bytes())
        for line in sys.stdin.buffer:
            document = base64.b64decode(line)
            path = specs / ("fuzzed.json" if document.lstrip()[:1] in (b"{", b"[") else "fuzzed.yaml")
            path.write_bytes(document)
            print(json.dumps(_verdict(path)), flush=True)
            path.unlink()


if __name__ == "__main__":
    _serve()
