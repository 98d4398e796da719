# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trainer's configuration: a typed YAML file, every mistake one sentence."""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .links import IID, PROFILES, SUPPORTED_BITS


class ConfigError(ValueError):
    """A configuration that cannot be used; the message is one sentence."""


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


def _type_name(expected: Any) -> str:
    names = {int: "an integer", float: "a number", bool: "true or false", str: "a text"}
    if typing.get_origin(expected) is tuple:
        arguments = typing.get_args(expected)
        of = {int: "integers", float: "numbers", str: "texts"}[arguments[0]]
        return f"a list of {of}" if arguments[-1] is ... else f"a list of {len(arguments)} {of}"
    return names[expected]


def _scalar(value: Any, expected: Any, where: str) -> Any:
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise ConfigError(f"{where} is {value!r}, expected {_type_name(expected)}")
    if expected is float and not abs(value) < 1e300:
        raise ConfigError(f"{where} is {value!r}, expected a finite number")
    return value


def _value(value: Any, expected: Any, where: str) -> Any:
    if typing.get_origin(expected) is tuple:
        arguments = typing.get_args(expected)
        open_ended = arguments[-1] is Ellipsis or isinstance(arguments[-1], types.EllipsisType)
        wrong_length = not open_ended and isinstance(value, list) and len(value) != len(arguments)
        if not isinstance(value, list) or wrong_length:
            raise ConfigError(f"{where} is {value!r}, expected {_type_name(expected)}")
        return tuple(_scalar(v, arguments[0], f"{where}[{i}]") for i, v in enumerate(value))
    return _scalar(value, expected, where)


def _build(cls: type[Any], data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ConfigError(f"{where or 'the file'} is {data!r}, expected a table of settings")
    types_of = typing.get_type_hints(cls)
    unknown = [key for key in data if key not in types_of]
    if unknown:
        known = ", ".join(types_of)
        place = f"{where}.{unknown[0]}" if where else str(unknown[0])
        raise ConfigError(f"{place} is no known setting, expected one of {known}")
    values = {}
    for key, value in data.items():
        place = f"{where}.{key}" if where else key
        if dataclasses.is_dataclass(types_of[key]):
            values[key] = _build(typing.cast(type[Any], types_of[key]), value, place)
        else:
            values[key] = _value(value, types_of[key], place)
    return cls(**values)


def _lookup(config: TrainingConfig, path: str) -> Any:
    value: Any = config
    for part in path.split("."):
        value = getattr(value, part)
    return value


def _check(config: TrainingConfig) -> None:
    for path, choices in _CHOICES.items():
        value = _lookup(config, path)
        if value not in choices:
            known = ", ".join(str(c) for c in choices)
            raise ConfigError(f"{path} is {value!r}, expected one of {known}")
    for path in _POSITIVE:
        value = _lookup(config, path)
        if not value > 0:
            raise ConfigError(f"{path} is {value!r}, expected more than 0")
    for path in ("link.profiles", "hardening.measure_snr_db"):
        if not _lookup(config, path):
            raise ConfigError(f"{path} is an empty list, expected at least one entry")
    known_profiles = (IID, *PROFILES)
    for profile in config.link.profiles:
        if profile not in known_profiles:
            known = ", ".join(known_profiles)
            raise ConfigError(f"link.profiles holds {profile!r}, expected one of {known}")
    if not config.link.snr_db[0] <= config.link.snr_db[1]:
        raise ConfigError(f"link.snr_db is {config.link.snr_db}, expected [lowest, highest]")
    if not 2 <= config.codec.levels <= 256:
        raise ConfigError(f"codec.levels is {config.codec.levels}, expected 2 to 256")
    if not 1 <= config.codec.contexts <= config.codec.levels + 1:
        raise ConfigError(f"codec.contexts is {config.codec.contexts}, expected 1 to levels + 1")
    if not 0.0 < config.codec.codebook_range < 1.0:
        raise ConfigError(
            f"codec.codebook_range is {config.codec.codebook_range}, expected between 0 and 1"
        )
    if config.schedule.hard_epochs < 0:
        raise ConfigError(
            f"schedule.hard_epochs is {config.schedule.hard_epochs}, expected 0 or more"
        )
    for value in (config.loss.alpha, *config.loss.earlier_alpha):
        if value < 0.0:
            raise ConfigError(f"loss.alpha is {value}, expected 0 or more")
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
    if not 0 <= config.seed < 2**31:
        raise ConfigError(f"seed is {config.seed}, expected 0 to 2^31 - 1")


def config_from_dict(data: Any) -> TrainingConfig:
    """A checked configuration from parsed YAML; raises ConfigError."""
    config: TrainingConfig = _build(TrainingConfig, data, "")
    _check(config)
    return config


def load_config(path: str | Path) -> TrainingConfig:
    """A checked configuration from a YAML file; raises ConfigError naming the file."""
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path}: is not YAML ({reason})") from error
    try:
        if data is None or data == {}:
            raise ConfigError("is empty, expected a table of settings, at least 'name: NAME'")
        return config_from_dict(data)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def with_seed(config: TrainingConfig, seed: int) -> TrainingConfig:
    """The same configuration with another seed; raises ConfigError."""
    changed = dataclasses.replace(config, seed=seed)
    _check(changed)
    return changed


def config_to_dict(config: TrainingConfig) -> dict[str, Any]:
    """The configuration as plain lists and dicts, ready for YAML or JSON."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(v) for key, v in value.items()}
        if isinstance(value, list | tuple):
            return [plain(v) for v in value]
        return value

    return typing.cast(dict[str, Any], plain(dataclasses.asdict(config)))
