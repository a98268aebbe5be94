"""The README's first screen does what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

README = (Path(__file__).parents[3] / "README.md").read_text()


def test_the_design_and_the_handler_of_the_readme_answer_as_it_shows(portico, serving, tmp_path):
    for name, content in re.findall(r"^`((?:specs|handlers)/[\w.]+)`.*?:\n```\w+\n(.*?)```", README, re.M | re.S):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    (tmp_path / "handlers" / "__init__.py").touch()
    calls = re.findall(r"^\$ portico (call .*)\n((?:[^$`].*\n)+)", README, re.M)
    assert len(calls) == 2
    with serving(tmp_path) as url:
        for words, shown in calls:
            done = portico(*words.split(), "--url", url, cwd=tmp_path)
            if done.returncode == 0:
                assert json.loads(done.stdout) == json.loads(shown)
            else:
                assert done.stderr.startswith(shown)


def test_the_design_of_the_readme_is_without_fault(portico, tmp_path):
    design = re.search(r"```yaml\n(.*?)```", README, re.S)[1]
    (tmp_path / "greetings.yaml").write_text(design)
    done = portico("check", "greetings.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
