# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the MIMO detection figures measure in a batch: every detector on the same vectors.

A new Rayleigh channel for each vector, known to all with its noise variance; 16 users of 16-QAM and
16 antennas where no other link is said. Run in worker processes, on the C++ classes that the blocks
run on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from gnuradio.fewbit import algorithms

from fewbit_lab.kaq_network import WRITTEN_OUT, WrittenOut
from fewbit_lab.monte_carlo import Measure, StopRule

_ONES = np.array([bin(label).count("1") for label in range(1 << 8)])


@dataclass(frozen=True)
class Link:
    """Rayleigh fading, with Kronecker correlation r^|i-j| at both ends."""

    users: int = 16
    antennas: int = 16
    bits_per_symbol: int = 4
    correlation: float = 0.0

    @property
    def bits(self) -> int:
        """Of a vector."""
        return self.users * self.bits_per_symbol


THE_LINK = Link()


@dataclass(frozen=True)
class Vectors:
    """What was sent (bits uint8 [n, users, bits_per_symbol], labels uint8 [n, users]) and what
    came: y [n, antennas] over h."""

    bits: np.ndarray
    sent: np.ndarray
    y: np.ndarray
    h: np.ndarray
    noise_variance: float


def draw(vectors: int, snr_db: float, seed: int, link: Link = THE_LINK) -> Vectors:
    """SNR is E||Hx||^2 / E||n||^2; symbols have unit energy and H_ij ~ CN(0, 1 / users)."""
    rng = np.random.default_rng(seed)
    width = link.bits_per_symbol
    bits = rng.integers(0, 2, (vectors, link.users, width), dtype=np.uint8)
    x = np.asarray(algorithms.qam_mapper(width).map(bits.reshape(-1)))
    noise_variance = 10.0 ** (-snr_db / 10.0)
    channel = algorithms.mimo_channel(
        link.antennas,
        link.users,
        noise_variance=noise_variance,
        block_len=1,
        receive_correlation=link.correlation,
        transmit_correlation=link.correlation,
        seed=int(rng.integers(0, 2**62)),
    )
    y, h = channel.apply(x.reshape(vectors, link.users).astype(np.complex64))
    labels = (bits @ (1 << np.arange(width)[::-1])).astype(np.uint8)
    return Vectors(bits, labels, y, h, noise_variance)


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
    link: Link = THE_LINK

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        drawn = draw(self.vectors, float(coordinates["snr_db"]), seed, self.link)
        errors, squares = {}, {}
        for name, text in self.detectors.items():
            detector = detector_of(text, self.link)
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


@dataclass(frozen=True)
class Parts:
    """Measures by the name in `coordinates["part"]`, or `main`'s where there is none."""

    main: Measure
    parts: Mapping[str, Measure] = field(default_factory=dict)

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        part = coordinates.get("part")
        return (self.main if part is None else self.parts[part])(coordinates, seed)


@dataclass(frozen=True)
class Effort:
    """A point ends once the watched detector has made `errors` wrong bits and `least` batches of
    `vectors` are done, at the latest after `most`."""

    vectors: int
    least: int
    most: int
    errors: int

    @property
    def rule(self) -> StopRule:
        return StopRule(most=self.most, counter="watched", enough=self.errors, least=self.least)


class Detector(Protocol):
    """What a figure asks of `algorithms.detector` and of networks written out."""

    def prepare(self, h: np.ndarray, noise_variance: float) -> Any: ...
    def labels(self, y: np.ndarray, block_len: int) -> np.ndarray: ...


@lru_cache(maxsize=64)
def detector_of(text: str, link: Link = THE_LINK) -> Detector:
    """One detector for all batches that a process runs: a specification of
    `algorithms.make_detector`, or `float16:FILE` and `clipped:FILE` of kaq_network."""
    kind, _, file = text.partition(":")
    if kind in WRITTEN_OUT:
        return WrittenOut(file, kind, link.bits_per_symbol)
    return algorithms.make_detector(text, link.antennas, link.users, link.bits_per_symbol)
