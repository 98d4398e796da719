# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit train`: hands configurations to the trainer, the one place that needs torch."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from fewbit_lab.errors import LabError

HOW_TO_GET_TORCH = (
    "run `make trainer-packages` in the source tree, or `pip install torch==2.13.0 safetensors`"
)


def need_torch(what: str) -> None:
    """Raise LabError with the way to get torch where it is absent."""
    if importlib.util.find_spec("torch") is None:
        raise LabError(f"{what} needs PyTorch, which is not installed; {HOW_TO_GET_TORCH}")


def train(configs: list[Path], output: Path, fresh: bool) -> int:
    """Train one configuration after another into `output`/NAME.safetensors. Interrupted training
    goes on from its checkpoint, unless `fresh`."""
    for config in configs:
        if not config.is_file():
            raise LabError(f"{config}: no such file; expected a training configuration (.yaml)")
    need_torch("fewbit train")
    from fewbit_trainer.__main__ import ProgressLine
    from fewbit_trainer.config import ConfigError, load_config
    from fewbit_trainer.run import train as run

    for config in configs:
        try:
            loaded = load_config(config)
            bundle = output / f"{loaded.name}.safetensors"
            checkpoint = bundle.with_name(f"{bundle.stem}.checkpoint.pt")
            resume = checkpoint.is_file() and not fresh
            done = run(loaded, bundle, resume, report=ProgressLine(), log_dir=output / "log")
        except ConfigError as error:
            raise LabError(str(error)) from error
        print(f"wrote {done.bundle}; look at it with `fewbit info {done.bundle}`")
    return 0
