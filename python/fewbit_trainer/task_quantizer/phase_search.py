# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phases for phase shifters, from the samples' second moments alone.

A combiner A, [r, N] of unit-modulus entries, should keep to the r complex directions V, [r, N],
that the linear estimator reads (what it takes from elsewhere is noise), and its rows should not
say the same twice there. Both are asked for by

    sum_i |a_i (I - P)|^2 + (mu / N) sum_{i != j} |a_i P a_j^H|^2,     P = V^H V,

quadratic in each entry, so that one entry's best phase, on a grid or not, is known given all
others. Entries are visited in turn, at first with noise that falls to 0 (annealing), for several
mu; the phases of the least error that the moments predict are taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .chain import phase_shifter_weight
from .designs.gaussian_codes import quantized_wiener
from .designs.phase_shifters import round_phases
from .designs.second_order import SecondOrder
from .lloyd_max import lloyd_max
from .normal import Floats

Complexes = NDArray[np.complex128]

_WEIGHTS = (1.5, 2.0, 3.0)  # mu
_SWEEPS = 150
_ANNEALED = 0.9  # the share of the sweeps with noise
_NOISE = 0.3  # its standard deviation at first, in units of an entry's own weight


def search_phases(
    moments: SecondOrder, levels: Sequence[int], bits: int, seed: int, sweeps: int = _SWEEPS
) -> Floats:
    """Phases [p/2, n/2] in radians, multiples of 2 pi / 2^bits unless ``bits`` is 0."""
    directions = estimator_directions(moments, len(levels) // 2)
    quantizers = [lloyd_max(m) for m in levels]
    rng = np.random.default_rng([seed, 6])
    candidates = []
    for weight in _WEIGHTS:
        combiner = _anneal(directions, len(levels) // 2, bits, weight, sweeps, rng)
        phases = round_phases(np.angle(combiner), bits or None)
        error = quantized_wiener(moments, phase_shifter_weight(phases), quantizers).mse
        candidates.append((error, phases))
    return min(candidates, key=lambda candidate: candidate[0])[1]


def estimator_directions(moments: SecondOrder, most: int) -> Complexes:
    """Orthonormal rows [r, N], r <= most: the complex directions that the linear estimator reads,
    those first that carry the most of it."""
    estimator = moments.wiener()
    half = estimator.shape[1] // 2
    # Re(a y) = Re(a) Re(y) - Im(a) Im(y): a real row [g_re, g_im] is the complex g_re - j g_im.
    rows = estimator[:, :half] - 1j * estimator[:, half:]
    _, values, right = np.linalg.svd(rows, full_matrices=False)
    kept = int(np.sum(values > 1e-6 * values[0]))
    directions: Complexes = right[: min(kept, most)]
    return directions


def _anneal(
    directions: Complexes,
    rows: int,
    bits: int,
    weight: float,
    sweeps: int,
    rng: np.random.Generator,
) -> Complexes:
    antennas = directions.shape[1]
    projector = directions.conj().T @ directions
    outside = np.eye(antennas) - projector
    step = 2 * np.pi / 2**bits if bits else 0.0
    start = rng.uniform(0, 2 * np.pi, (rows, antennas))
    combiner = np.exp(1j * (np.round(start / step) * step if bits else start))
    for sweep in range(sweeps):
        noise = _NOISE * max(0.0, 1.0 - sweep / (_ANNEALED * sweeps))
        inside = combiner @ projector
        gram = inside.conj().T @ inside
        for i in range(rows):
            before = np.outer(inside[i].conj(), inside[i])
            form = outside + weight / antennas * (gram - before)
            combiner[i] = _best_row(combiner[i], form, step, noise, rng)
            now = combiner[i] @ projector
            gram += np.outer(now.conj(), now) - before
            inside[i] = now
    return combiner


def _best_row(
    row: Complexes, form: Complexes, step: float, noise: float, rng: np.random.Generator
) -> Complexes:
    """Each entry in turn to the phase of the least a form a^H."""
    row = row.copy()
    pull = row @ form
    shaken = rng.standard_normal((2, len(row))) * noise
    for e in range(len(row)):
        others = pull[e] - row[e] * form[e, e] + complex(shaken[0, e], shaken[1, e])
        phase = np.angle(-others)
        if step:
            phase = np.round(phase / step) * step
        change = np.exp(1j * phase) - row[e]
        if abs(change) > 1e-12:
            pull = pull + change * form[e]
            row[e] += change
    return row
