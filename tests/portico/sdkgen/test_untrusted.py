"""No text of a document reaches a file as it is: whatever forgets to encode fails while generating."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import portico.sdkgen
from portico.sdkgen.templates import environment
from portico.sdkgen.untrusted import NotEncoded, Untrusted

HOSTILE = '"); __import__("os").system("x") #'


@pytest.mark.parametrize(
    "template",
    [
        "{{ text }}",
        "{{ text.raw }}",
        "{{ text['raw'] }}",
        "{{ text._text }}",
        "{{ text | attr('raw') }}",
        "{{ text ~ 'x' }}",
        "{{ 'x' + text }}",
        "{{ text + 'x' }}",
        "{{ 'a %s' % text }}",
        "{{ 'a %s' | format(text) }}",
        "{{ 'a {}'.format(text) }}",
        "{{ [text] | join(',') }}",
        "{{ [text, text] | join }}",
        "{{ [text] }}",
        "{{ (text,) }}",
        "{{ {'a': text} }}",
        "{{ text | string }}",
        "{{ text | e }}",
        "{{ text | safe }}",
        "{{ text | upper }}",
        "{{ text | trim }}",
        "{{ text | replace('a', 'b') }}",
        "{{ text | tojson }}",
        "{{ text | pprint }}",
        "{{ text | list }}",
        "{{ text | first }}",
        "{{ text | indent }}",
        "{{ text | wordwrap }}",
        "{{ text | urlencode }}",
        "{{ text | striptags }}",
        "{{ [text] | map(attribute='raw') | first }}",
        "{{ [text] | map('string') | first }}",
        "{{ text.__str__() }}",
        "{{ text.__class__.__str__(text) }}",
        "{{ text.__repr__() }}",
        "{% set x %}{{ text }}{% endset %}{{ x }}",
        "{% for letter in text %}{{ letter }}{% endfor %}",
    ],
)
def test_a_template_cannot_write_a_text_of_the_document_as_it_is(template: str, tmp_path: Path) -> None:
    (tmp_path / "t.jinja").write_text(template, encoding="utf-8")
    made = environment(tmp_path, {"literal": lambda text: repr(text.raw)}).get_template("t.jinja")
    try:
        written = made.render(text=Untrusted(HOSTILE))
    except Exception as refusal:  # which one depends on the filter
        written = str(refusal)
    assert "system" not in written


def test_an_encoder_lets_it_through(tmp_path: Path) -> None:
    (tmp_path / "t.jinja").write_text("x = {{ text | literal }}\n", encoding="utf-8")
    made = environment(tmp_path, {"literal": lambda text: repr(text.raw)}).get_template("t.jinja")
    assert made.render(text=Untrusted("a'b")) == 'x = "a\'b"\n'


@pytest.mark.parametrize(
    "act", [str, "{}".format, lambda text: f"{text}", lambda text: "a" + text, lambda text: text + "a"]
)
def test_python_code_cannot_write_it_by_accident_either(act: object) -> None:
    with pytest.raises(NotEncoded):
        act(Untrusted(HOSTILE))  # type: ignore[operator]


def test_the_text_itself_is_looked_at_where_it_is_encoded_or_compared_only() -> None:
    """Metadata goes through `constant` and `json` as a whole; methods look names up by it."""
    looks = "encode|names|types|values|examples?|metadata|methods"
    allowed = re.compile(rf"plan/|untrusted\.py|(python|typescript)/({looks})\w*\.py")
    package = Path(portico.sdkgen.__file__).parent
    looking = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "/runtime/" not in path.as_posix() and re.search(r"\.raw\b", path.read_text(encoding="utf-8"))
    ]
    assert [path for path in looking if not allowed.search(path)] == []
    templates = [
        path for path in package.rglob("*.jinja") if ".raw" in re.sub(r"client\.raw|\.raw\(", "", path.read_text())
    ]
    assert templates == []
