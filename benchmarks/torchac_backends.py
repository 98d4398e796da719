# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""torchac's extension as it installs itself, which is without optimisation, and built at -O3."""

from __future__ import annotations

import contextlib
import io
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch.utils import cpp_extension

with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
    warnings.simplefilter("ignore")  # of an invalid escape sequence in it
    from torchac import torchac

INSTALLED = f"torchac {version('torchac')}"


def backends() -> dict[str, Any]:
    """By how they were built: "as installed" and "at -O3"."""
    source = Path(torchac.__file__).parent / "backend" / "torchac_backend.cpp"
    optimised = cpp_extension.load(
        name="torchac_backend_o3", sources=[str(source)], extra_cflags=["-O3"], verbose=False
    )
    return {"as installed": torchac.torchac_backend, "at -O3": optimised}
