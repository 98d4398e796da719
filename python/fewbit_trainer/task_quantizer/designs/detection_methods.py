# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symbol detection's methods, each from its settings to a `Design` with its figures."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np

from ..chain import Chain
from .cells import MOST_CELLS
from .design import Design, DesignError, one_count
from .measure import chain_detector, measure_ber
from .models import SymbolDetection, exponential_channel
from .pilots import estimate_channel
from .quantized_map import DEFAULT_SUPPORT, quantized_map, quantized_map_error_rate
from .rotation_lookup import rotation_lookup


@dataclass(frozen=True, kw_only=True)
class DetectionSettings:
    """The problem, and the ADCs' levels."""

    levels: int | list[int] = 8
    """Of every ADC, or of each"""
    snr_db: float = 10.0
    """1 / sigma^2"""
    antennas: int = 12
    users: int = 4
    seed: int = 1

    @property
    def model(self) -> SymbolDetection:
        return SymbolDetection(self.snr_db, exponential_channel(self.antennas, self.users))

    def simulated(self, chain: Chain, vectors: int) -> dict[str, float]:
        """The chain's bit error rate over fresh vectors, with its standard error."""
        rng = np.random.default_rng([self.seed, 1])
        found = measure_ber(chain_detector(chain), self.model, vectors, rng)
        return {"ber": found.value, "ber_error": found.error}

    def design(self, method: str, chain: Chain, ber: dict[str, float], data: str) -> Design:
        """The chain with its figure and these settings."""
        figures = {"snr_db": self.snr_db, **ber}
        snr = (self.snr_db, self.snr_db)
        return Design(chain, method, data, snr, self.seed, asdict(self), [figures])


_KNOWN = "the channel exp(-|i - j|), known"


@dataclass(frozen=True, kw_only=True)
class RotationLookupSettings(DetectionSettings):
    """`rotation_lookup`."""

    thresholds: str = "uniform"
    """or "optimised" """
    starts: int = 24
    """Local searches, of which the best is taken"""
    samples: int = 0
    """Pilots that the channel is estimated from; 0: it is known"""
    csi_variance: float = 0.0
    """Of the relative error of the channel's entries in the pilots, drawn for each frame"""
    frames: int = 10
    """Of the pilots under CSI uncertainty"""
    measured_vectors: int = 1 << 20
    """Where there are too many cells to sum over, the BER is measured on these"""

    def __post_init__(self) -> None:
        if self.csi_variance and not self.samples >= self.frames >= 1:
            raise DesignError(
                f"samples is {self.samples} in {self.frames} frames under csi_variance; expected "
                "at least one sample in each of at least one frame"
            )


def rotation_lookup_design(settings: RotationLookupSettings) -> Design:
    """R U^T, one ADC for each user, cell probabilities."""
    levels = settings.levels
    counts = [levels] * settings.users if isinstance(levels, int) else list(levels)
    believed, data = _believed(settings)
    found = rotation_lookup(believed, counts, settings.seed, settings.starts, settings.thresholds)
    chain = found.chain()
    if math.prod(counts) <= MOST_CELLS:
        ber = {"ber": found.exact_error_rate(settings.model)}
    else:
        ber = settings.simulated(chain, settings.measured_vectors)
    return settings.design("rotation_lookup", chain, ber, data)


def _believed(settings: RotationLookupSettings) -> tuple[SymbolDetection, str]:
    """What the receiver takes the channel to be, and where from."""
    model, count, variance = settings.model, settings.samples, settings.csi_variance
    if count == 0:
        return model, _KNOWN
    rng = np.random.default_rng([settings.seed, 0])
    data = f"{count} pilots over the channel exp(-|i - j|)"
    if variance:
        data += f", {settings.frames} frames of relative channel errors of variance {variance:g}"
        x, c = model.draw_uncertain(settings.frames, count // settings.frames, rng, variance)
    else:
        x, c = model.draw(count, rng)
    return estimate_channel(x, c, settings.users), data


@dataclass(frozen=True, kw_only=True)
class QuantizedMapSettings(DetectionSettings):
    """`quantized_map`."""

    levels: int | list[int] = 2
    """The same for all; floor(2^R)"""
    support: float = DEFAULT_SUPPORT
    measured_vectors: int = 1 << 18
    """Where there are too many cells to sum over, the BER is measured on these"""


def quantized_map_design(settings: QuantizedMapSettings) -> Design:
    """An ADC for every antenna, uniform on [-support, support]."""
    levels, model = one_count(settings.levels), settings.model
    chain = quantized_map(model, levels, settings.support)
    if levels**model.inputs <= MOST_CELLS:
        ber = {"ber": quantized_map_error_rate(model, levels, settings.support)}
    else:
        ber = settings.simulated(chain, settings.measured_vectors)
    return settings.design("quantized_map", chain, ber, _KNOWN)
