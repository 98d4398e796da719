# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit train`: hands configurations to the trainer, the one place that needs torch."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from fewbit_lab.errors import LabError

HOW_TO_GET_TORCH = (
    "run `make trainer-packages` in the source tree, or "
    "`pip install torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu`"
)


def need_torch(what: str) -> None:
    """Raise LabError with the way to get torch where it is absent."""
    if importlib.util.find_spec("torch") is None:
        raise LabError(f"{what} needs PyTorch, which is not installed; {HOW_TO_GET_TORCH}")


def train(configs: list[Path], output: Path | None, fresh: bool) -> int:
    """Train one configuration after another. Interrupted training resumes from its checkpoint."""
    for config in configs:
        if not config.is_file():
            raise LabError(f"{config}: no such file; expected a training configuration (.yaml)")
    need_torch("fewbit train")
    from fewbit_trainer import train as trainer

    for config in configs:
        try:
            trainer.run(config, output=output, fresh=fresh)
        except (ValueError, KeyError, TypeError) as error:
            raise LabError(f"{config}: {error}") from error
    return 0
