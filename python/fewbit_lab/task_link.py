# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two problems of "Deep Task-Based Quantization" as random draws, a batch at a time.

Vectors are real, float32, [vectors, n]; a complex vector is stacked [Re; Im]
(docs/task_quantizer.md). Every call draws from its own seed alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from gnuradio.fewbit import algorithms

#: The paper's: n_t, n_u, tau_p, P, and its antennas and users of symbol detection.
ESTIMATION_ANTENNAS, ESTIMATION_USERS, PILOTS, POWER = 10, 4, 12, 4.0
DETECTION_ANTENNAS, DETECTION_USERS = 12, 4
#: Variance of a channel entry's error under CSI uncertainty, in units of the entry squared.
CSI_VARIANCE = 0.2


@dataclass(frozen=True)
class EstimationLink:
    """Section IV-A: y = sqrt(P) (Phi kron I) h + w, estimate h; h and w iid CN(0, 1).

    x = [Re y; Im y] has n = 240 entries, s = [Re h; Im h] k = 80 of variance 1/2.
    """

    power: float = POWER

    @cached_property
    def mixing(self) -> np.ndarray:
        """sqrt(P) (Phi kron I), complex64 [120, 40]: Phi is the first four columns of the 12-point
        DFT matrix."""
        time, user = np.arange(PILOTS)[:, None], np.arange(ESTIMATION_USERS)
        phi = np.exp(-2j * np.pi * time * user / PILOTS)
        mixing = np.sqrt(self.power) * np.kron(phi, np.eye(ESTIMATION_ANTENNAS))
        return mixing.astype(np.complex64)

    def draw(self, vectors: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """(x [vectors, n], s [vectors, k])"""
        rng = np.random.default_rng(seed)
        half = (vectors, self.mixing.shape[1], 2)
        h = np.sqrt(0.5) * rng.standard_normal(half, dtype=np.float32)
        h = h.astype(np.float32).view(np.complex64)[..., 0]
        y = algorithms.linear_channel(self.mixing, 1.0, seed=_seed(rng)).apply(h)
        return _stacked(y), _stacked(h)


def _stacked(values: np.ndarray) -> np.ndarray:
    return np.concatenate([values.real, values.imag], axis=1)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1, 2**62))


def true_channel() -> np.ndarray:
    """H_ij = exp(-|i - j|), float64 [12, 4]."""
    apart = np.arange(DETECTION_ANTENNAS)[:, None] - np.arange(DETECTION_USERS)
    return np.exp(-np.abs(apart).astype(float))


def uncertain_channel(rng: np.random.Generator) -> np.ndarray:
    """H with an independent error in each entry: H_ij (1 + sqrt(.2) N(0, 1))."""
    channel = algorithms.linear_channel(true_channel().astype(np.float32), 0.0, seed=_seed(rng))
    channel.perturb(CSI_VARIANCE)
    return channel.matrix.real.astype(float)


def symbols() -> np.ndarray:
    """[16, 4]: the users' symbols of every class, s_i = 1 - 2 b_i, user 0's bit least
    significant."""
    return 1.0 - 2.0 * ((np.arange(2**DETECTION_USERS)[:, None] >> np.arange(DETECTION_USERS)) & 1)


def noise_deviation(snr_db: float) -> float:
    """sigma where the SNR is 1 / sigma^2."""
    return float(10.0 ** (-snr_db / 20.0))


def detection_draw(
    vectors: int, snr_db: float, seed: int | np.random.Generator, channel: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Section IV-B: x = H s + w, BPSK users: (x float32 [vectors, 12], classes uint8 [vectors]).

    Without `channel`, the true one.
    """
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, 2**DETECTION_USERS, vectors, dtype=np.uint8)
    used = (true_channel() if channel is None else channel).astype(np.float32)
    link = algorithms.linear_channel(used, noise_deviation(snr_db) ** 2, seed=_seed(rng))
    return link.apply(symbols().astype(np.float32)[classes]), classes


def wrong_bits(decided: np.ndarray, sent: np.ndarray) -> np.ndarray:
    """Bits in which each decided class differs from what was sent, [vectors]."""
    ones = np.array([bin(number).count("1") for number in range(2**DETECTION_USERS)])
    return ones[decided ^ sent]
