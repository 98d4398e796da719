# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""LLRs of a detector that now and then fails as a whole (docs/unfolded_detector.md, "LLRs").

How near a vector's output lies to the thresholds between levels tells whether it came through. By
that, an output is its symbol plus noise of a narrow Gaussian or, with some weight, of a wide one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .scalars import knot_weights
from .symbols import level_bits, level_values, thresholds

FORESEEN = (-9.0, -7.0, -5.5, -4.5, -3.5, -2.75, -2.0, -1.25)
"""Knots of ln rho."""
_KNOT_SPACING_DB = 2.5
LEAST_VARIANCE = 1e-12
_LEAST_SUM = 1e-30
_LEAST_SHARE = 1e-30
_FAR = 1e6
"""Outputs are taken as no further off, so that their squares are finite."""
FIRST = {"spread": 0.0, "failure_weight": -4.5, "failure_spread": 1.0, "failure_unseen": -9.0}
"""The tables' logarithms before they are fitted."""


def foreseen_errors(o: Tensor, variance: Tensor, bits_per_symbol: int) -> Tensor:
    """ln rho [C, V] of outputs o [C, V, N] with variances nu_i [C, N]: rho is the mean over i of
    ``1 / (1 + exp(2 m_i / nu_i))``, how likely the second nearest level is by the Gaussian of
    nu_i, m_i = |o_i - t| for the nearest threshold t. An output that is not finite counts 1/2."""
    limits = torch.tensor(thresholds(bits_per_symbol)).to(o)
    margin = (o.clamp(-_FAR, _FAR)[..., None] - limits).abs().amin(-1)
    share = torch.sigmoid(-2.0 * margin / variance[:, None].clamp(min=LEAST_VARIANCE))
    share = torch.where(o.isfinite(), share, 0.5)
    return share.mean(-1).clamp(min=_LEAST_SHARE).log()


@dataclass(frozen=True)
class MixtureTerms:
    """Of each vector [C, V]; all positive."""

    spread: Tensor
    """Factor of the output's variance nu_i"""
    failure_weight: Tensor
    """What the wide Gaussian's exponential counts beside the narrow one's"""
    failure_spread: Tensor
    """kappa: the wide one has 1 + kappa times the variance"""
    failure_unseen: Tensor
    """Share of failures that no output shows"""


class FailureMixture(nn.Module):
    """Tables of logarithms [Q, T] over SNR and ln rho, linear between their knots."""

    snr_db: Tensor
    foreseen: Tensor

    def __init__(self, snr_db: Tensor, foreseen: Tensor) -> None:
        super().__init__()
        self.register_buffer("snr_db", snr_db)
        self.register_buffer("foreseen", foreseen)
        shape = (len(snr_db), len(foreseen))
        self.tables = nn.ParameterDict(
            {name: nn.Parameter(torch.full(shape, first)) for name, first in FIRST.items()}
        )

    def at(self, snr_db: Tensor, foreseen: Tensor) -> MixtureTerms:
        """At SNRs [C] and ln rho [C, V]."""
        of_snr = knot_weights(snr_db, self.snr_db)
        of_vector = knot_weights(foreseen.flatten(), self.foreseen).view(*foreseen.shape, -1)
        terms = {
            name: (of_vector * (of_snr @ table)[:, None]).sum(-1).exp()
            for name, table in self.tables.items()
        }
        return MixtureTerms(**terms)


def untrained_mixture(lowest_db: float, highest_db: float) -> FailureMixture:
    """With knots about 2.5 dB apart."""
    count = 1 + math.ceil((highest_db - lowest_db) / _KNOT_SPACING_DB)
    return FailureMixture(torch.linspace(lowest_db, highest_db, count), torch.tensor(FORESEEN))


def mixture_llrs(o: Tensor, variance: Tensor, terms: MixtureTerms, bits_per_symbol: int) -> Tensor:
    """LLRs [C, V, N, bits_per_symbol / 2] of outputs o [C, V, N] with nu_i [C, N]: of
    ``exp(-d / 2v) + weight exp(-d / 2v (1 + kappa))``, d = (o - l)^2, v = spread nu_i, summed over
    the levels l of a bit; within +-69, 0 where o is not finite."""
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
    llrs = of_one.clamp(min=_LEAST_SUM).log() - of_zero.clamp(min=_LEAST_SUM).log()
    return torch.where(o.isfinite()[..., None], llrs, 0.0)
