# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""LLRs of a detector that now and then fails as a whole (docs/unfolded_detector.md, "LLRs").

How far a vector's output lies from the levels tells whether it came through. By that distance an
output is its symbol plus noise of a narrow Gaussian or, with some weight, of a wide one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .scalars import knot_weights
from .symbols import level_bits, level_count, level_indices, level_values

DISTANCES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
"""Knots of the distance. Outputs with nothing to do with the levels have 1/3."""
_KNOT_SPACING_DB = 2.5
LEAST_VARIANCE = 1e-12
_LEAST_SUM = 1e-30
_FAR = 1e6
"""Outputs are taken as no further off, so that their squares are finite."""
FIRST = {"spread": 0.0, "failure_weight": -4.5, "failure_spread": 1.0}
"""The tables' logarithms before they are fitted."""


def distance_of(o: Tensor, bits_per_symbol: int) -> Tensor:
    """[..]: of an output o [.., N] the mean square distance from the decided levels, each at most
    1; a value that is not a number has 1."""
    level = 2.0 * level_indices(o, bits_per_symbol) - (level_count(bits_per_symbol) - 1)
    square = (o - level).square()
    return torch.where(square < 1.0, square, torch.ones_like(square)).mean(-1)


@dataclass(frozen=True)
class MixtureTerms:
    """Of each vector [C, V]; all positive."""

    spread: Tensor
    """Factor of the output's variance nu_i"""
    failure_weight: Tensor
    """What the wide Gaussian's exponential counts beside the narrow one's"""
    failure_spread: Tensor
    """kappa: the wide one has 1 + kappa times the variance"""


class FailureMixture(nn.Module):
    """Tables of logarithms [Q, T] over SNR and distance, linear between their knots."""

    snr_db: Tensor
    distance: Tensor

    def __init__(self, snr_db: Tensor, distance: Tensor) -> None:
        super().__init__()
        self.register_buffer("snr_db", snr_db)
        self.register_buffer("distance", distance)
        shape = (len(snr_db), len(distance))
        self.tables = nn.ParameterDict(
            {name: nn.Parameter(torch.full(shape, first)) for name, first in FIRST.items()}
        )

    def at(self, snr_db: Tensor, distance: Tensor) -> MixtureTerms:
        """At SNRs [C] and distances [C, V]."""
        of_snr = knot_weights(snr_db, self.snr_db)
        of_distance = knot_weights(distance.flatten(), self.distance).view(*distance.shape, -1)
        terms = {
            name: (of_distance * (of_snr @ table)[:, None]).sum(-1).exp()
            for name, table in self.tables.items()
        }
        return MixtureTerms(**terms)


def untrained_mixture(lowest_db: float, highest_db: float) -> FailureMixture:
    """With knots about 2.5 dB apart."""
    count = 1 + math.ceil((highest_db - lowest_db) / _KNOT_SPACING_DB)
    return FailureMixture(torch.linspace(lowest_db, highest_db, count), torch.tensor(DISTANCES))


def mixture_llrs(o: Tensor, variance: Tensor, terms: MixtureTerms, bits_per_symbol: int) -> Tensor:
    """LLRs [C, V, N, bits_per_symbol / 2] of outputs o [C, V, N] with nu_i [C, N]: of
    ``exp(-d / 2v) + weight exp(-d / 2v (1 + kappa))``, d = (o - l)^2, v = spread nu_i, summed over
    the levels l of a bit; within +-69."""
    v = (terms.spread[..., None] * variance[:, None]).clamp(min=LEAST_VARIANCE)
    square = (o.clamp(-_FAR, _FAR)[..., None] - level_values(bits_per_symbol).to(o)).square()
    exponent = square / (-2.0 * v[..., None])
    largest = exponent.amax(-1, keepdim=True)
    wider = 1.0 / (1.0 + terms.failure_spread[..., None, None])
    # Over exp(wider * largest), so that the nearest level's second part is the weight itself.
    likelihood = (exponent - wider * largest).exp()
    weight = terms.failure_weight[..., None, None]
    likelihood = likelihood + weight * (wider * (exponent - largest)).exp()
    ones = level_bits(bits_per_symbol).to(likelihood)
    of_one, of_zero = likelihood @ ones, likelihood @ (1.0 - ones)
    return of_one.clamp(min=_LEAST_SUM).log() - of_zero.clamp(min=_LEAST_SUM).log()
