# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run: train, harden, measure, write the bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .bundle import write_bundle
from .config import TrainingConfig, with_seed
from .hardening import HardenedCodec, bundle_config, harden, measure
from .training import EpochReport, run_training

BUNDLE_KIND = "softbit_codec"


@dataclass(frozen=True)
class TrainingResult:
    """What a run made."""

    bundle: Path
    codec: HardenedCodec
    measured: list[dict[str, float]]
    epochs: int
    """Epochs done; fewer than the schedule's where the time budget ended the run."""


def checkpoint_path(bundle: Path) -> Path:
    """Where the checkpoint of the run that writes ``bundle`` stands."""
    return bundle.with_name(bundle.stem + ".checkpoint.pt")


def train(
    config: TrainingConfig,
    output: str | Path | None = None,
    resume: bool = False,
    seed: int | None = None,
    report: Callable[[EpochReport], None] | None = None,
    log_dir: str | Path | None = None,
    device: str = "cpu",
) -> TrainingResult:
    """Trains ``config`` and writes its bundle to ``output``.

    ``output`` is the bundle's path, ``runs/NAME.safetensors`` if None; the checkpoint stands
    beside it as ``NAME.checkpoint.pt``. ``resume`` goes on from that checkpoint; ``seed``
    replaces the configuration's. ``report`` is called after each epoch, ``log_dir`` receives
    TensorBoard files; ``device`` is "cpu" or "cuda". Raises ``ConfigError`` where a checkpoint
    cannot be resumed.
    """
    if seed is not None:
        config = with_seed(config, seed)
    path = Path("runs") / f"{config.name}.safetensors" if output is None else Path(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    state = run_training(
        config,
        checkpoint_path(path),
        resume,
        report,
        None if log_dir is None else Path(log_dir),
        device,
    )
    codec = harden(state.model, config)
    measured = measure(codec, config)
    write_bundle(path, BUNDLE_KIND, codec.tensors(), bundle_config(codec, config, measured))
    return TrainingResult(path, codec, measured, state.epoch)
