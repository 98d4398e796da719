# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Combiners of phase shifters: every weight exp(j phase) / sqrt(antennas), phases of b bits or any.

For channel estimation the best combiner is the pilots' correlation Phi^H kron I, whose rows are
zero but for one antenna; any unitary U (Phi^H kron I) does as well. With U = I kron V, V / sqrt(N)
unitary with entries of modulus 1 over the N antennas, a row for user u is conj(Phi)_tu V_ja: all
of modulus 1, so that phase shifters lose nothing. Where V's phases are on the b-bit grid, rounding
touches the pilots' phases alone, and its error falls where no user's pilots are.

V is the Fourier matrix, or a complex Hadamard matrix of the grid's phases made of two circulant
blocks. Where neither suits, alternating projections between unitary U and phases on the grid
(J. Tropp et al., "Designing Structured Tight Frames Via an Alternating Projection Method", IEEE
Trans. Inf. Theory 51(1), 2005) start from it, and the best of all by exact error is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..chain import Chain, phase_shifter_weight
from ..lloyd_max import lloyd_max
from ..normal import Floats
from .design import Front
from .gaussian_codes import quantized_wiener
from .models import ChannelEstimation

Complexes = NDArray[np.complex128]

_LONGEST_BLOCK = 7  # phases of 2 bits: 16,384 rows of a circulant


def round_phases(phases: Floats, bits: int | None) -> Floats:
    """To the nearest multiple of 2 pi / 2^bits; as they are for None."""
    if bits is None:
        return phases
    if not 1 <= bits <= 16:
        raise ValueError(f"phase bits is {bits}; use 1 to 16, or none for any phase")
    step = 2 * np.pi / 2**bits
    return np.round(phases / step) * step


def fourier_matrix(size: int) -> Complexes:
    """Entries exp(-2 pi j a b / size)."""
    index = np.arange(size)
    return np.exp(-2j * np.pi * np.outer(index, index) / size)


def complex_hadamard(size: int, bits: int) -> Complexes | None:
    """A matrix of `size` with entries of `bits` bits of phase (2 at most are used) and orthogonal
    rows, or None where the search finds none.

    Halves of size: [[1, 1], [1, -1]] kron the half's. Otherwise [[A, B], [-B^H, A^H]], A and B
    circulant: its rows are orthogonal where the periodic autocorrelations of the two add up to 0.
    """
    if size == 1:
        return np.ones((1, 1), complex)
    if size % 2:
        return None
    half = complex_hadamard(size // 2, bits)
    if half is not None:
        return np.kron(np.array([[1, 1], [1, -1]]), half)
    return _two_circulants(size // 2, bits) if size // 2 <= _LONGEST_BLOCK else None


def _two_circulants(size: int, bits: int) -> Complexes | None:
    phases = np.array([1, -1]) if bits == 1 else np.array([1, 1j, -1, -1j])
    rows = np.array(list(product(phases, repeat=size)))
    spectra = np.abs(np.fft.fft(rows, axis=1)) ** 2
    correlation = np.fft.ifft(spectra, axis=1)[:, 1:]  # whole numbers
    keys = [tuple(r) for r in np.round([np.r_[c.real, c.imag] for c in correlation]).astype(int)]
    first = {key: i for i, key in reversed(list(enumerate(keys)))}
    for i, key in enumerate(keys):
        j = first.get(tuple(-value for value in key))
        if j is not None:
            shift = (np.arange(size)[None, :] - np.arange(size)[:, None]) % size
            a, b = rows[i][shift], rows[j][shift]
            return np.block([[a, b], [-b.conj().T, a.conj().T]])
    return None


def phase_shifter_mse(model: ChannelEstimation, phases: Floats, levels: Sequence[int]) -> float:
    """Exact mean square error behind these phases [p/2, antennas]."""
    quantizers = [lloyd_max(m) for m in levels]
    return quantized_wiener(model.second_order(), phase_shifter_weight(phases), quantizers).mse


def design_phases(
    model: ChannelEstimation, levels: Sequence[int], bits: int | None, seed: int = 0
) -> Floats:
    """Phases [users antennas, pilots antennas] of the least exact error among the starts above."""
    correlator = np.kron(model.pilot_matrix.conj().T, np.eye(model.antennas))
    correlator /= np.sqrt(model.pilots)
    rng = np.random.default_rng(seed)
    hadamard = None if bits is None else complex_hadamard(model.antennas, bits)
    mixing = fourier_matrix(model.antennas) if hadamard is None else hadamard
    start = np.kron(np.eye(model.users), mixing) / np.sqrt(model.antennas)
    candidates = [round_phases(np.angle(start @ correlator), bits)]
    if bits is not None and hadamard is None:
        for _ in range(4):
            shaken = start + 0.02 * rng.standard_normal(start.shape)
            candidates.append(_alternate(np.linalg.qr(shaken)[0], correlator, bits))
    return min(candidates, key=lambda phases: phase_shifter_mse(model, phases, levels))


def _alternate(unitary: Complexes, correlator: Complexes, bits: int, rounds: int = 100) -> Floats:
    """Phases on the grid nearest to some unitary times the correlator, found by turns."""
    phases = round_phases(np.angle(unitary @ correlator), bits)
    for _ in range(rounds):
        left, _, right = np.linalg.svd(np.exp(1j * phases) @ correlator.conj().T)
        moved = round_phases(np.angle(left @ right @ correlator), bits)
        if np.array_equal(moved, phases):
            break
        phases = moved
    return phases


def phase_shifters(
    model: ChannelEstimation, levels: Sequence[int], bits: int | None, seed: int = 0
) -> Chain:
    """The chain of phase shifters of `bits` bits (None: any phase), unit-variance ADC inputs,
    Lloyd-Max ADCs and the best affine digital map."""
    if len(levels) != model.outputs:
        raise ValueError(f"levels has {len(levels)} entries; expected one each of {model.outputs}")
    phases = design_phases(model, levels, bits, seed)
    moments = model.second_order()
    front = Front.of_unit_variance(
        phase_shifter_weight(phases),
        moments.observation,
        [lloyd_max(m) for m in levels],
        phases=phases,
        complex_inputs=True,
    )
    best = quantized_wiener(moments, front.combiner, front.quantizers)
    return front.estimator(best.weight[None], best.bias[None])
