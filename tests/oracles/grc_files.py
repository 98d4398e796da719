# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The GRC files of the repository."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BLOCK_FILES = sorted((REPOSITORY / "grc").glob("*.block.yml"))
EXAMPLES = sorted((REPOSITORY / "examples").glob("**/*.grc"))
