# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m fewbit_trainer CONFIG.yaml``: train, harden, write a bundle."""

from __future__ import annotations

import argparse
import sys

from .command_line import TrainingInterrupted, add_options, train_all
from .config import ConfigError


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 on success, 2 for what cannot be used, 130 where it was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m fewbit_trainer", description=__doc__)
    add_options(parser)
    try:
        train_all(parser.parse_args(arguments))
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except TrainingInterrupted as stop:
        sys.stderr.write(f"\n{stop}\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
