"""No text gets out of the place where an encoder puts it, and literals keep their value."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.portico.sdkgen.hostile import TEXTS

from portico.sdkgen.typescript import encode
from portico.sdkgen.untrusted import Untrusted

MORE = [
    "\ud800",
    "a\udc00b",
    "\u202e\u2028\u2029",
    "//# sourceMappingURL=x",
    "portico: keep",
    "PORTICO:keep",
    "\\u0041",
]


def test_literals_have_exactly_their_value(tmp_path: Path) -> None:
    texts = [*TEXTS, *MORE]
    source = f"export default [{', '.join(encode.literal(Untrusted(text)) for text in texts)}];"
    assert source.isascii() or source.isprintable()
    (tmp_path / "texts.mjs").write_text(source, encoding="utf-8")
    script = "import texts from './texts.mjs'; console.log(JSON.stringify(texts));"
    command = ["node", "--input-type=module", "-e", script]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == texts


@pytest.mark.parametrize("text", [*TEXTS, *MORE])
def test_a_comment_ends_where_it_should(text: str) -> None:
    comment = encode.jsdoc(encode.lines(Untrusted(text)), "  ")
    assert comment.count("*/") == (1 if comment else 0)
    assert not comment or comment.endswith("*/\n")
    shown = encode.comment(Untrusted(text))
    assert shown.isprintable()
    for found in (comment, shown):
        assert "portico: keep" not in found.lower()
        assert "//#" not in found
        assert " @ts-" not in found


@pytest.mark.parametrize("text", [*TEXTS, *MORE])
def test_markdown_stays_text(text: str) -> None:
    for found in (encode.markdown(Untrusted(text)), encode.code(Untrusted(text))):
        assert found.isprintable()
        assert "```" not in found
    shown = encode.markdown(Untrusted(text))
    assert "<" not in shown
    assert "](" not in shown.replace("\\](", "")


def test_values_are_javascript() -> None:
    value = {"a": [1, True, None, "x"], "b-c": {"__proto__": Untrusted("y")}, "big": 2**60, "small": 1e-7}
    written = encode.value(value, exact=True)
    assert written == (
        '{ a: [1, true, null, "x"], "b-c": { ["__proto__"]: "y" }, big: 1152921504606846976n, small: 1e-07 }'
    )
    with pytest.raises(ValueError, match="number"):
        encode.value([float("inf")])


def test_an_address_of_mail_is_no_tag() -> None:
    assert encode.in_comment("ask ada@example.com, {@link x}, @deprecated") == (
        "ask ada@example.com, {\\@link x}, \\@deprecated"
    )
