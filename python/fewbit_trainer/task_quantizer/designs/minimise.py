# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local minimum of a smooth function of a few variables, by quasi-Newton steps (BFGS)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..normal import Floats

Objective = Callable[[Floats], float]


def gradient(function: Objective, x: Floats, step: float) -> Floats:
    """Central differences."""
    found = np.empty_like(x)
    for i in range(len(x)):
        moved = x.copy()
        moved[i] = x[i] + step
        above = function(moved)
        moved[i] = x[i] - step
        found[i] = (above - function(moved)) / (2 * step)
    return found


def minimise(
    function: Objective,
    start: Floats,
    iterations: int = 100,
    difference: float = 1e-5,
    tolerance: float = 1e-7,
) -> tuple[Floats, float]:
    """A point near `start` from which no step lowers `function`, and its value there.

    Ends after `iterations`, or where a step gains less than `tolerance`.
    """
    x = np.asarray(start, float)
    value, slope = function(x), gradient(function, x, difference)
    inverse = np.eye(len(x)) * 0.1 / max(1e-12, float(np.linalg.norm(slope)))
    for _ in range(iterations):
        direction = -inverse @ slope
        expected = float(slope @ direction)
        length = 1.0
        new_value = function(x + direction)
        while not new_value < value + 1e-4 * length * expected:
            length /= 2
            if length < 1e-6:
                return x, value
            new_value = function(x + length * direction)
        moved = length * direction
        new_slope = gradient(function, x + moved, difference)
        change = new_slope - slope
        curvature = float(moved @ change)
        if curvature > 1e-14:
            whole = np.eye(len(x)) - np.outer(moved, change) / curvature
            inverse = whole @ inverse @ whole.T + np.outer(moved, moved) / curvature
        gained = value - new_value
        x, value, slope = x + moved, new_value, new_slope
        if gained < tolerance:
            break
    return x, value
