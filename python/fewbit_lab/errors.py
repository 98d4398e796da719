# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong because of what was asked, and not because of a defect."""

from __future__ import annotations


class LabError(Exception):
    """One sentence for the user: what, found, expected, what to do. Exit status 2."""


class Interrupted(Exception):  # noqa: N818, it is no error
    """The user interrupted; the message says what is kept. Exit status 130."""
