# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""From batches of bit errors of many detectors to rates, their limits, and paired ratios."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fewbit_lab.confidence import clustered_wilson, jackknife_interval
from fewbit_lab.kaq_link import THE_LINK, Link

Interval = tuple[float, float, float]
UNKNOWN: Interval = (math.nan,) * 3


class BitErrorTable:
    """Bit error rates of detectors, by name, at SNRs in dB."""

    def __init__(
        self, batches: Mapping[float, Sequence[Mapping[str, Any]]], link: Link = THE_LINK
    ) -> None:
        self._batches = batches
        self._bits = link.bits

    @property
    def snr_db(self) -> list[float]:
        return list(self._batches)

    def vectors(self, name: str, snr_db: float) -> int:
        """That a detector was measured on: some batches are of a few detectors alone."""
        return sum(batch["vectors"] for batch in self._with(snr_db, name))

    def rate(self, name: str, snr_db: float, confidence: float = 0.95) -> Interval:
        """(rate, low, high) with Wilson's limits for bits that err together; NaN without it."""
        batches = self._with(snr_db, name)
        if not batches:
            return UNKNOWN
        errors = sum(batch["errors"][name] for batch in batches)
        squares = sum(batch["squares"][name] for batch in batches)
        vectors = self.vectors(name, snr_db)
        limits = clustered_wilson(errors, squares, vectors, self._bits, confidence)
        return errors / (vectors * self._bits), *limits

    def row(self, name: str, snr_db: Sequence[float]) -> dict[str, Any]:
        """A detector's error rates as results keep them."""
        return {
            "name": name,
            "snr_db": list(snr_db),
            "ber": [list(self.rate(name, snr)) for snr in snr_db],
            "vectors": [self.vectors(name, snr) for snr in snr_db],
        }

    def ratio(self, name: str, of: str, snr_db: float, confidence: float = 0.95) -> Interval:
        """Errors over another's on the same vectors, with the jackknife's limits over batches;
        NaN where one is not there or the other made too few to divide by."""
        batches = self._with(snr_db, name, of)
        if not batches:
            return UNKNOWN
        above = [batch["errors"][name] for batch in batches]
        below = [batch["errors"][of] for batch in batches]
        every, base = sum(above), sum(below)
        if any(base == one for one in below):
            return (every / base, -math.inf, math.inf) if base else UNKNOWN
        left_out = [(every - a) / (base - b) for a, b in zip(above, below, strict=True)]
        return jackknife_interval(every / base, left_out, confidence)

    def _with(self, snr_db: float, *names: str) -> list[Mapping[str, Any]]:
        batches = self._batches.get(snr_db, ())
        return [batch for batch in batches if set(names) <= batch["errors"].keys()]
