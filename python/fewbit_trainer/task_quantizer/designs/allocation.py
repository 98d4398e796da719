# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mixed resolution: levels for each ADC so that a budget of bits is spent in full.

The least sum_d v_d D(M_d) with sum_d log2 M_d within the budget, v_d the variance that ADC d
carries and D the Lloyd-Max distortion. The paper's rule gives every ADC floor(2^(B / p)) levels;
at half a bit per input of the channel estimation that is 2, for .1882, though 68 ADCs can have 3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

from ..lloyd_max import lloyd_max

_SLACK = 1e-9  # bits that rounding may add


def floor_rule(bits: float, adcs: int) -> list[int]:
    """The same number of levels for every ADC, floor(2^(bits / adcs)): the paper's."""
    return [math.floor(2 ** (bits / adcs) + _SLACK)] * adcs


def allocate_levels(bits: float, variances: Sequence[float], most_levels: int = 64) -> list[int]:
    """Levels of each ADC, 2 to `most_levels`, of the least total distortion found within `bits`.

    Steps of the most distortion saved per bit, then every exchange between two ADCs that saves
    more. Raises ValueError for a budget below one bit for each ADC.
    """
    if bits < len(variances) - _SLACK:
        raise ValueError(
            f"{bits:.4g} bits for {len(variances)} ADCs; use at least one bit for each"
        )
    if not all(math.isfinite(v) and v > 0 for v in variances):
        raise ValueError("variances must be positive and finite")
    levels = [2] * len(variances)
    while _best_step(levels, variances, bits, most_levels) or _exchange(
        levels, variances, bits, most_levels
    ):
        pass
    return levels


def _spent(levels: Sequence[int]) -> float:
    return sum(math.log2(m) for m in levels)


def _distortion(levels: int) -> float:
    return lloyd_max(levels).distortion


def _best_step(
    levels: list[int], variances: Sequence[float], bits: float, most_levels: int
) -> bool:
    """Raise one ADC's levels where that saves the most distortion per bit; False: none fits."""
    left = bits - _spent(levels) + _SLACK
    best = (0.0, -1, 0)
    for d, m in _first_of_each(levels, variances):
        for more in range(m + 1, most_levels + 1):
            cost = math.log2(more / m)
            if cost > left:
                break
            saved = variances[d] * (_distortion(m) - _distortion(more)) / cost
            best = max(best, (saved, d, more))
    if best[1] < 0:
        return False
    levels[best[1]] = best[2]
    return True


def _exchange(levels: list[int], variances: Sequence[float], bits: float, most_levels: int) -> bool:
    """Change two ADCs at once where that saves the most; False: no exchange saves anything."""
    left = bits - _spent(levels) + _SLACK
    entries = _first_of_each(levels, variances)
    best = (1e-12, -1, 0, -1, 0)
    for (i, a), (j, b) in product(entries, entries):
        if i == j:
            other = next(
                (
                    d
                    for d in range(i + 1, len(levels))
                    if (levels[d], variances[d]) == (a, variances[i])
                ),
                -1,
            )
            if other < 0:
                continue
            j = other
        for less in range(2, a):
            room = left + math.log2(a / less)
            more = min(most_levels, math.floor(b * 2**room))
            saved = variances[j] * (_distortion(b) - _distortion(more)) - variances[i] * (
                _distortion(less) - _distortion(a)
            )
            best = max(best, (saved, i, less, j, more))
    if best[1] < 0:
        return False
    levels[best[1]], levels[best[3]] = best[2], best[4]
    return True


def _first_of_each(levels: Sequence[int], variances: Sequence[float]) -> list[tuple[int, int]]:
    """One ADC (its number and levels) of each kind: equal ones need not be tried twice."""
    kinds: dict[tuple[int, float], int] = {}
    for d, kind in enumerate(zip(levels, variances, strict=True)):
        kinds.setdefault(kind, d)
    return [(d, kind[0]) for kind, d in kinds.items()]
