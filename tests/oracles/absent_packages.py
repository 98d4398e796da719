# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python without some packages, as it is after `make demo` alone."""

import sys


def hide(monkeypatch, *packages):
    """Neither these packages nor what has imported them can be imported any more."""
    for name in [*sys.modules]:
        if name.partition(".")[0] in packages:
            monkeypatch.setitem(sys.modules, name, None)
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, "fewbit_trainer.bundle", raising=False)
