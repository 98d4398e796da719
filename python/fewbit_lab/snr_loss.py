# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a codec costs in dB: the SNR at which a target error rate is reached, and the difference.

Error rates fall nearly straight on a logarithmic scale over dB, so the SNR of a target is found by
linear interpolation of log10(rate) between the two points around it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Interval = tuple[float, float, float]

#: Batches at each point from which a bootstrap interval is worth its name.
LEAST_BATCHES = 15


@dataclass(frozen=True)
class Loss:
    """A loss in dB and its 95 % confidence interval.

    A scheme that stays above the target has an infinite `db` and upper limit, and as lower limit
    what it loses at least: up to the last SNR. All NaN where the reference misses the target.
    """

    db: float
    low: float
    high: float


def snr_at(snr_db: np.ndarray, rates: np.ndarray, target: float) -> np.ndarray:
    """The SNR in dB at which a falling error rate crosses `target`.

    `snr_db` is [points], ascending; `rates` is [..., points] or [points]. The first crossing from
    above counts. NaN where there is none, that is, where the points do not reach around the
    target, as one point cannot. A rate of 0 must have been replaced by something positive (see
    `smoothed`).
    """
    snr_db = np.asarray(snr_db, float)
    rates = np.asarray(rates, float)
    if rates.shape[-1] < 2:
        return np.full(rates.shape[:-1], np.nan)
    above = rates >= target
    falls = above[..., :-1] & ~above[..., 1:]
    found = falls.any(axis=-1)
    left = falls.argmax(axis=-1)
    index = np.expand_dims(left, -1)
    high = np.log10(np.take_along_axis(rates, index, axis=-1))[..., 0]
    low = np.log10(np.take_along_axis(rates, index + 1, axis=-1))[..., 0]
    share = (high - np.log10(target)) / np.where(high > low, high - low, 1.0)
    return np.where(found, snr_db[left] + share * (snr_db[left + 1] - snr_db[left]), np.nan)


def smoothed(errors: np.ndarray, packets: np.ndarray) -> np.ndarray:
    """Error rates for interpolation: no error in n packets is taken as half an error."""
    return np.maximum(errors, 0.5) / packets


def paired_losses(
    snr_db: np.ndarray,
    errors: list[np.ndarray],
    packets: list[np.ndarray],
    targets: list[float],
    *,
    reference: int = 0,
    resamples: int = 2000,
    seed: int = 1,
) -> list[list[Loss]]:
    """The loss of every scheme against scheme `reference` at every target: [schemes][targets].

    `errors[p]` is [batches, schemes] at point p, where all schemes saw the same packets, and
    `packets[p]` is [batches]. The interval is a percentile bootstrap over batches: each resample
    draws a point's batches with replacement, the same ones for all schemes, so that the luck which
    they share cancels as it does in the estimate. Resamples that miss the target count: the
    crossing is then somewhere beyond the points, and each limit takes the worst place there. Fewer
    than LEAST_BATCHES at a point do not show their own spread: the limits are then infinite.
    """
    totals = np.array([e.sum(axis=0) for e in errors], float)
    counts = np.array([n.sum() for n in packets], float)
    estimate = smoothed(totals, counts[:, None]).T
    rng = np.random.default_rng(seed)
    resampled = np.empty((resamples, estimate.shape[0], len(errors)))
    for point, (e, n) in enumerate(zip(errors, packets, strict=True)):
        weights = rng.multinomial(len(n), np.full(len(n), 1.0 / len(n)), size=resamples)
        resampled[:, :, point] = smoothed(weights @ e, (weights @ n)[:, None])
    result: list[list[Loss]] = [[] for _ in range(estimate.shape[0])]
    for target in targets:
        first, last = _crossing_range(snr_db, estimate, target)
        lowest, highest = _crossing_range(snr_db, resampled, target)
        for scheme in range(len(estimate)):
            if not np.isfinite(last[reference]) or not np.isfinite(first[reference]):
                result[scheme].append(Loss(np.nan, np.nan, np.nan))
                continue
            if scheme == reference:
                result[scheme].append(Loss(0.0, 0.0, 0.0))
                continue
            low = _quantile(lowest[:, scheme] - highest[:, reference], 0.025, "lower")
            high = _quantile(highest[:, scheme] - lowest[:, reference], 0.975, "higher")
            edge = first if np.isinf(first[scheme]) else last
            db = float(edge[scheme] - last[reference])
            if min(len(n) for n in packets) < LEAST_BATCHES:
                low, high = -np.inf, np.inf
            result[scheme].append(Loss(db, low, high))
    return result


def _crossing_range(
    snr_db: np.ndarray, rates: np.ndarray, target: float
) -> tuple[np.ndarray, np.ndarray]:
    """Where the crossing lies at least and at most: equal where it is found; above the last SNR
    where the rate never falls below the target, below the first where it always is."""
    at = snr_at(snr_db, rates, target)
    missing = np.isnan(at)
    above = np.asarray(rates)[..., -1] >= target
    low = np.where(missing, np.where(above, snr_db[-1], -np.inf), at)
    high = np.where(missing, np.where(above, np.inf, snr_db[0]), at)
    return low, high


def _quantile(values: np.ndarray, share: float, method: str) -> float:
    """An order statistic, so that infinities sort and are not averaged."""
    return float(np.quantile(values, share, method=method))


def crossing(snr_db: Sequence[float], rates: Sequence[Interval], target: float) -> Interval:
    """Where a curve, and those of its lower and upper limits, fall to a target: log-linear between
    points. Above the last point: infinite; below the first: minus infinite; NaN without a curve."""
    used = [(x, rate) for x, rate in zip(snr_db, rates, strict=True) if not math.isnan(rate[0])]
    if not used:
        return (math.nan,) * 3
    x = np.array([point for point, _ in used])
    found = []
    for column in zip(*(rate for _, rate in used), strict=True):
        y = np.clip(np.array(column), 1e-12, 1.0)
        at = float(snr_at(x, y, target))
        if math.isnan(at):
            at = math.inf if y[-1] >= target else -math.inf
        found.append(at)
    middle, low, high = found
    return middle, low, high
