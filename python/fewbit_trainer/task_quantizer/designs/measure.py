# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated figures of hardened chains and of the detector without quantization.

Each is a mean with one standard error, of vectors drawn independently.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..chain import Chain, class_bits, decide
from ..normal import Floats
from .models import ChannelEstimation, SymbolDetection

_CHUNK = 1 << 13


class Measured(NamedTuple):
    """A mean over vectors and its standard error."""

    value: float
    error: float


def _mean(per_vector: Callable[[int], Floats], count: int) -> Measured:
    parts = [per_vector(min(_CHUNK, count - start)) for start in range(0, count, _CHUNK)]
    values = np.concatenate(parts)
    return Measured(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))


def measure_mse(
    estimator: Callable[[Floats], Floats],
    model: ChannelEstimation,
    count: int,
    rng: np.random.Generator,
    power: ArrayLike | None = None,
) -> Measured:
    """Mean square error per real entry of s over `count` vectors, of a chain or any function from
    [t, n] to [t, k]. `power` takes the place of the model's."""

    def squares(vectors: int) -> Floats:
        x, s = model.draw(vectors, rng, power)
        return np.mean((estimator(x) - s) ** 2, axis=1)

    return _mean(squares, count)


def map_decisions(observations: Floats, believed: SymbolDetection) -> NDArray[np.intp]:
    """argmin_s |x - H s|^2, the lowest class where equal; H is the believed channel's."""
    means = believed.means
    return decide(observations @ means.T - np.sum(means**2, axis=1) / 2)


def measure_ber(
    detector: Callable[[Floats], NDArray[np.intp]],
    model: SymbolDetection,
    count: int,
    rng: np.random.Generator,
) -> Measured:
    """Bit error rate over `count` vectors of a function from x [t, n] to classes [t]."""

    def errors(vectors: int) -> Floats:
        x, classes = model.draw(vectors, rng)
        return np.mean(class_bits(detector(x) ^ classes, model.outputs), axis=1)

    return _mean(errors, count)


def chain_detector(chain: Chain) -> Callable[[Floats], NDArray[np.intp]]:
    """The chain's decisions."""
    return lambda x: decide(chain(x))


def map_error_rate(model: SymbolDetection, count: int, rng: np.random.Generator) -> Measured:
    """BER of MAP without quantization, the channel known."""
    return measure_ber(lambda x: map_decisions(x, model), model, count, rng)


def map_error_rate_uncertain(
    model: SymbolDetection,
    frames: int,
    frame_samples: int,
    rng: np.random.Generator,
    variance: float = 0.2,
) -> Measured:
    """BER of MAP that believes an uncertain channel, another one in each frame; the standard error
    is over frames."""
    rates = np.empty(frames)
    for i in range(frames):
        believed = SymbolDetection(model.snr_db, model.uncertain_channel(rng, variance))
        x, classes = model.draw(frame_samples, rng)
        rates[i] = np.mean(class_bits(map_decisions(x, believed) ^ classes, model.outputs))
    return Measured(float(rates.mean()), float(rates.std(ddof=1) / np.sqrt(frames)))
