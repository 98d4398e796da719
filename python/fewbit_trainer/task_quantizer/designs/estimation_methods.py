# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel estimation's methods, each from its settings to a `Design` with its figures."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np

from ..chain import Chain
from .allocation import allocate_levels
from .blmmse import blmmse, levels_at_rate
from .closed_form import closed_form, closed_form_from_samples
from .design import Design, DesignError, one_count
from .gaussian_codes import affine_mse
from .hardware_limited import DEFAULT_SUPPORT, hardware_limited
from .measure import measure_mse
from .models import ChannelEstimation
from .phase_shifters import phase_shifters


@dataclass(frozen=True, kw_only=True)
class EstimationSettings:
    """The problem, and either the ADCs' levels or the rate that they spend."""

    levels: int | list[int] | None = None
    """Of every ADC, or of each"""
    rate: float | None = None
    """Bits per real input"""
    antennas: int = 10
    users: int = 4
    pilots: int = 12
    power: float = 4.0
    """P, a power ratio"""
    seed: int = 1

    def __post_init__(self) -> None:
        if (self.levels is None) == (self.rate is None):
            raise DesignError(
                f"levels is {self.levels} and rate is {self.rate}; give one of the two"
            )

    @property
    def model(self) -> ChannelEstimation:
        return ChannelEstimation(self.antennas, self.users, self.pilots, self.power)

    def counts(self) -> list[int]:
        """Levels of each of k ADCs; a rate is spent in full by mixed resolution."""
        model = self.model
        if self.rate is not None:
            return allocate_levels(self.rate * model.inputs, [1.0] * model.outputs)
        if isinstance(self.levels, int):
            return [self.levels] * model.outputs
        assert self.levels is not None
        return list(self.levels)

    def design(
        self,
        method: str,
        chain: Chain,
        figures: dict[str, float] | None = None,
        data: str = "exact moments of the channel estimation",
    ) -> Design:
        """The chain with its exact figure (or `figures`) and these settings."""
        if figures is None:
            figures = {"power": self.power, "mse": affine_mse(self.model.second_order(), chain)}
        snr = 10 * math.log10(self.power)
        return Design(chain, method, data, (snr, snr), self.seed, asdict(self), [figures])


@dataclass(frozen=True, kw_only=True)
class ClosedFormSettings(EstimationSettings):
    """`closed_form`."""

    samples: int = 1 << 15
    """Training samples; 0: the exact moments"""
    power_range: list[float] | None = None
    """Each sample's P is uniform in this range, and a block AGC follows it"""
    measured_vectors: int = 1 << 14
    """With a power range: fresh vectors of P = power that the figure is measured on"""

    def __post_init__(self) -> None:
        super().__post_init__()
        low_high = self.power_range
        if low_high is not None and not (len(low_high) == 2 and 0 < low_high[0] <= low_high[1]):
            raise DesignError(f"power_range is {low_high}; expected [least, most], above 0")
        if low_high is not None and self.samples == 0:
            raise DesignError("samples is 0; a power_range needs training samples")


def closed_form_design(settings: ClosedFormSettings) -> Design:
    """Linear MMSE combiner, Lloyd-Max ADCs, least squares."""
    if settings.samples == 0:
        chain = closed_form(settings.model.second_order(), settings.counts(), True)
        return settings.design("closed_form", chain)
    if settings.power_range is not None:
        return _closed_form_of_range(settings, settings.power_range)
    x, s = settings.model.draw(settings.samples, np.random.default_rng([settings.seed, 0]))
    chain = closed_form_from_samples(x, s, settings.counts(), complex_inputs=True)
    data = f"{settings.samples} samples of the channel estimation"
    return settings.design("closed_form", chain, data=data)


def _closed_form_of_range(settings: ClosedFormSettings, power_range: list[float]) -> Design:
    rng = np.random.default_rng([settings.seed, 0])
    low, high = power_range
    x, s = settings.model.draw(settings.samples, rng, rng.uniform(low, high, settings.samples))
    chain = closed_form_from_samples(x, s, settings.counts(), True, block_agc=True)
    fresh = np.random.default_rng([settings.seed, 1])
    found = measure_mse(chain, settings.model, settings.measured_vectors, fresh)
    figures = {"power": settings.power, "mse": found.value, "mse_error": found.error}
    data = f"{settings.samples} samples of the channel estimation, P uniform in [{low:g}, {high:g}]"
    return settings.design("closed_form", chain, figures, data)


@dataclass(frozen=True, kw_only=True)
class HardwareLimitedSettings(EstimationSettings):
    """`hardware_limited`; the bundle has no dither."""

    support: float = DEFAULT_SUPPORT
    """eta, in standard deviations of an ADC's input"""


def hardware_limited_design(settings: HardwareLimitedSettings) -> Design:
    """Water filling, rotation and uniform ADCs."""
    model = settings.model.second_order()
    found = hardware_limited(model, one_count(settings.levels), support=settings.support)
    design = settings.design("hardware_limited", found.chain(model, complex_inputs=True))
    design.measured[0]["eta_sc"] = found.predicted_mse
    return design


def blmmse_design(settings: EstimationSettings) -> Design:
    """An ADC for every input; a rate gives floor(2^rate) levels."""
    rate = settings.rate
    levels = one_count(settings.levels) if rate is None else levels_at_rate(rate)
    return settings.design("blmmse", blmmse(settings.model.second_order(), levels, True))


@dataclass(frozen=True, kw_only=True)
class PhaseShifterSettings(EstimationSettings):
    """`phase_shifters`."""

    phase_bits: int | None = 3
    """None: any phase"""


def phase_shifter_design(settings: PhaseShifterSettings) -> Design:
    """A combiner of phase shifters, Lloyd-Max ADCs and the best linear map."""
    chain = phase_shifters(settings.model, settings.counts(), settings.phase_bits, settings.seed)
    return settings.design("phase_shifters", chain)
