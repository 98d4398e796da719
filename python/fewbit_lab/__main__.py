# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m fewbit_lab` is the `fewbit` command."""

import sys

from fewbit_lab.command import main

if __name__ == "__main__":
    sys.exit(main())
