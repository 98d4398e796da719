# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phases for phase shifters, from the samples' second moments alone.

A combiner A, [r, N] of unit-modulus entries, should keep to the r complex directions V, [r, N],
that the linear estimator reads (what it takes from elsewhere is noise), and its rows should not
say the same twice there. Both are asked for by

    sum_i |a_i (I - P)|^2 + (mu / N) sum_{i != j} |a_i P a_j^H|^2,     P = V^H V,

quadratic in each entry, so that one entry's best phase, on a grid or not, is known given all
others. Entries are visited in turn, at first with noise that falls to 0 (annealing). The start
matters: estimator rows that read different antennas are added up, with the phases of a Fourier
matrix, until they read all of them, for such sums can have unit modulus everywhere. The phases of
the least error that the moments predict, of several starts and noises, are taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .chain import phase_shifter_weight
from .designs.gaussian_codes import quantized_wiener
from .designs.phase_shifters import fourier_matrix, round_phases
from .designs.second_order import SecondOrder
from .lloyd_max import lloyd_max
from .normal import Floats

Complexes = NDArray[np.complex128]

_WEIGHT = 2.0  # mu
_SWEEPS = 80
_ANNEALED = 0.9  # the share of the sweeps with noise
_NOISES = (0.15, 0.2, 0.25)  # standard deviations at first, in units of an entry's own weight


def search_phases(
    moments: SecondOrder, levels: Sequence[int], bits: int, seed: int, sweeps: int = _SWEEPS
) -> Floats:
    """Phases [p/2, n/2] in radians, multiples of 2 pi / 2^bits unless ``bits`` is 0."""
    rows = _complex_rows(moments.wiener())
    directions = _directions(rows, len(levels) // 2)
    quantizers = [lloyd_max(m) for m in levels]
    rng = np.random.default_rng([seed, 6])
    candidates = []
    for noise in _NOISES:
        start = np.exp(1j * rng.uniform(0, 2 * np.pi, (len(levels) // 2, rows.shape[1])))
        combined = _combined(_independent(rows, len(start)))
        start[: len(combined)] = combined
        combiner = _anneal(start, directions, bits, noise, sweeps, rng)
        phases = round_phases(np.angle(combiner), bits or None)
        error = quantized_wiener(moments, phase_shifter_weight(phases), quantizers).mse
        candidates.append((error, phases))
    return min(candidates, key=lambda candidate: candidate[0])[1]


def _complex_rows(estimator: Floats) -> Complexes:
    """Re(a y) = Re(a) Re(y) - Im(a) Im(y): a real row [g_re, g_im] is the complex g_re - j g_im."""
    half = estimator.shape[1] // 2
    rows: Complexes = estimator[:, :half] - 1j * estimator[:, half:]
    return rows


def _directions(rows: Complexes, most: int) -> Complexes:
    """Orthonormal rows [r, N], r <= most, that span what the estimator reads most of."""
    _, values, right = np.linalg.svd(rows, full_matrices=False)
    directions: Complexes = right[: min(int(np.sum(values > 1e-6 * values[0])), most)]
    return directions


def _independent(rows: Complexes, most: int) -> Complexes:
    """At most so many rows that do not follow from one another, of unit length: each time the one
    that is longest beside those taken (a complex s gives every direction twice)."""
    left, taken = rows.copy(), []
    longest = np.linalg.norm(left, axis=1).max()
    for _ in range(most):
        lengths = np.linalg.norm(left, axis=1)
        best = int(np.argmax(lengths))
        if lengths[best] < 0.1 * longest:
            break
        taken.append(rows[best] / np.linalg.norm(rows[best]))
        unit = left[best] / lengths[best]
        left = left - np.outer(left @ unit.conj(), unit)
    return np.array(taken)


def _combined(rows: Complexes) -> Complexes:
    """Sums of rows that read different antennas, by the Fourier matrix of each group's size."""
    shares = np.abs(rows) ** 2
    # A row that reads one antenna in ten needs nine others.
    size = max(1, round(rows.shape[1] * float(np.mean(np.sum(shares**2, axis=1)))))
    left, sums = list(range(len(rows))), []
    while left:
        group = [left.pop(0)]
        while len(group) < size and left:
            read = shares[group].sum(axis=0)
            group.append(min(left, key=lambda i: float(np.minimum(read, shares[i]).sum())))
            left.remove(group[-1])
        sums.append(fourier_matrix(len(group)) @ rows[group])
    return np.concatenate(sums)


def _anneal(
    start: Complexes,
    directions: Complexes,
    bits: int,
    noise: float,
    sweeps: int,
    rng: np.random.Generator,
) -> Complexes:
    rows, antennas = start.shape
    projector = directions.conj().T @ directions
    outside = np.eye(antennas) - projector
    step = 2 * np.pi / 2**bits if bits else 0.0
    combiner = np.exp(1j * round_phases(np.angle(start), bits or None))
    for sweep in range(sweeps):
        left = noise * max(0.0, 1.0 - sweep / (_ANNEALED * sweeps))
        inside = combiner @ projector
        gram = inside.conj().T @ inside
        for i in range(rows):
            before = np.outer(inside[i].conj(), inside[i])
            form = outside + _WEIGHT / antennas * (gram - before)
            combiner[i] = _best_row(combiner[i], form, step, left, rng)
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
