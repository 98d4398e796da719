# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where bundles are: as named, or among the installed models."""

from __future__ import annotations

from pathlib import Path

from fewbit_lab.errors import LabError


def models_path() -> Path:
    """The folder of the installed models; raises LabError where there is no gnuradio.fewbit."""
    return Path(_fewbit().models_path())


def find_model(file: str, expected: str = "a bundle (.safetensors)") -> Path:
    """The bundle of this name, as given or else among the installed models, which is where the
    codec `learned:FILE` looks too; raises LabError where neither place has it."""
    found = Path(_fewbit().find_model(file))
    if not found.is_file():
        raise LabError(
            f"{file}: no such file, nor among the models in {models_path()}; expected {expected}"
        )
    return found


def _fewbit():
    try:
        from gnuradio import fewbit
    except ImportError as error:
        raise LabError(
            f"gnuradio.fewbit cannot be imported ({error}); run `fewbit doctor`"
        ) from error
    return fewbit
