"""Make a revision from what the tables of the code have that those of the revisions have not.

    python -m portico.store.migrations.new "users have a locale"

Read it before it is committed: Alembic does not see triggers, and takes a new name for a dropped and an added column.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from portico import config
from portico.store.database import Database
from portico.store.schema import configuration, migrate

VERSIONS = Path(__file__).parent / "versions"


def main(what: str) -> Path:
    """Write the revision.

    Args:
        what: it changes, in a few words.
    """
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    number = f"{int(head or 0) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        db = Database.open(config.Database(), root=Path(folder))
        if head is not None:
            migrate(db, "head")
        with db.changing() as connection:
            command.revision(configuration(connection), what, autogenerate=True, rev_id=number)
        db.close()
    (path,) = VERSIONS.glob(f"{number}_*.py")
    for tidy in (["format", "--quiet"], ["check", "--quiet", "--fix"]):
        subprocess.run([sys.executable, "-m", "ruff", *tidy, str(path)], check=True)  # noqa: S603 - our own file
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{main(sys.argv[1])}\n")
