# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Least squares fit of the affine digital map s = sum_j (1/g)^j (W_j q + b_j) to pilots."""

from __future__ import annotations

import dataclasses

import numpy as np

from ..chain import AffineMap, Chain, single
from ..normal import Floats
from .design import Front

#: A pivot below this share of the mean one: a regressor that the others nearly determine.
_SINGULAR = 1e-10


def fit_affine(q: Floats, signals: Floats, gain: Floats | None = None) -> tuple[Floats, Floats]:
    """W [J, k, p] and b [J, k] of least mean square error over pilots.

    q [t, p] are the codes' levels, signals [t, k] what was sent. With `gain` [t], the block AGC's
    g, J = 2, otherwise 1. Raises ValueError for fewer than J (p + 1) pilots and for levels that do
    not determine the map (an ADC that never moves).
    """
    ones = np.ones((len(q), 1))
    columns = np.concatenate([q, ones], axis=1)
    if gain is not None:
        columns = np.concatenate([columns, columns / gain[:, None]], axis=1)
    unknowns = columns.shape[1]
    if len(q) < unknowns:
        raise ValueError(f"{len(q)} pilots for {unknowns} unknowns; use at least as many pilots")
    gram = columns.T @ columns
    scale = np.sqrt(np.diag(gram))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
    if values[0] < _SINGULAR * np.mean(values):
        raise ValueError(
            "the pilots' codes do not determine the digital map (an ADC that never moves, or one "
            "that others determine); use pilots that exercise every ADC"
        )
    solution = (vectors / values) @ (vectors.T @ ((columns.T @ signals) / scale[:, None]))
    solution = (solution / scale[:, None]).reshape(-1, q.shape[1] + 1, signals.shape[1])
    return solution[:, :-1].swapaxes(1, 2), solution[:, -1]


def refitted(
    system: Front | Chain, observations: Floats, signals: Floats, block_len: int = 1
) -> Chain:
    """The system with the affine digital map that fits its own codes to these pilots.

    A block AGC's blocks are of `block_len` consecutive pilots.
    """
    if isinstance(system, Front):
        powers = 2 if system.block_agc else 1
        shape = (powers, signals.shape[1], len(system.combiner))
        system = system.estimator(np.zeros(shape), np.zeros(shape[:2]))
    codes, gain = system.codes(observations, block_len)
    known = gain if system.agc == "block" else None
    weight, bias = fit_affine(system.values(codes), signals, known)
    return dataclasses.replace(system, digital=AffineMap(single(weight), single(bias)))
