"""`python -m tests.corpus`."""

import sys

from tests.corpus.run import main

if __name__ == "__main__":
    sys.exit(main())
