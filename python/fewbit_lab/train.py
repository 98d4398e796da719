# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit train`: hands configurations to the trainer, the one place that needs torch."""

from __future__ import annotations

import argparse
import importlib.util

from fewbit_lab.errors import Interrupted, LabError

HOW_TO_GET_TORCH = (
    "run `make trainer-packages` in the source tree, or `pip install torch==2.13.0 safetensors`"
)


def need_torch(what: str) -> None:
    """Raise LabError with the way to get torch where it is absent."""
    if importlib.util.find_spec("torch") is None:
        raise LabError(f"{what} needs PyTorch, which is not installed; {HOW_TO_GET_TORCH}")


def train(options: argparse.Namespace) -> int:
    """Train as `fewbit_trainer.command_line` was asked to."""
    for config in options.config:
        if not config.is_file():
            raise LabError(f"{config}: no such file; expected a training configuration (.yaml)")
    need_torch("fewbit train")
    from fewbit_trainer.command_line import TrainingInterrupted, train_all
    from fewbit_trainer.config import ConfigError

    try:
        train_all(options)
    except ConfigError as error:
        raise LabError(str(error)) from error
    except TrainingInterrupted as stop:
        raise Interrupted(str(stop)) from stop
    return 0
