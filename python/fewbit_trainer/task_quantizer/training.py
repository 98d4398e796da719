# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of a task quantizer: fixed samples, seeded epochs, resumable to the bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..epochs import EpochReport, EpochResult, read_checkpoint, run_epochs, write_checkpoint
from ..settings import ConfigError, to_dict
from .analog_map import PhaseShifterMap
from .closed_form_start import signals_of, start
from .config import TaskQuantizerConfig
from .model import TaskQuantizer
from .tasks import EPOCH, Samples, training_samples

_WARM_UP_STEPS = 100


@dataclass(frozen=True)
class TrainingData:
    """The training set as tensors, and what `schedule.augment` needs of it."""

    samples: Samples
    x: Tensor
    """[t, n]"""
    target: Tensor
    """[t, k] signals, or [t] classes"""
    expected: Tensor | None = None
    """[t, n], E[x | s], where residuals are exchanged"""

    @property
    def detection(self) -> bool:
        return self.samples.detection

    def to(self, device: str) -> TrainingData:
        """The same on another device."""
        expected = None if self.expected is None else self.expected.to(device)
        return TrainingData(self.samples, self.x.to(device), self.target.to(device), expected)

    def epoch(self, generator: torch.Generator) -> Tensor:
        """What this epoch's samples look like: x itself, or with exchanged residuals."""
        if self.expected is None:
            return self.x
        order = torch.randperm(len(self.x), generator=generator, device=self.x.device)
        return self.expected + (self.x - self.expected)[order]


@dataclass
class TaskTrainingState:
    """All that a checkpoint keeps."""

    model: TaskQuantizer
    optimizer: torch.optim.Adam
    epoch: int = 0


def load_data(config: TaskQuantizerConfig) -> TrainingData:
    """The training set of a run; raises ConfigError where it cannot be used."""
    samples = training_samples(config)
    if samples.detection and config.digital.kind == "affine":
        raise ConfigError("digital.kind is affine, expected network for a recording of bits")
    if not samples.detection and config.refit.method in ("cells", "counts", "logistic"):
        raise ConfigError(
            f"refit.method is {config.refit.method}, expected that for a recording of bits alone"
        )
    if config.analog.kind == "phase_shifters" and not samples.complex_inputs:
        raise ConfigError("analog.kind is phase_shifters, expected layers where x is real")
    answer = samples.classes if samples.signals is None else samples.signals.astype(np.float32)
    assert answer is not None
    expected = None
    if config.schedule.augment == "residuals":
        expected = torch.from_numpy(_expected_observation(samples)).float()
    x = torch.from_numpy(samples.x).float()
    return TrainingData(samples, x, torch.from_numpy(answer), expected)


def _expected_observation(samples: Samples) -> np.ndarray:
    """E[x | s]: each class's mean, or the affine map from s that fits x best."""
    if samples.classes is not None:
        counts = np.bincount(samples.classes, minlength=2**samples.outputs)
        sums = np.zeros((len(counts), samples.x.shape[1]))
        np.add.at(sums, samples.classes, samples.x)
        return (sums / np.maximum(counts, 1)[:, None])[samples.classes]
    columns = np.concatenate([signals_of(samples), np.ones((len(samples.x), 1))], axis=1)
    return columns @ np.linalg.lstsq(columns, samples.x, rcond=None)[0]


def new_state(
    config: TaskQuantizerConfig, data: TrainingData, device: str = "cpu"
) -> TaskTrainingState:
    """An untrained chain, from its start, and a fresh optimiser."""
    model = untrained(config, data.samples)
    start(model, config, data.samples)
    return _state(model.to(device), config)


def untrained(config: TaskQuantizerConfig, samples: Samples) -> TaskQuantizer:
    """A chain of the samples' dimensions with random parameters."""
    answers = 2**samples.outputs if samples.detection else samples.outputs
    return TaskQuantizer(config, samples.x.shape[1], samples.outputs, answers)


def _state(model: TaskQuantizer, config: TaskQuantizerConfig) -> TaskTrainingState:
    schedule = config.schedule
    phases = [model.analog.phases] if isinstance(model.analog, PhaseShifterMap) else []
    others = [
        p for p in model.parameters() if p.requires_grad and not any(p is q for q in phases)
    ]
    groups = [{"params": others, "peak": schedule.learning_rate}]
    if phases:
        groups.append({"params": phases, "peak": schedule.phase_learning_rate})
    return TaskTrainingState(model, torch.optim.Adam(groups, lr=schedule.learning_rate, fused=True))


def save_checkpoint(path: Path, state: TaskTrainingState, config: TaskQuantizerConfig) -> None:
    """Writes a checkpoint so that a reader sees the old one or the new one, never half."""
    write_checkpoint(
        path,
        {
            "config": to_dict(config),
            "epoch": state.epoch,
            "model": state.model.state_dict(),
            "optimizer": state.optimizer.state_dict(),
        },
    )


def load_checkpoint(
    path: Path, config: TaskQuantizerConfig, data: TrainingData, device: str = "cpu"
) -> TaskTrainingState:
    """The state of an interrupted run of this very configuration; raises ConfigError."""
    saved = read_checkpoint(path, to_dict(config), device)
    state = _state(untrained(config, data.samples).to(device), config)
    state.model.load_state_dict(saved["model"])
    state.optimizer.load_state_dict(saved["optimizer"])
    state.epoch = int(saved["epoch"])
    return state


def sharpness_at(config: TaskQuantizerConfig, share: float) -> float:
    """c when ``share`` of all steps are done."""
    first, last = config.adc.sharpness
    return float(first * (last / first) ** share)


def learning_rate_factor(config: TaskQuantizerConfig, share: float, steps: int) -> float:
    """Of the peak, when ``share`` of all ``steps`` are done; the first steps are gentle."""
    warm_up = min(1.0, 0.02 + share * steps / _WARM_UP_STEPS)
    if config.schedule.decay == "constant":
        return warm_up
    return (0.5 + 0.5 * math.cos(math.pi * share)) * warm_up + 0.001


def loss_of(answer: Tensor, target: Tensor) -> Tensor:
    """Mean square error per entry, or cross-entropy in nats."""
    if target.dim() == 1:
        return functional.cross_entropy(answer, target)
    return (answer - target).square().mean()


def epoch_generator(seed: int, purpose: int, epoch: int, device: torch.device) -> torch.Generator:
    """The random stream of one epoch."""
    sequence = np.random.SeedSequence([seed, purpose, epoch])
    return torch.Generator(device).manual_seed(int(sequence.generate_state(1)[0]))


def train_epoch(
    state: TaskTrainingState, config: TaskQuantizerConfig, data: TrainingData
) -> EpochResult:
    """One pass over the training set."""
    model, schedule = state.model, config.schedule
    device = data.x.device
    generator = epoch_generator(config.seed, EPOCH, state.epoch, device)
    x = data.epoch(generator)
    order = torch.randperm(len(x), generator=generator, device=device)
    batches = order.split(min(schedule.batch, len(x)))
    if len(batches) > 1 and len(batches[-1]) < schedule.batch // 2:
        batches = batches[:-1]  # the AGC needs more than a few vectors
    steps = len(batches) * schedule.epochs
    total = torch.zeros((), dtype=torch.float64, device=device)
    for number, batch in enumerate(batches):
        share = (state.epoch * len(batches) + number) / steps
        factor = learning_rate_factor(config, share, steps)
        for group in state.optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        loss = loss_of(model(x[batch], sharpness_at(config, share), generator), data.target[batch])
        state.optimizer.zero_grad()
        loss.backward()
        state.optimizer.step()
        total += loss.detach()
    state.epoch += 1
    share = state.epoch / schedule.epochs
    parts = {"sharpness": sharpness_at(config, share)} if config.adc.quantizer == "soft" else {}
    return EpochResult(float(total / len(batches)), parts)


def run_training(
    config: TaskQuantizerConfig,
    checkpoint: Path,
    resume: bool = False,
    report: Callable[[EpochReport], None] | None = None,
    log_dir: Path | None = None,
    device: str = "cpu",
) -> tuple[TaskTrainingState, TrainingData]:
    """Trains to the end of the schedule or of the time budget, with checkpoints; the state and the
    training set, on the CPU."""
    data = load_data(config)
    if resume:
        state = load_checkpoint(checkpoint, config, data, device)
    else:
        state = new_state(config, data, device)
    there = data.to(device)
    run_epochs(
        state,
        config.schedule.epochs,
        lambda: train_epoch(state, config, there),
        lambda: save_checkpoint(checkpoint, state, config),
        report,
        log_dir,
        config.schedule.time_budget_s,
    )
    state.model.cpu()
    return state, data
