# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of an unfolded detector's training run (kind `unfolded_detector`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..settings import ConfigError, check_choices, check_positive, check_seed

KIND = "unfolded_detector"


@dataclass(frozen=True)
class LinkConfig:
    """Where channels and vectors come from: y = H x + n, H_ij ~ CN(0, 1 / users)."""

    users: int = 16
    antennas: int = 16
    bits_per_symbol: int = 4
    """2, 4, 6 or 8."""
    snr_db: tuple[float, float] = (0.0, 25.0)
    """Each channel's SNR is uniform in this range."""
    snr_points_db: tuple[float, ...] = ()
    """Or one of these."""
    receive_correlation: float = 0.0
    """r of ``r^|i - j|`` between antennas."""
    transmit_correlation: float = 0.0
    """Likewise between users."""


@dataclass(frozen=True)
class NetworkConfig:
    """What is unfolded."""

    kind: str = "admm"
    """admm, or pgd (the paper's)."""
    layers: int = 10
    denoiser: str = "staircase"
    """soft_threshold (the paper's), clip, posterior_mean or staircase."""
    tau: str = "per_coordinate"
    """per_coordinate: widths follow each coordinate's error variance; or scalar."""
    knots_db: tuple[float, ...] = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
    """SNRs that have scalars of their own; one knot: the same at every SNR."""
    scale: str = "logarithmic"
    """How scalars are trained: logarithmic, or linear (the paper's; one knot)."""
    eta: float = 0.1
    """pgd: first step sizes."""
    width: float = 0.0
    """First widths; 0: what suits the denoiser."""


@dataclass(frozen=True)
class QuantizationConfig:
    """What is deployed, and whether training knows."""

    arithmetic: str = "float32"
    """Deployed: float32, quantized (quantised values, float sums) or int8."""
    training: str = "none"
    """none (float; the steps are found afterwards: PTQ where the deployed is quantised) or
    straight_through (QAT; with dynamic_step and mmd_weight, KAQ)."""
    float_epochs: int = 0
    """straight_through: first epochs in float, before steps are found and quantizers put in."""
    matrix_bits: int = 8
    """4 to 8, or 0: not quantised (not for int8)."""
    activation_bits: int = 8
    """Likewise, of the layers' vectors."""
    filter_bits: int = 0
    """quantized: 4 to 8, or 0: not quantised. int8: 0, the filter has int16."""
    input_bits: int = 0
    """Likewise, of the received vector."""
    diagonal: str = "inside"
    """apart: the matrix' diagonal has 16 bits of its own (admm)."""
    fraction_bits: int = 11
    """int8: of the 16-bit state."""
    steps: str = "percentile"
    """How steps are found: percentile (of magnitudes, below) or largest (the paper's max)."""
    percentile: float = 99.99
    learned_step: bool = True
    """straight_through: train the steps."""
    dynamic_step: bool = False
    """straight_through: alpha snr^(-1/2) + gamma in place of gamma."""
    mmd_weight: float = 0.0
    """straight_through: weight of the layers' MMD^2."""


@dataclass(frozen=True)
class DetectorScheduleConfig:
    """How long and how fast."""

    loss: str = "cross_entropy"
    """cross_entropy (of the bits, by their LLRs) or mean_square (of the symbols)."""
    epochs: int = 40
    steps: int = 50
    """A epoch's, of fresh samples; where ``samples`` are fixed they tell."""
    samples: int = 0
    """Vectors drawn once, each over its own channel; 0: fresh ones in every step."""
    channels: int = 32
    """A step's; of fixed samples, the vectors."""
    vectors: int = 32
    """Over each channel; 1 of fixed samples."""
    learning_rate: float = 0.03
    decay: str = "cosine"
    """cosine (to a hundredth) or halving, every ``halve_epochs``."""
    halve_epochs: int = 10
    time_budget_s: float = 0.0
    """Stop at the first epoch's end after this time; 0 means no limit."""
    llr_iterations: int = 60
    """cross_entropy: of L-BFGS, to fit the LLRs to the deployed outputs when training is done; 0:
    LLRs of the trained variance and doubt alone."""
    llr_channels: int = 16384
    """Fresh ones for that, four vectors over each."""


@dataclass(frozen=True)
class DetectorMeasureConfig:
    """Fresh vectors that the deployed detector is measured on."""

    snr_db: tuple[float, ...] = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
    channels: int = 4096
    """At each SNR."""
    vectors: int = 4
    """Over each channel."""


@dataclass(frozen=True)
class UnfoldedDetectorConfig:
    """One training run."""

    kind: str = KIND
    name: str = "unfolded_detector"
    seed: int = 1
    link: LinkConfig = field(default_factory=LinkConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    quantization: QuantizationConfig = field(default_factory=QuantizationConfig)
    schedule: DetectorScheduleConfig = field(default_factory=DetectorScheduleConfig)
    measure: DetectorMeasureConfig = field(default_factory=DetectorMeasureConfig)

    @property
    def denoisers(self) -> int:
        """D: how many there are; as many vectors are quantised."""
        return self.network.layers - (self.network.kind == "admm")


_CHOICES: dict[str, tuple[Any, ...]] = {
    "kind": (KIND,),
    "link.bits_per_symbol": (2, 4, 6, 8),
    "network.kind": ("admm", "pgd"),
    "network.denoiser": ("soft_threshold", "clip", "posterior_mean", "staircase"),
    "network.tau": ("scalar", "per_coordinate"),
    "network.scale": ("logarithmic", "linear"),
    "quantization.arithmetic": ("float32", "quantized", "int8"),
    "quantization.training": ("none", "straight_through"),
    "quantization.diagonal": ("inside", "apart"),
    "quantization.steps": ("percentile", "largest"),
    "schedule.loss": ("cross_entropy", "mean_square"),
    "schedule.decay": ("cosine", "halving"),
}
_POSITIVE = (
    "network.eta",
    "schedule.epochs",
    "schedule.steps",
    "schedule.channels",
    "schedule.vectors",
    "schedule.learning_rate",
    "schedule.halve_epochs",
    "schedule.llr_channels",
    "measure.channels",
    "measure.vectors",
)
_NOT_NEGATIVE = (
    "network.width",
    "quantization.float_epochs",
    "quantization.mmd_weight",
    "schedule.samples",
    "schedule.time_budget_s",
    "schedule.llr_iterations",
)


def check_unfolded_detector(config: UnfoldedDetectorConfig) -> None:
    """Raises ConfigError, one sentence, for settings that do not go together."""
    check_choices(config, _CHOICES)
    check_positive(config, _POSITIVE)
    for path in _NOT_NEGATIVE:
        section, name = path.split(".")
        value = getattr(getattr(config, section), name)
        if value < 0:
            raise ConfigError(f"{path} is {value!r}, expected 0 or more")
    _check_link(config.link)
    _check_network(config.network)
    _check_quantization(config)
    _check_schedule(config.schedule)
    if not config.measure.snr_db:
        raise ConfigError("measure.snr_db is an empty list, expected at least one entry")
    check_seed(config)


def _check_link(link: LinkConfig) -> None:
    for name in ("users", "antennas"):
        value = getattr(link, name)
        if not 1 <= value <= 128:
            raise ConfigError(f"link.{name} is {value}, expected 1 to 128")
    for name in ("receive_correlation", "transmit_correlation"):
        value = getattr(link, name)
        if not 0.0 <= value < 1.0:
            raise ConfigError(f"link.{name} is {value}, expected from 0 to below 1")
    if not link.snr_db[0] <= link.snr_db[1]:
        raise ConfigError(f"link.snr_db is {link.snr_db}, expected [lowest, highest]")


def _check_network(network: NetworkConfig) -> None:
    if not 2 <= network.layers <= 32:
        raise ConfigError(f"network.layers is {network.layers}, expected 2 to 32")
    knots = network.knots_db
    if not knots or any(a >= b for a, b in zip(knots, knots[1:], strict=False)):
        raise ConfigError(f"network.knots_db is {knots}, expected rising SNRs, at least one")
    if network.scale == "linear" and len(knots) > 1:
        raise ConfigError("network.scale is linear, expected logarithmic where there is more than "
                          "one of network.knots_db")  # fmt: skip


def _check_quantization(config: UnfoldedDetectorConfig) -> None:
    quantization, network = config.quantization, config.network
    integer = quantization.arithmetic == "int8"
    for name in ("matrix_bits", "activation_bits"):
        bits = getattr(quantization, name)
        if not (4 <= bits <= 8 or (bits == 0 and not integer)):
            expected = "4 to 8" if integer else "4 to 8, or 0"
            raise ConfigError(f"quantization.{name} is {bits}, expected {expected}")
    for name in ("filter_bits", "input_bits"):
        bits = getattr(quantization, name)
        if not (bits == 0 or (4 <= bits <= 8 and not integer)):
            expected = "0 for int8, which has 16 bits there" if integer else "4 to 8, or 0"
            raise ConfigError(f"quantization.{name} is {bits}, expected {expected}")
    if not 6 <= quantization.fraction_bits <= 12:
        raise ConfigError(
            f"quantization.fraction_bits is {quantization.fraction_bits}, expected 6 to 12"
        )
    if not 50.0 < quantization.percentile <= 100.0:
        raise ConfigError(
            f"quantization.percentile is {quantization.percentile}, expected above 50, to 100"
        )
    if quantization.diagonal == "apart" and network.kind == "pgd":
        raise ConfigError("quantization.diagonal is apart, expected inside for pgd")
    if integer and network.denoiser == "posterior_mean":
        raise ConfigError("network.denoiser is posterior_mean, expected another for int8")
    outer = (1 << (config.link.bits_per_symbol // 2)) - 1
    if integer and outer << quantization.fraction_bits >= 1 << 15:
        raise ConfigError(f"quantization.fraction_bits is {quantization.fraction_bits}, expected "
                          f"less, so that {outer} fits 16 bits")  # fmt: skip
    if quantization.training == "straight_through":
        if quantization.arithmetic == "float32":
            raise ConfigError("quantization.training is straight_through, expected none where "
                              "quantization.arithmetic is float32")  # fmt: skip
        if quantization.float_epochs >= config.schedule.epochs:
            raise ConfigError(f"quantization.float_epochs is {quantization.float_epochs}, expected "
                              "less than schedule.epochs")  # fmt: skip


def _check_schedule(schedule: DetectorScheduleConfig) -> None:
    if schedule.samples and schedule.samples < schedule.channels:
        raise ConfigError(f"schedule.samples is {schedule.samples}, expected 0, or at least "
                          "schedule.channels")  # fmt: skip
    if schedule.samples and schedule.vectors != 1:
        raise ConfigError(f"schedule.vectors is {schedule.vectors}, expected 1 where "
                          "schedule.samples are fixed")  # fmt: skip
