"""Command line of the steps: `python -m books prepare|neighbours|evaluate`; failures end in one sentence and exit 1."""

import sys

from books.command import main

sys.exit(main())
