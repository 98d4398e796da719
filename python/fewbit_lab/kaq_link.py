# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the MIMO detection figures measure in a batch: every detector on the same vectors.

16 users of 16-QAM, 16 antennas, a new Rayleigh channel for each vector, known to all with its noise
variance. Run in worker processes, on the C++ classes that the blocks run on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from gnuradio.fewbit import algorithms

USERS = ANTENNAS = 16
BITS_PER_SYMBOL = 4
BITS = USERS * BITS_PER_SYMBOL
_WEIGHTS = 1 << np.arange(BITS_PER_SYMBOL)[::-1]
_ONES = np.array([bin(label).count("1") for label in range(1 << BITS_PER_SYMBOL)])


@dataclass(frozen=True)
class Vectors:
    """What was sent (labels uint8 [n, users]) and what came: y [n, antennas] over h."""

    sent: np.ndarray
    y: np.ndarray
    h: np.ndarray
    noise_variance: float


def draw(vectors: int, snr_db: float, seed: int) -> Vectors:
    """SNR is E||Hx||^2 / E||n||^2; symbols have unit energy and H_ij ~ CN(0, 1 / users)."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (vectors, USERS, BITS_PER_SYMBOL), dtype=np.uint8)
    x = np.asarray(algorithms.qam_mapper(BITS_PER_SYMBOL).map(bits.reshape(-1)))
    noise_variance = 10.0 ** (-snr_db / 10.0)
    channel = algorithms.mimo_channel(
        ANTENNAS,
        USERS,
        noise_variance=noise_variance,
        block_len=1,
        seed=int(rng.integers(0, 2**62)),
    )
    y, h = channel.apply(x.reshape(vectors, USERS).astype(np.complex64))
    return Vectors((bits @ _WEIGHTS).astype(np.uint8), y, h, noise_variance)


@dataclass(frozen=True)
class BitErrors:
    """Bit errors of every detector at `coordinates["snr_db"]`, on the same vectors.

    Counts: `vectors`; `errors` and `squares`, wrong bits and the sum over the vectors of their
    wrong bits squared, by detector; `watched`, the errors of the detector of that name.
    """

    vectors: int
    watched: str
    detectors: Mapping[str, str] = field(repr=False)
    """Specifications by name"""

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        drawn = draw(self.vectors, float(coordinates["snr_db"]), seed)
        errors, squares = {}, {}
        for name, text in self.detectors.items():
            detector = _detector(text)
            detector.prepare(drawn.h, drawn.noise_variance)
            found = detector.labels(drawn.y, 1)
            wrong = _ONES[found ^ drawn.sent].sum(axis=1)
            errors[name], squares[name] = int(wrong.sum()), int((wrong**2).sum())
        return {
            "vectors": self.vectors,
            "errors": errors,
            "squares": squares,
            "watched": errors.get(self.watched, 0),
        }


@lru_cache(maxsize=64)
def _detector(text: str) -> algorithms.detector:
    """One detector for all batches that a process runs."""
    return algorithms.make_detector(text, ANTENNAS, USERS, BITS_PER_SYMBOL)
