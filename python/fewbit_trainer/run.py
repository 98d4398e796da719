# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run: train, harden, measure, write the bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .config import AnyConfig, TrainingConfig, with_seed
from .epochs import EpochReport
from .task_quantizer.config import TaskQuantizerConfig
from .unfolded_detector.config import UnfoldedDetectorConfig


@dataclass(frozen=True)
class TrainingResult:
    """What a run made."""

    bundle: Path
    deployed: Any
    """A `hardening.HardenedCodec`, a `task_quantizer.chain.Chain`, or an
    `unfolded_detector.network.UnfoldedDetector`"""
    measured: list[dict[str, Any]]
    summary: list[str]
    """``measured`` in lines to print"""
    epochs: int
    """Epochs done; fewer than the schedule's where the time budget ended the run."""


def checkpoint_path(bundle: Path) -> Path:
    """Where the checkpoint of the run that writes ``bundle`` stands."""
    return bundle.with_name(bundle.stem + ".checkpoint.pt")


def train(
    config: AnyConfig,
    output: str | Path | None = None,
    resume: bool = False,
    seed: int | None = None,
    report: Callable[[EpochReport], None] | None = None,
    log_dir: str | Path | None = None,
    device: str = "cpu",
    say: Callable[[str], None] | None = None,
) -> TrainingResult:
    """Trains ``config``, of whatever kind, and writes its bundle to ``output``.

    ``output`` is the bundle's path, ``runs/NAME.safetensors`` if None; the checkpoint stands
    beside it as ``NAME.checkpoint.pt``. ``resume`` goes on from that checkpoint; ``seed``
    replaces the configuration's. ``report`` is called after each epoch, ``log_dir`` receives
    TensorBoard files; ``device`` is "cpu" or "cuda"; ``say`` is told in words of long work after
    the last epoch. Raises ``ConfigError`` where a checkpoint
    cannot be resumed.
    """
    if seed is not None:
        config = with_seed(config, seed)
    path = Path("runs") / f"{config.name}.safetensors" if output is None else Path(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    run = _Run(path, resume, report, None if log_dir is None else Path(log_dir), device, say)
    if isinstance(config, TaskQuantizerConfig):
        return _train_task_quantizer(config, run)
    if isinstance(config, UnfoldedDetectorConfig):
        return _train_unfolded_detector(config, run)
    return _train_softbit_codec(config, run)


@dataclass(frozen=True)
class _Run:
    """Where and how a run goes on."""

    bundle: Path
    resume: bool
    report: Callable[[EpochReport], None] | None
    log_dir: Path | None
    device: str
    say: Callable[[str], None] | None

    @property
    def how(self) -> tuple[Any, ...]:
        """What every kind's training takes after its configuration."""
        return checkpoint_path(self.bundle), self.resume, self.report, self.log_dir, self.device


def _train_softbit_codec(config: TrainingConfig, run: _Run) -> TrainingResult:
    from .bundle import write_bundle
    from .hardening import bundle_config, harden, measure, summary
    from .training import run_training

    state = run_training(config, *run.how)
    codec = harden(state.model, config)
    measured = measure(codec, config)
    settings = bundle_config(codec, config, measured)
    write_bundle(run.bundle, config.kind, codec.tensors(), settings)
    return TrainingResult(run.bundle, codec, measured, summary(measured), state.epoch)


def _train_task_quantizer(config: TaskQuantizerConfig, run: _Run) -> TrainingResult:
    from .task_quantizer.hardening import deploy, write
    from .task_quantizer.measuring import measure, summary
    from .task_quantizer.training import run_training

    state, data = run_training(config, *run.how)
    share = state.epoch / config.schedule.epochs
    chain = deploy(state.model, config, data, share)
    measured = measure(chain, config)
    write(run.bundle, chain, config, measured)
    return TrainingResult(run.bundle, chain, measured, summary(measured), state.epoch)


def _train_unfolded_detector(config: UnfoldedDetectorConfig, run: _Run) -> TrainingResult:
    from .unfolded_detector.bundle_file import write
    from .unfolded_detector.measuring import measure, summary
    from .unfolded_detector.mixture_fit import fit_mixture, fits_mixture
    from .unfolded_detector.training import run_training

    state = run_training(config, *run.how)
    if run.say is not None and fits_mixture(config):
        run.say(f"fitting the LLRs to {config.schedule.llr_channels} fresh channels")
    fit_mixture(state.model)
    measured = measure(state.model)
    write(run.bundle, state.model, measured)
    return TrainingResult(run.bundle, state.model, measured, summary(measured), state.epoch)
