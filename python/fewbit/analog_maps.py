# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Analog maps from a matrix, real or complex, or from phases."""

from __future__ import annotations

import numpy as np
from gnuradio.fewbit.fewbit_python import algorithms


def real_form(matrix) -> np.ndarray:
    """[[Re, -Im], [Im, Re]]: what a complex matrix does to vectors [Re; Im]."""
    matrix = _two_dimensional(matrix)
    return np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])


def matrix_map(matrix, gain=(), agc: str = "fixed"):
    """z = g gain (A x), as an algorithms.analog_map.

    matrix: A [p, n], or complex [p/2, n/2], which stands for its real_form().
    gain: of each of the p ADCs; empty for ones.
    agc: "fixed" or "block".
    """
    matrix = _two_dimensional(matrix)
    weight = real_form(matrix) if np.iscomplexobj(matrix) else matrix
    return algorithms.analog_map([(weight, np.zeros(len(weight)))], list(gain), agc)


def phase_shifter_map(phases, bits: int = 0, gain=(), agc: str = "fixed"):
    """A combiner of phase shifters: exp(j phase) / sqrt(n/2), as an algorithms.analog_map.

    phases: [p/2, n/2], radians.
    bits: of a phase shifter: phases go to the nearest multiple of 2 pi / 2^bits; 0: any phase.
    """
    phases = _two_dimensional(phases)
    if not 0 <= bits <= 16:
        raise ValueError(f"phase_shifter_map: bits is {bits}, expected 0 to 16")
    if bits:
        step = 2 * np.pi / 2**bits
        phases = step * np.round(phases / step)
    return matrix_map(np.exp(1j * phases) / np.sqrt(phases.shape[1]), gain, agc)


def _two_dimensional(matrix) -> np.ndarray:
    try:
        found = np.asarray(matrix)
    except ValueError:  # numpy 1.24 on; before, an array of objects
        found = np.asarray(None)
    if found.dtype.kind not in "biufc":
        raise ValueError(
            "an analog map's matrix is no array of numbers, expected rows of equal length"
        )
    if found.ndim != 2 or not found.size:
        raise ValueError(f"an analog map's matrix has the shape {found.shape}, expected rows")
    return found
