# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Analog parts that drift after the design, and what refitting the digital side alone undoes.

Thresholds move by independent N(0, offset^2), in standard deviations of the ADC's input; gains by
factors 1 + N(0, error^2). The refit sees codes and pilots only.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from ..chain import Chain, single
from ..normal import Floats, cells
from .affine_fit import refitted
from .gaussian_codes import affine_mse, best_affine
from .second_order import SecondOrder


def drifted(
    chain: Chain, rng: np.random.Generator, threshold_offset: float = 0.0, gain_error: float = 0.0
) -> Chain:
    """The chain with its analog side moved and its digital side as it was."""
    thresholds = tuple(
        single(np.sort(t + threshold_offset * rng.standard_normal(len(t))))
        for t in chain.thresholds
    )
    factors = 1 + gain_error * rng.standard_normal(len(chain.gain))
    gain = single(chain.gain * np.maximum(factors, 0.01))  # an amplifier does not invert
    return dataclasses.replace(chain, thresholds=thresholds, gain=gain)


@dataclass(frozen=True)
class DriftFigures:
    """Mean square errors per entry of s over the model, exact for each drawn drift."""

    designed: float
    drifted: float  #: with the digital map of the design
    refitted: float  #: with the best affine map
    relevelled: float  #: with the best level for every code of every ADC as well


def drift_figures(
    model: SecondOrder,
    chain: Chain,
    rng: np.random.Generator,
    threshold_offset: float = 0.0,
    gain_error: float = 0.0,
) -> DriftFigures:
    """One drawn drift of a chain that `affine_mse` can measure."""
    moved = drifted(chain, rng, threshold_offset, gain_error)
    return DriftFigures(
        affine_mse(model, chain),
        affine_mse(model, moved),
        best_affine(model, moved).mse,
        best_affine(model, _relevelled(model, moved)).mse,
    )


def _relevelled(model: SecondOrder, chain: Chain) -> Chain:
    """Each level at the mean of its cell, for ADC inputs of the model."""
    combiner = chain.gain.astype(float)[:, None] * chain.analog[0][0]
    deviation = np.sqrt(np.sum((combiner @ model.observation) * combiner, axis=1))
    levels = tuple(
        single(s * cells(t.astype(float) / s)[1])
        for t, s in zip(chain.thresholds, deviation, strict=True)
    )
    return dataclasses.replace(chain, levels=levels)


def refit_from_pilots(
    chain: Chain, observations: Floats, signals: Floats, levels_too: bool = False
) -> Chain:
    """The chain with its digital map fitted to pilots x [t, n], s [t, k].

    With `levels_too` each code of each ADC first gets the mean of what the designed map's ADC
    value is predicted to be from s for the pilots of that code: 8 unknowns an ADC more.
    """
    if not levels_too:
        return refitted(chain, observations, signals)
    codes, _ = chain.codes(observations)
    values = chain.values(codes)
    predicted = signals @ np.linalg.lstsq(signals, values, rcond=None)[0]
    levels = []
    for d, old in enumerate(chain.levels):
        count = np.bincount(codes[:, d], minlength=len(old))
        total = np.bincount(codes[:, d], predicted[:, d], minlength=len(old))
        levels.append(single(np.where(count > 0, total / np.maximum(count, 1), old)))
    return refitted(dataclasses.replace(chain, levels=tuple(levels)), observations, signals)
