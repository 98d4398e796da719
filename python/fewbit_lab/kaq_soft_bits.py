# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What MIMO detectors' LLRs tell, and whether they are as sure as they say.

A bit b with LLR L, s = 2 b - 1, has probability 1 / (1 + exp(-s L)) by the LLR's own word.

- What LLRs *tell* is 1 - log2(1 + exp(-s L)) bits on average: what a decoder gets that believes
  them. Those that are too sure may tell less than nothing.
- What they *hold* is their mutual information with the bit: what a decoder would get that had a
  table of how often LLRs of each size are wrong. 1 - h2(wrong / bits) over fine bins of |LLR|.
- What they hold *by vector* is the same with a table for each eighth of the vectors, by how many
  wrong bits a vector's LLRs foresee: what one would get who found out which vectors failed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fewbit_lab.confidence import clustered_wilson, jackknife_interval
from fewbit_lab.kaq_curves import UNKNOWN, Interval
from fewbit_lab.kaq_link import detector_of, draw

#: Bins of |LLR| for calibration; the last is open.
EDGES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)
#: Fine ones, for what LLRs hold.
FINE_EDGES = (
    *(0.125 * step for step in range(48)),
    *(6.0 + 0.5 * step for step in range(12)),
    *(12.0 + 2.0 * step for step in range(27)),
)
#: Coarser ones, where vectors are told apart too.
EIGHTHS = 8
MEDIUM_EDGES = (
    *(0.25 * step for step in range(24)),
    *(6.0 + step for step in range(6)),
    *(12.0 + 4.0 * step for step in range(13)),
)


@dataclass(frozen=True)
class SoftBits:
    """Of every detector at `coordinates["snr_db"]`, on the same vectors: `told`, the sum over the
    bits of what they tell; `fine`, [bits, wrong ones] in each of FINE_EDGES; `by_vector`, the same
    in each of MEDIUM_EDGES for each of EIGHTHS of the vectors; and in each of EDGES `bits`,
    `wrong`, `expected`, the wrong bits that the LLRs foresee, and `squares`, the sum over the
    vectors of their wrong bits squared."""

    vectors: int
    detectors: Mapping[str, str] = field(repr=False)
    """Specifications by name"""

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        drawn = draw(self.vectors, float(coordinates["snr_db"]), seed)
        sent = drawn.bits.reshape(self.vectors, -1).astype(np.float32)
        found: dict[str, Any] = {"vectors": self.vectors, "detectors": {}}
        for name, text in self.detectors.items():
            detector = detector_of(text)
            detector.prepare(drawn.h, drawn.noise_variance)
            towards = (2.0 * sent - 1.0) * detector.llrs(drawn.y, 1)
            found["detectors"][name] = counts(towards)
        return found


def counts(towards: np.ndarray) -> dict[str, Any]:
    """As SoftBits says, of `towards` = s L [vectors, bits]. An LLR of 0 is half a wrong bit, by
    its own word and when it is counted."""
    vectors = len(towards)
    sure = np.abs(towards)
    wrong = np.where(towards < 0.0, 1.0, np.where(towards == 0.0, 0.5, 0.0))
    foreseen = 1.0 / (1.0 + np.exp(np.minimum(sure, 80.0)))
    lost = np.logaddexp(0.0, -towards).sum(dtype=float) / math.log(2.0)
    place = np.digitize(sure, EDGES) - 1
    fine = np.digitize(sure, FINE_EDGES) - 1
    every, bins = np.ones_like(wrong), len(EDGES)
    of_vector = _by_bin(place + bins * np.arange(vectors)[:, None], bins * vectors, wrong)
    return {
        "told": towards.size - float(lost),
        "fine": [_by_bin(fine, len(FINE_EDGES), of).tolist() for of in (every, wrong)],
        "by_vector": _by_vector(sure, wrong, foreseen),
        "bits": _by_bin(place, bins, every).tolist(),
        "wrong": _by_bin(place, bins, wrong).tolist(),
        "expected": _by_bin(place, bins, foreseen).tolist(),
        "squares": (of_vector.reshape(vectors, bins) ** 2).sum(axis=0).tolist(),
    }


def _by_vector(sure: np.ndarray, wrong: np.ndarray, foreseen: np.ndarray) -> list[list[float]]:
    """Bits, and wrong ones, by eighths of the vectors and in them by size."""
    order = foreseen.mean(axis=1).argsort(kind="stable")
    eighth = np.empty(len(order), dtype=int)
    eighth[order] = np.arange(len(order)) * EIGHTHS // len(order)
    bins = len(MEDIUM_EDGES)
    place = np.digitize(sure, MEDIUM_EDGES) - 1 + bins * eighth[:, None]
    return [_by_bin(place, bins * EIGHTHS, of).tolist() for of in (np.ones_like(wrong), wrong)]


def held(bits: np.ndarray, wrong: np.ndarray) -> float:
    """What all LLRs hold, in bits, from how many there are and are wrong in each bin."""
    rate = np.clip(wrong / np.maximum(bits, 1.0), 1e-300, 1.0)
    right = np.clip(1.0 - rate, 1e-300, 1.0)
    entropy = -rate * np.log2(rate) - right * np.log2(right)
    return float(np.sum(bits * (1.0 - entropy)))


def _by_bin(place: np.ndarray, bins: int, values: np.ndarray) -> np.ndarray:
    return np.bincount(place.ravel(), values.ravel(), bins)


@dataclass(frozen=True)
class Bin:
    """LLRs of about one size: how many, the error rate that they foresee and the one they have."""

    bits: int
    foreseen: float
    found: Interval


class SoftBitTable:
    """What detectors' LLRs tell at SNRs in dB, in bits of a vector's."""

    def __init__(self, batches: Mapping[float, Sequence[Mapping[str, Any]]]) -> None:
        self._batches = batches

    @property
    def snr_db(self) -> list[float]:
        return list(self._batches)

    def vectors(self, snr_db: float) -> int:
        return sum(batch["vectors"] for batch in self._batches[snr_db])

    def told(self, name: str, snr_db: float) -> Interval:
        """(bits of a vector's, low, high) with the jackknife's limits over batches; NaN without."""
        return self._jackknife(snr_db, lambda batches: self._told(batches, name))

    def held(self, name: str, snr_db: float) -> Interval:
        """Likewise."""
        return self._jackknife(snr_db, lambda batches: self._held(batches, name))

    def held_by_vector(self, name: str, snr_db: float) -> Interval:
        """Likewise."""
        return self._jackknife(snr_db, lambda batches: self._held(batches, name, "by_vector"))

    def less(self, name: str, than: str, snr_db: float, bins: str = "fine") -> Interval:
        """What `name`'s LLRs tell less than those of `than` hold (`bins` "by_vector": hold by
        vector), on the same vectors, so that their common luck cancels."""
        return self._jackknife(
            snr_db, lambda batches: self._held(batches, than, bins) - self._told(batches, name)
        )

    def bins(self, name: str, snr_db: float) -> list[Bin]:
        """By |LLR|; a vector's wrong bits of a bin err together."""
        batches = self._batches.get(snr_db, ())
        if not batches or name not in batches[0]["detectors"]:
            return []
        sums = {
            key: np.sum([batch["detectors"][name][key] for batch in batches], axis=0)
            for key in ("bits", "wrong", "expected", "squares")
        }
        vectors, found = self.vectors(snr_db), []
        for bits, wrong, expected, squares in zip(*sums.values(), strict=True):
            if bits < 1:
                found.append(Bin(0, math.nan, UNKNOWN))
                continue
            share = bits / vectors
            low, high = clustered_wilson(round(wrong), round(squares), vectors, share)
            found.append(Bin(round(bits), expected / bits, (wrong / bits, low, high)))
        return found

    @staticmethod
    def _told(batches: Sequence[Mapping[str, Any]], name: str) -> float:
        vectors = sum(batch["vectors"] for batch in batches)
        return math.fsum(batch["detectors"][name]["told"] for batch in batches) / vectors

    @staticmethod
    def _held(
        batches: Sequence[Mapping[str, Any]], name: str, bins: str = "fine"
    ) -> float:
        bits, wrong = np.sum([batch["detectors"][name][bins] for batch in batches], axis=0)
        return held(bits, wrong) / sum(batch["vectors"] for batch in batches)

    def _jackknife(
        self, snr_db: float, value: Callable[[Sequence[Mapping[str, Any]]], float]
    ) -> Interval:
        batches = list(self._batches.get(snr_db, ()))
        if not batches:
            return UNKNOWN
        try:
            parts = range(len(batches)) if len(batches) > 1 else ()
            left_out = [value(batches[:i] + batches[i + 1 :]) for i in parts]
            return jackknife_interval(value(batches), left_out)
        except KeyError:  # a detector that was left out
            return UNKNOWN
