# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trainer's configuration: a typed YAML file, every mistake one sentence."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from .links import IID, PROFILES, SUPPORTED_BITS
from .settings import (
    ConfigError,
    build,
    check_choices,
    check_filled,
    check_not_negative,
    check_positive,
    check_ranges,
    check_seed,
    override,
    read_yaml,
    to_dict,
)
from .task_quantizer.config import KIND as TASK_QUANTIZER
from .task_quantizer.config import TaskQuantizerConfig, check_task_quantizer
from .unfolded_detector.config import KIND as UNFOLDED_DETECTOR
from .unfolded_detector.config import UnfoldedDetectorConfig, check_unfolded_detector

__all__ = ["ConfigError", "TrainingConfig", "config_from_dict", "config_to_dict", "load_config"]


@dataclass(frozen=True)
class LinkConfig:
    """The link that training packets are drawn from."""

    bits_per_symbol: int = 6
    """2, 4, 6 or 8."""
    profiles: tuple[str, ...] = (IID,)
    """Fading profiles, mixed in equal parts."""
    snr_db: tuple[float, float] = (4.0, 22.0)
    """Packets' SNRs are uniform in this range."""
    subcarriers: int = 108
    spacing_hz: float = 15e3
    normalise: bool = False
    """Scale each packet to unit mean power."""


@dataclass(frozen=True)
class CodecConfig:
    """The codec's fixed quantities."""

    levels: int = 64
    codebook_range: float = 0.8
    contexts: int = 1
    """1: one distribution per latent. More: coded given the neighbour and latent 0."""
    llr_clip: float = 30.0


@dataclass(frozen=True)
class LossConfig:
    """loss = distortion + alpha * rate."""

    distortion: str = "cross_entropy"
    """cross_entropy (bits of information lost per LLR) or weighted_square (the paper's)."""
    rate: str = "counted"
    """counted (bits per LLR of the coder's own tables) or soft_entropy (the paper's, nats)."""
    quantizer: str = "noise"
    """noise (uniform noise of one step, then hard) or straight_through (the paper's)."""
    alpha: float = 0.02
    earlier_alpha: tuple[float, ...] = ()
    """Takes alpha's place at first: entry i before epoch ``alpha_epochs[i]``."""
    alpha_epochs: tuple[int, ...] = ()
    tau: float = 40.0
    """soft_entropy: inverse temperature in the first epoch."""
    tau_growth: float = 1.001
    """soft_entropy: factor per epoch."""


@dataclass(frozen=True)
class WarmStartConfig:
    """Supervised first epochs: regression of both halves on the link's three statistics."""

    epochs: int = 0
    learning_rate: float = 5e-3
    """First value; falls by a cosine to a hundredth over these epochs."""
    gain_step_db: float = 1.5
    """One codebook step of latent 0, in dB of the subcarrier's SNR."""
    gain_centre_db: float = 12.0
    symbol_step: float = 0.07
    """One codebook step of latents 1 and 2, in units of the equalised symbol."""


@dataclass(frozen=True)
class ScheduleConfig:
    """How long and how fast."""

    packets: int = 8000
    """Training packets, drawn once."""
    epochs: int = 50
    batch_packets: int = 20
    learning_rate: float = 1e-3
    """After the warm start, if there is one."""
    decay: str = "cosine"
    """cosine (to a thousandth, over the epochs after the warm start) or constant."""
    restarts: tuple[int, ...] = ()
    """Epochs at which the cosine starts over."""
    hard_epochs: int = 10
    """noise quantizer: last epochs of each cosine, on hard indices with the encoder fixed."""
    time_budget_s: float = 0.0
    """Stop at the first epoch's end after this time; 0 means no limit."""


@dataclass(frozen=True)
class HardeningConfig:
    """Packets that fix the integer CDFs, and packets that measure."""

    packets: int = 8000
    measure_packets: int = 400
    measure_snr_db: tuple[float, ...] = (10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0)
    """Measured over EPA, packets normalised to unit mean power."""


@dataclass(frozen=True)
class TrainingConfig:
    """One training run."""

    kind: str = "softbit_codec"
    name: str = "softbit"
    seed: int = 1
    link: LinkConfig = field(default_factory=LinkConfig)
    codec: CodecConfig = field(default_factory=CodecConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    warm_start: WarmStartConfig = field(default_factory=WarmStartConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    hardening: HardeningConfig = field(default_factory=HardeningConfig)


_CHOICES: dict[str, tuple[Any, ...]] = {
    "kind": ("softbit_codec",),
    "link.bits_per_symbol": SUPPORTED_BITS,
    "loss.distortion": ("cross_entropy", "weighted_square"),
    "loss.rate": ("counted", "soft_entropy"),
    "loss.quantizer": ("noise", "straight_through"),
    "schedule.decay": ("cosine", "constant"),
}
_POSITIVE = (
    "link.subcarriers",
    "link.spacing_hz",
    "codec.llr_clip",
    "loss.tau",
    "loss.tau_growth",
    "warm_start.learning_rate",
    "warm_start.gain_step_db",
    "warm_start.symbol_step",
    "schedule.packets",
    "schedule.epochs",
    "schedule.batch_packets",
    "schedule.learning_rate",
    "hardening.packets",
    "hardening.measure_packets",
)
_NOT_NEGATIVE = ("loss.alpha", "schedule.hard_epochs")


def _check(config: TrainingConfig) -> None:
    check_choices(config, _CHOICES)
    check_positive(config, _POSITIVE)
    check_not_negative(config, _NOT_NEGATIVE)
    check_ranges(config, {"codec.levels": (2, 256)})
    check_filled(config, ("link.profiles", "hardening.measure_snr_db"))
    known_profiles = (IID, *PROFILES)
    for profile in config.link.profiles:
        if profile not in known_profiles:
            known = ", ".join(known_profiles)
            raise ConfigError(f"link.profiles holds {profile!r}, expected one of {known}")
    if not config.link.snr_db[0] <= config.link.snr_db[1]:
        raise ConfigError(f"link.snr_db is {config.link.snr_db}, expected [lowest, highest]")
    if not 1 <= config.codec.contexts <= config.codec.levels + 1:
        raise ConfigError(f"codec.contexts is {config.codec.contexts}, expected 1 to levels + 1")
    if not 0.0 < config.codec.codebook_range < 1.0:
        raise ConfigError(
            f"codec.codebook_range is {config.codec.codebook_range}, expected between 0 and 1"
        )
    for value in config.loss.earlier_alpha:
        if value < 0.0:
            raise ConfigError(f"loss.earlier_alpha holds {value}, expected 0 or more each")
    if len(config.loss.earlier_alpha) != len(config.loss.alpha_epochs):
        raise ConfigError(
            f"loss.earlier_alpha has {len(config.loss.earlier_alpha)} entries, expected as many "
            f"as loss.alpha_epochs, {len(config.loss.alpha_epochs)}"
        )
    rising = (config.warm_start.epochs, *config.schedule.restarts, config.schedule.epochs)
    if any(a >= b for a, b in zip(rising[1:-1], rising[2:], strict=True)) or (
        config.schedule.restarts and rising[0] >= rising[1]
    ):
        raise ConfigError(
            f"schedule.restarts is {config.schedule.restarts}, expected rising epochs between "
            f"warm_start.epochs and schedule.epochs"
        )
    if not 0 <= config.warm_start.epochs <= config.schedule.epochs:
        raise ConfigError(
            f"warm_start.epochs is {config.warm_start.epochs}, expected 0 to schedule.epochs"
        )
    check_seed(config)


AnyConfig = TrainingConfig | TaskQuantizerConfig | UnfoldedDetectorConfig
C = TypeVar("C", TrainingConfig, TaskQuantizerConfig, UnfoldedDetectorConfig)

_KINDS: dict[str, type[AnyConfig]] = {
    "softbit_codec": TrainingConfig,
    TASK_QUANTIZER: TaskQuantizerConfig,
    UNFOLDED_DETECTOR: UnfoldedDetectorConfig,
}


def _checked(config: C) -> C:
    if isinstance(config, TaskQuantizerConfig):
        check_task_quantizer(config)
    elif isinstance(config, UnfoldedDetectorConfig):
        check_unfolded_detector(config)
    else:
        _check(config)
    return config


def config_from_dict(data: Any) -> AnyConfig:
    """A checked configuration from parsed YAML, of the kind that it names; raises ConfigError."""
    first = next(iter(_KINDS))
    kind = data.get("kind", first) if isinstance(data, dict) else first
    if kind not in _KINDS:
        raise ConfigError(f"kind is {kind!r}, expected one of {', '.join(_KINDS)}")
    return _checked(build(_KINDS[kind], data))


def load_config(path: str | Path, assignments: Iterable[str] = ()) -> AnyConfig:
    """A checked configuration from a YAML file; raises ConfigError naming the file.

    Each of ``assignments``, ``path.to.setting=VALUE``, takes the place of the file's setting.
    """
    data = read_yaml(path)
    try:
        if data is None or data == {}:
            raise ConfigError("is empty, expected a table of settings, at least 'name: NAME'")
        return config_from_dict(override(data, assignments))
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def with_seed(config: C, seed: int) -> C:
    """The same configuration with another seed; raises ConfigError."""
    return _checked(dataclasses.replace(config, seed=seed))


def config_to_dict(config: AnyConfig) -> dict[str, Any]:
    """The configuration as plain lists and dicts, ready for YAML or JSON."""
    return to_dict(config)
