"""Command line of the steps: `python -m iris data-ingestion|data-preprocess|train-eval`."""

import sys

from iris.command import main

sys.exit(main())
