# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the LLRs to what the deployed detector puts out, when its training is done."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .channels import draw
from .detection import deployed_output
from .mixture import (
    FIRST,
    FailureMixture,
    foreseen_errors,
    mixture_llrs,
    untrained_mixture,
)
from .network import UnfoldedDetector
from .symbols import level_bits
from .training import LLR_FIT, draw_snrs, run_generator

_VECTORS = 4
_CHUNK = 256
_HOLD = 1e-7
"""Weight of the squares by which the tables leave where they began: of a cell that no vector
decides."""


@dataclass(frozen=True)
class _Outputs:
    """What the deployed detector put out."""

    o: Tensor
    """[C, V, N]"""
    variance: Tensor
    """nu_i [C, N]"""
    foreseen: Tensor
    """ln rho [C, V]"""
    snr_db: Tensor
    """[C]"""
    levels: Tensor
    """Indices of the levels sent, uint8 [C, V, N]"""


def fit_mixture(model: UnfoldedDetector) -> None:
    """Gives the model its failure mixture: the least cross-entropy of the bits over fresh vectors,
    in the arithmetic that is deployed, by L-BFGS. Nothing else of the model changes."""
    config = model.config
    if config.schedule.loss != "cross_entropy" or not config.schedule.llr_iterations:
        return
    outputs = _draw(model)
    span = config.link.snr_points_db or config.link.snr_db
    mixture = untrained_mixture(min(span), max(span))
    optimizer = torch.optim.LBFGS(
        mixture.parameters(),
        max_iter=config.schedule.llr_iterations,
        history_size=20,
        line_search_fn="strong_wolfe",
    )

    def evaluate() -> Tensor:
        optimizer.zero_grad()
        return _cross_entropy(mixture, outputs, config.link.bits_per_symbol)

    optimizer.step(evaluate)
    model.mixture = mixture.requires_grad_(False)


def _draw(model: UnfoldedDetector) -> _Outputs:
    config = model.config
    generator = run_generator(config.seed, LLR_FIT, 0)
    parts = []
    for snr_db in draw_snrs(config, config.schedule.llr_channels, generator).split(_CHUNK):
        received = draw(config.link, snr_db, _VECTORS, generator)
        o, variance = deployed_output(model, received.channel, received.y, snr_db)
        foreseen = foreseen_errors(o, variance, config.link.bits_per_symbol)
        parts.append((o, variance, foreseen, snr_db, received.levels.to(torch.uint8)))
    return _Outputs(*(torch.cat(part) for part in zip(*parts, strict=True)))


def _cross_entropy(mixture: FailureMixture, outputs: _Outputs, bits_per_symbol: int) -> Tensor:
    """Nats a bit and what holds the tables; leaves their gradients behind."""
    table = level_bits(bits_per_symbol).float()
    total = torch.zeros((), dtype=torch.float64)
    for some in torch.arange(len(outputs.o)).split(_CHUNK):
        terms = mixture.at(outputs.snr_db[some], outputs.foreseen[some])
        llrs = mixture_llrs(outputs.o[some], outputs.variance[some], terms, bits_per_symbol)
        sent = table[outputs.levels[some].long()]
        loss = functional.softplus((1.0 - 2.0 * sent) * llrs).mean()
        loss = loss * (len(some) / len(outputs.o))
        loss.backward()
        total += loss.detach()
    parameters = mixture.tables.items()
    held = _HOLD * sum((table - FIRST[name]).square().sum() for name, table in parameters)
    assert isinstance(held, Tensor)
    held.backward()
    return total + held.detach()
