# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a task quantizer's training run (kind `task_quantizer`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..settings import (
    ConfigError,
    check_choices,
    check_not_negative,
    check_positive,
    check_ranges,
    check_seed,
)
from .designs.allocation import allocate_levels

KIND = "task_quantizer"


@dataclass(frozen=True)
class TaskConfig:
    """What is to be recovered from what: where training samples come from."""

    problem: str = "channel_estimation"
    """channel_estimation (the paper's IV-A), symbol_detection (IV-B), or recording: pairs x and s
    of a file."""
    samples: int = 32768
    """Training samples, drawn once; of a recording at most so many."""
    antennas: int = 10
    users: int = 4
    pilots: int = 12
    """Channel estimation: length of the pilot sequence."""
    power: tuple[float, float] = (4.0, 4.0)
    """Channel estimation: each training sample's P is uniform in this range."""
    snr_db: float = 10.0
    """Symbol detection: 1 / sigma^2."""
    csi_variance: float = 0.0
    """Symbol detection: variance of the relative error of each entry of H in training."""
    frames: int = 10
    """Symbol detection: the error is drawn anew for each of so many equal parts of the samples."""
    file: str = ""
    """Recording: .npz file with x [t, n], and s [t, k] (estimation) or bits [t, k] of 0 and 1
    (detection); x and s may be complex."""


@dataclass(frozen=True)
class AnalogConfig:
    """The map before the ADCs."""

    kind: str = "layers"
    """layers, or phase_shifters."""
    hidden: tuple[int, ...] = ()
    """layers: widths between input and ADCs, with ReLU; none: a linear combiner."""
    phase_bits: int = 0
    """phase_shifters: 0 means any phase."""
    start: str = "random"
    """random; closed_form: the least-squares estimator of s, one ADC for each of its entries;
    subspace: phases found from the least-squares estimator's row space."""


@dataclass(frozen=True)
class AdcConfig:
    """The scalar ADCs."""

    adcs: int = 80
    levels: tuple[int, ...] = (8,)
    """One number for all ADCs, or one for each."""
    rate: float = 0.0
    """Above 0, in place of levels: bits per real input, spent in full by mixed resolution."""
    quantizer: str = "soft"
    """soft (sum of a_i tanh(c (z - t_i))) or noise (the passing gradient: uniform noise in
    training, a uniform ADC deployed)."""
    thresholds: str = "learned"
    """learned, or uniform: fixed on [-span, span], with equal steps between levels."""
    span: float = 2.0
    start: str = "lloyd_max"
    """Of learned thresholds and levels: lloyd_max, or uniform on [-span, span]."""
    identical: bool = True
    """ADCs of equal levels share their thresholds."""
    sharpness: tuple[float, float] = (3.0, 30.0)
    """c at the first and the last step; grows by a constant factor a step."""
    dither: float = 0.0
    """Standard deviation of Gaussian noise at the ADCs' inputs in training, in mean cell widths
    (4 / levels)."""
    agc: str = "fixed"
    """fixed (unit variance over the training set), block (besides, each vector's own gain, which
    the digital side knows) or none."""
    load: float = 1.0
    """Standard deviation of the ADCs' inputs behind the AGC."""


@dataclass(frozen=True)
class DigitalConfig:
    """The map behind the ADCs."""

    kind: str = "affine"
    """affine or network, in training; the refit may put a lookup in its place."""
    hidden: tuple[int, ...] = (32,)
    """network: widths between, with ReLU."""
    powers: int = 1
    """affine behind a block AGC: 2 adds 1/g times an affine map, and so on."""


@dataclass(frozen=True)
class TaskScheduleConfig:
    """How long and how fast."""

    epochs: int = 20
    batch: int = 256
    learning_rate: float = 0.03
    phase_learning_rate: float = 0.02
    """phase_shifters, in radians a step."""
    decay: str = "cosine"
    """cosine (to a thousandth) or constant."""
    augment: str = "none"
    """none, or residuals: each epoch sees x = E[x | s] + another sample's residual. For noise
    that does not depend on s."""
    time_budget_s: float = 0.0
    """Stop at the first epoch's end after this time; 0 means no limit."""


@dataclass(frozen=True)
class RefitConfig:
    """The digital map of the hardened chain."""

    method: str = "least_squares"
    """least_squares (affine); cells, counts, logistic (detection: a lookup); network (the network
    trained on); none (as trained)."""
    epochs: int = 20
    """network: passes over the training set."""
    learning_rate: float = 1e-3
    """network: first value, falls linearly."""
    prior: float = 1.0
    """logistic: weight of the square distance from the cells' table; counts: what is added to
    every count."""


@dataclass(frozen=True)
class GuardConfig:
    """When a run fails because its hardened chain is not what was trained."""

    ratio: float = 1.5
    """Largest hard loss / soft loss on the training set, before the refit; 0 accepts all."""
    slack: float = 0.01
    """Hard loss that is always accepted above that, in units of the loss of a constant answer."""


@dataclass(frozen=True)
class MeasureConfig:
    """Fresh samples that the hardened chain is measured on."""

    vectors: int = 16384
    powers: tuple[float, ...] = ()
    """Channel estimation: each P to measure at; none: the range's middle."""
    held_out: float = 0.2
    """Recording: the last part of the file, not trained on, which is measured."""


@dataclass(frozen=True)
class TaskQuantizerConfig:
    """One training run."""

    kind: str = KIND
    name: str = "task_quantizer"
    seed: int = 1
    task: TaskConfig = field(default_factory=TaskConfig)
    analog: AnalogConfig = field(default_factory=AnalogConfig)
    adc: AdcConfig = field(default_factory=AdcConfig)
    digital: DigitalConfig = field(default_factory=DigitalConfig)
    schedule: TaskScheduleConfig = field(default_factory=TaskScheduleConfig)
    refit: RefitConfig = field(default_factory=RefitConfig)
    guard: GuardConfig = field(default_factory=GuardConfig)
    measure: MeasureConfig = field(default_factory=MeasureConfig)


_CHOICES: dict[str, tuple[Any, ...]] = {
    "kind": (KIND,),
    "task.problem": ("channel_estimation", "symbol_detection", "recording"),
    "analog.kind": ("layers", "phase_shifters"),
    "analog.start": ("random", "closed_form", "subspace"),
    "adc.quantizer": ("soft", "noise"),
    "adc.thresholds": ("learned", "uniform"),
    "adc.start": ("lloyd_max", "uniform"),
    "adc.agc": ("fixed", "block", "none"),
    "digital.kind": ("affine", "network"),
    "schedule.decay": ("cosine", "constant"),
    "schedule.augment": ("none", "residuals"),
    "refit.method": ("least_squares", "cells", "counts", "logistic", "network", "none"),
}
_POSITIVE = (
    "task.samples",
    "task.antennas",
    "task.users",
    "task.pilots",
    "task.frames",
    "adc.adcs",
    "adc.span",
    "adc.load",
    "digital.powers",
    "schedule.epochs",
    "schedule.batch",
    "schedule.learning_rate",
    "schedule.phase_learning_rate",
    "refit.epochs",
    "refit.learning_rate",
    "refit.prior",
    "measure.vectors",
)
_NOT_NEGATIVE = (
    "task.csi_variance",
    "adc.rate",
    "adc.dither",
    "schedule.time_budget_s",
    "guard.ratio",
    "guard.slack",
)
_RANGES = {"analog.phase_bits": (0, 16), "adc.adcs": (1, 1024), "digital.powers": (1, 8)}
_MOST_LAYER = 1024
_LOOKUPS = ("cells", "counts", "logistic")


def is_detection(config: TaskQuantizerConfig) -> bool | None:
    """Whether classes are decided; None: a recording's file tells."""
    problem = config.task.problem
    return None if problem == "recording" else problem == "symbol_detection"


def level_counts(config: TaskQuantizerConfig, inputs: int) -> list[int]:
    """Levels of each ADC; raises ConfigError where a rate is too low for the ADCs."""
    adc = config.adc
    if adc.rate > 0.0:
        try:
            return allocate_levels(adc.rate * inputs, [1.0] * adc.adcs)
        except ValueError as error:
            raise ConfigError(f"adc.rate is {adc.rate}, which gives {error}") from error
    return list(adc.levels) * (adc.adcs if len(adc.levels) == 1 else 1)


def check_task_quantizer(config: TaskQuantizerConfig) -> None:
    """Raises ConfigError, one sentence, for settings that do not go together."""
    check_choices(config, _CHOICES)
    check_positive(config, _POSITIVE)
    check_not_negative(config, _NOT_NEGATIVE)
    check_ranges(config, _RANGES)
    _check_task(config.task)
    _check_analog(config)
    _check_adc(config)
    _check_digital(config)
    if not 0.0 < config.measure.held_out < 1.0:
        raise ConfigError(
            f"measure.held_out is {config.measure.held_out}, expected between 0 and 1"
        )
    if any(not power > 0.0 for power in config.measure.powers):
        raise ConfigError(f"measure.powers is {config.measure.powers}, expected more than 0 each")
    check_seed(config)


def _check_task(task: TaskConfig) -> None:
    if task.problem == "recording" and not task.file:
        raise ConfigError("task.file is empty, expected the .npz file of the recording")
    if task.problem != "recording" and task.file:
        raise ConfigError(f"task.file is {task.file!r}, expected none unless task.problem is "
                          "recording")  # fmt: skip
    if not 0.0 < task.power[0] <= task.power[1]:
        raise ConfigError(f"task.power is {task.power}, expected [lowest, highest], above 0")
    if task.problem == "symbol_detection" and task.users > 8:
        raise ConfigError(f"task.users is {task.users}, expected 1 to 8 for symbol_detection")
    if task.problem == "channel_estimation" and task.users > task.pilots:
        raise ConfigError(f"task.users is {task.users}, expected at most task.pilots")
    if task.problem == "symbol_detection" and task.samples < task.frames:
        raise ConfigError(f"task.frames is {task.frames}, expected at most task.samples")


def _check_widths(path: str, widths: tuple[int, ...]) -> None:
    if any(not 1 <= width <= _MOST_LAYER for width in widths) or len(widths) > 7:
        raise ConfigError(f"{path} is {widths}, expected at most 7 widths of 1 to {_MOST_LAYER}")


def _check_analog(config: TaskQuantizerConfig) -> None:
    analog = config.analog
    _check_widths("analog.hidden", analog.hidden)
    shifters = analog.kind == "phase_shifters"
    if shifters and analog.hidden:
        raise ConfigError("analog.hidden is not empty, expected none for phase_shifters")
    if not shifters and analog.phase_bits:
        raise ConfigError(f"analog.phase_bits is {analog.phase_bits}, expected 0 for layers")
    if shifters and config.adc.adcs % 2:
        raise ConfigError(f"adc.adcs is {config.adc.adcs}, expected an even number for "
                          "phase_shifters")  # fmt: skip
    if shifters and config.task.problem == "symbol_detection":
        raise ConfigError("analog.kind is phase_shifters, expected layers for symbol_detection, "
                          "whose signals are real")  # fmt: skip
    allowed = ("random", "subspace") if shifters else ("random", "closed_form")
    if analog.start not in allowed:
        raise ConfigError(f"analog.start is {analog.start!r}, expected {' or '.join(allowed)} for "
                          f"{analog.kind}")  # fmt: skip
    if analog.start == "closed_form" and analog.hidden:
        raise ConfigError("analog.start is closed_form, expected random where there are hidden "
                          "layers")  # fmt: skip


def _check_adc(config: TaskQuantizerConfig) -> None:
    adc = config.adc
    if not adc.levels or any(not 2 <= m <= 256 for m in adc.levels):
        raise ConfigError(f"adc.levels is {adc.levels}, expected numbers from 2 to 256")
    if len(adc.levels) not in (1, adc.adcs):
        raise ConfigError(f"adc.levels has {len(adc.levels)} entries, expected 1 or adc.adcs, "
                          f"{adc.adcs}")  # fmt: skip
    if not 0.0 < adc.sharpness[0] <= adc.sharpness[1]:
        raise ConfigError(f"adc.sharpness is {adc.sharpness}, expected [first, last], above 0 and "
                          "not falling")  # fmt: skip

    if adc.agc == "block" and adc.load != 1.0:
        raise ConfigError(f"adc.load is {adc.load}, expected 1 where adc.agc is block")


def _check_digital(config: TaskQuantizerConfig) -> None:
    digital, method = config.digital, config.refit.method
    _check_widths("digital.hidden", digital.hidden)
    if digital.powers > 1 and (config.adc.agc != "block" or digital.kind != "affine"):
        raise ConfigError(f"digital.powers is {digital.powers}, expected 1 unless adc.agc is block "
                          "and digital.kind is affine")  # fmt: skip
    detection = is_detection(config)
    if detection and digital.kind == "affine":
        raise ConfigError("digital.kind is affine, expected network for symbol_detection")
    if method == "least_squares" and digital.kind != "affine":
        raise ConfigError("refit.method is least_squares, expected another where digital.kind is "
                          "network")  # fmt: skip
    if method == "network" and digital.kind != "network":
        raise ConfigError("refit.method is network, expected least_squares or none where "
                          "digital.kind is affine")  # fmt: skip
    if method in _LOOKUPS and (detection is False or digital.kind == "affine"):
        raise ConfigError(f"refit.method is {method}, expected that for detection alone")
