"""The guide for Connexion's users is run as they would run it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[4] / "docs/guides/from-connexion.md"


def test_the_application_of_the_guide_runs(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)[0])
    ran = subprocess.run([sys.executable, "app.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "{'greeting': 'Hello, Ann! Hello, Ann! '}"
