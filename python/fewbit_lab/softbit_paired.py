# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paired measurements of many codecs on the same packets, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fewbit_lab.confidence import mean_interval, wilson
from fewbit_lab.results import Series, interval_curve
from fewbit_lab.snr_loss import Loss, paired_losses, smoothed, snr_at
from fewbit_lab.softbit_schemes import Scheme

SNR_LABEL = "SNR [dB]"
BLER_LABEL = "block error rate"
CODED_BITS = 648
Batches = list[dict[str, Any]]


class PairedErrors:
    """The batches of paired schemes as arrays, and what follows from them."""

    def __init__(
        self, snr_db: Sequence[float], schemes: Sequence[Scheme], found: list[Batches]
    ) -> None:
        self.snr_db = [float(snr) for snr in snr_db]
        self.schemes = list(schemes)
        self.packets = [np.array([b["packets"] for b in batches]) for batches in found]
        self.errors = [np.array([b["errors"] for b in batches]) for batches in found]
        self.bytes = [np.array([b["bytes"] for b in batches]) for batches in found]
        self.coded_bytes = [np.array([b["coded_bytes"] for b in batches]) for batches in found]

    def rate(self, scheme: int, point: int) -> tuple[float, float, float]:
        """(rate, low, high)"""
        errors = int(self.errors[point][:, scheme].sum())
        packets = int(self.packets[point].sum())
        return errors / packets, *wilson(errors, packets)

    def curves(self) -> list[Series]:
        series = []
        for number, scheme in enumerate(self.schemes):
            rates = [self.rate(number, point) for point in range(len(self.snr_db))]
            series.append(interval_curve(scheme.name, self.snr_db, rates, SNR_LABEL, BLER_LABEL))
        return series

    def losses(self, targets: list[float], seed: int) -> list[list[Loss]]:
        return paired_losses(np.array(self.snr_db), self.errors, self.packets, targets, seed=seed)

    def bits(self, scheme: int, coded: bool = False) -> list[float]:
        """Bits per LLR of the stored body at every SNR."""
        source = self.coded_bytes if coded else self.bytes
        return [
            8.0 * float(source[p][:, scheme].sum()) / (CODED_BITS * float(self.packets[p].sum()))
            for p in range(len(self.snr_db))
        ]

    def mean_bits(self, scheme: int, coded: bool = False) -> float:
        """The paper's average: over the SNRs where the uncompressed error rate is in 1 .. .001."""
        bits = self.bits(scheme, coded)
        used = [b for p, b in enumerate(bits) if 0.001 <= self.rate(0, p)[0] < 1.0]
        return float(np.mean(used or bits))

    def mean_bits_interval(self, scheme: int) -> tuple[float, float, float]:
        """mean_bits() with 95 % limits: the points are independent, their half widths add up in
        quadrature."""
        used = [p for p in range(len(self.snr_db)) if 0.001 <= self.rate(0, p)[0] < 1.0]
        used = used or list(range(len(self.snr_db)))
        limits = [self.bits_interval(scheme, p) for p in used]
        half = math.hypot(*(high - mean for mean, _, high in limits)) / len(used)
        mean = self.mean_bits(scheme)
        return mean, mean - half, mean + half

    def bits_interval(
        self, scheme: int, point: int, coded: bool = False
    ) -> tuple[float, float, float]:
        """Bits per LLR at a point with 95 % limits."""
        source = self.coded_bytes if coded else self.bytes
        bits = 8.0 * source[point][:, scheme] / (CODED_BITS * self.packets[point])
        return mean_interval([float(b) for b in bits])

    def bits_at(
        self, scheme: int, target: float, coded: bool = False
    ) -> tuple[float, float, float]:
        """Bits per LLR, with 95 % limits, where the uncompressed link has this error rate
        (interpolated)."""
        totals = np.array([e[:, 0].sum() for e in self.errors])
        rates = smoothed(totals, np.array([n.sum() for n in self.packets]))
        at = float(snr_at(np.array(self.snr_db), rates, target))
        limits = [self.bits_interval(scheme, p, coded) for p in range(len(self.snr_db))]
        mean, low, high = (float(np.interp(at, self.snr_db, c)) for c in zip(*limits, strict=True))
        return mean, low, high

    def difference(self, of: int, minus: int, bits: bool) -> tuple[float, float, float]:
        """Bits per LLR (or error rate) of one scheme less another's, on the same packets: the mean
        over all SNRs with 95 % limits."""
        limits = []
        for point, packets in enumerate(self.packets):
            source = self.bytes if bits else self.errors
            scale = 8.0 / CODED_BITS if bits else 1.0
            apart = scale * (source[point][:, of] - source[point][:, minus]) / packets
            limits.append(mean_interval([float(d) for d in apart]))
        mean = math.fsum(m for m, _, _ in limits) / len(limits)
        half = math.hypot(*(high - m for m, _, high in limits)) / len(limits)
        return mean, mean - half, mean + half

    def table(self, losses: list[list[Loss]], targets: list[float]) -> list[dict[str, Any]]:
        """A row a scheme: what it stores and what it loses, each as value and 95 % limits."""
        overhead = container_overhead()
        rows = []
        for number, scheme in enumerate(self.schemes):
            row: dict[str, Any] = {
                "name": scheme.name,
                "family": scheme.family,
                "specification": scheme.specification,
                "bits_per_llr": list(self.mean_bits_interval(number)),
                "bits_per_llr_in_container": self.mean_bits(number) + 8.0 * overhead / CODED_BITS,
                "bits_per_llr_at_bler_0.1": list(self.bits_at(number, 0.1)),
                "coded_bits_per_llr_at_bler_0.1": list(self.bits_at(number, 0.1, coded=True)),
            }
            for target, loss in zip(targets, losses[number], strict=True):
                row[f"loss_db_at_bler_{target:g}"] = [loss.db, loss.low, loss.high]
            rows.append(row)
        return rows

    def added_rate(self, scheme: int, point: int) -> tuple[float, float, float]:
        """Error rate above the reference's on the same packets: (mean, low, high)."""
        added = self.errors[point][:, scheme] - self.errors[point][:, 0]
        return mean_interval([float(d) for d in added / self.packets[point]])


def container_overhead() -> int:
    """Bytes that the container adds to a body that leaves the process."""
    from gnuradio.fewbit import algorithms

    return len(algorithms.seal_container(b"", 0, CODED_BITS))
