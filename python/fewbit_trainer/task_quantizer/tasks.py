# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training samples of a task, and fresh ones to measure on.

Random streams are derived from the run's seed and a number for each purpose, so that what is
measured was never trained on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ..settings import ConfigError
from .config import TaskConfig, TaskQuantizerConfig
from .designs.models import ChannelEstimation, SymbolDetection, exponential_channel
from .normal import Floats

TRAINING_DATA, EPOCH, MEASURING, REFIT = 1, 2, 4, 5


@dataclass(frozen=True)
class Samples:
    """Pairs of what the analog map sees and what the task asks for."""

    x: Floats
    """[t, n]"""
    signals: Floats | None
    """[t, k], estimation"""
    classes: NDArray[np.int64] | None
    """[t], detection"""
    outputs: int
    """k numbers, or k bits"""
    complex_inputs: bool

    @property
    def detection(self) -> bool:
        return self.classes is not None

    def part(self, first: int, last: int) -> Samples:
        """Samples ``first`` to ``last`` - 1."""
        signals = None if self.signals is None else self.signals[first:last]
        classes = None if self.classes is None else self.classes[first:last]
        return Samples(self.x[first:last], signals, classes, self.outputs, self.complex_inputs)


def channel_model(task: TaskConfig, power: float) -> ChannelEstimation:
    """The paper's IV-A at this P."""
    return ChannelEstimation(task.antennas, task.users, task.pilots, power)


def detection_model(task: TaskConfig) -> SymbolDetection:
    """The paper's IV-B."""
    return SymbolDetection(task.snr_db, exponential_channel(task.antennas, task.users))


def training_samples(config: TaskQuantizerConfig) -> Samples:
    """The training set of a run; raises ConfigError for a recording that cannot be used."""
    task = config.task
    rng = np.random.default_rng([config.seed, TRAINING_DATA])
    if task.problem == "recording":
        return _recording(config)[0]
    if task.problem == "channel_estimation":
        model = channel_model(task, sum(task.power) / 2)
        x, s = model.draw(task.samples, rng, rng.uniform(*task.power, task.samples))
        return Samples(x, s, None, model.outputs, True)
    detector = detection_model(task)
    if task.csi_variance:
        parts = np.array_split(np.arange(task.samples), task.frames)
        drawn = [detector.draw_uncertain(1, len(p), rng, task.csi_variance) for p in parts]
        x, classes = (np.concatenate(arrays) for arrays in zip(*drawn, strict=True))
    else:
        x, classes = detector.draw(task.samples, rng)
    return Samples(x, None, classes, detector.outputs, False)


@dataclass(frozen=True)
class Condition:
    """Fresh samples and what they were drawn under."""

    label: dict[str, float]
    """Such as {"power": 4.0}"""
    samples: Samples


def fresh_samples(config: TaskQuantizerConfig) -> list[Condition]:
    """What the hardened chain is measured on: the true channel, or what a recording held out."""
    task, vectors = config.task, config.measure.vectors
    rng = np.random.default_rng([config.seed, MEASURING])
    if task.problem == "recording":
        return [Condition({}, _recording(config)[1])]
    if task.problem == "symbol_detection":
        detector = detection_model(task)
        x, classes = detector.draw(vectors, rng)
        drawn = Samples(x, None, classes, detector.outputs, False)
        return [Condition({"snr_db": task.snr_db}, drawn)]
    conditions = []
    for power in config.measure.powers or (sum(task.power) / 2,):
        model = channel_model(task, power)
        x, s = model.draw(vectors, rng)
        conditions.append(Condition({"power": power}, Samples(x, s, None, model.outputs, True)))
    return conditions


def snr_range_db(task: TaskConfig) -> tuple[float, float]:
    """The SNRs that the training samples have; a recording's are not known: 0."""
    if task.problem == "symbol_detection":
        return (task.snr_db, task.snr_db)
    if task.problem == "channel_estimation":
        return (10.0 * math.log10(task.power[0]), 10.0 * math.log10(task.power[1]))
    return (0.0, 0.0)


def describe(task: TaskConfig) -> str:
    """The training data in words."""
    if task.problem == "recording":
        return f"recording {Path(task.file).name}"
    if task.problem == "symbol_detection":
        text = (
            f"{task.samples} samples of {task.users} BPSK users at {task.antennas} antennas, "
            "channel exp(-|i - j|)"
        )
        if task.csi_variance:
            text += (
                f", relative channel errors of variance {task.csi_variance:g} in each of "
                f"{task.frames} frames"
            )
        return text
    low, high = task.power
    power = f"P = {low:g}" if low == high else f"P uniform in [{low:g}, {high:g}]"
    return (
        f"{task.samples} samples of the channel estimation with {task.antennas} antennas, "
        f"{task.users} users, {task.pilots} pilots, {power}"
    )


def _stacked(values: NDArray[Any]) -> Floats:
    if np.iscomplexobj(values):
        values = np.concatenate([values.real, values.imag], axis=1)
    return np.asarray(values, np.float64)


def _arrays(path: str) -> dict[str, NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except OSError as error:
        reason = error.strerror or "is no .npz file"
        raise ConfigError(f"task.file is {path!r}, which cannot be read ({reason})") from error
    except (ValueError, TypeError, EOFError, BadZipFile) as error:
        raise ConfigError(f"task.file is {path!r}, expected a .npz file of plain arrays") from error


def _recording(config: TaskQuantizerConfig) -> tuple[Samples, Samples]:
    """The part to train on and the part held out."""
    path = config.task.file
    arrays = _arrays(path)
    answers = [name for name in ("s", "bits") if name in arrays]
    if "x" not in arrays or len(answers) != 1:
        raise ConfigError(
            f"{path} holds {', '.join(arrays) or 'nothing'}, expected x, and either s or bits"
        )
    x, answer = arrays["x"], arrays[answers[0]]
    for name, values in (("x", x), (answers[0], answer)):
        if values.ndim != 2 or not np.issubdtype(values.dtype, np.number) or not values.size:
            raise ConfigError(
                f"{path}: {name} is {values.dtype} {list(values.shape)}, expected numbers [t, n]"
            )
        if not np.isfinite(values).all():
            raise ConfigError(f"{path}: {name} holds a value that is not finite")
    if len(x) != len(answer):
        raise ConfigError(f"{path}: x has {len(x)} samples and {answers[0]} {len(answer)}")
    signals = classes = None
    if answers == ["bits"]:
        if np.iscomplexobj(answer) or not np.isin(answer, (0, 1)).all() or answer.shape[1] > 8:
            raise ConfigError(f"{path}: bits is no array of at most 8 columns of 0 and 1")
        classes = (answer.astype(np.int64) << np.arange(answer.shape[1])).sum(axis=1)
        outputs = answer.shape[1]
    else:
        signals = _stacked(answer)
        outputs = signals.shape[1]
    every = Samples(_stacked(x), signals, classes, outputs, bool(np.iscomplexobj(x)))
    held_out = max(1, round(config.measure.held_out * len(x)))
    train = min(len(x) - held_out, config.task.samples)
    if train < 1:
        raise ConfigError(f"{path} has {len(x)} samples, expected more than are held out")
    return every.part(0, train), every.part(len(x) - held_out, len(x))
