# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the LLRs to what the deployed detector puts out, when its training is done."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .channels import draw
from .config import UnfoldedDetectorConfig
from .detection import deployed_output
from .mixture import (
    FIRST,
    FailureMixture,
    foreseen_errors,
    mixture_llrs,
    untrained_mixture,
)
from .network import UnfoldedDetector
from .symbols import doubted, level_bits
from .training import LLR_FIT, draw_snrs, run_generator

_VECTORS = 4
_CHUNK = 256
_CHECK_CHANNELS = 2048
UNSEEN = "failure_unseen"
_HOLD, _HOLD_UNSEEN = 1e-7, 0.1
"""Weights of the squares by which the tables leave where they began: of a cell that no vector
decides. Nats a bit, and of all bits."""


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
    sent: Tensor
    """Bits by axis, uint8 [C, V, N, bits_per_symbol / 2]"""


def fits_mixture(config: UnfoldedDetectorConfig) -> bool:
    """Whether a run of this configuration ends with a fit."""
    return config.schedule.loss == "cross_entropy" and config.schedule.llr_iterations > 0


def fit_mixture(model: UnfoldedDetector) -> None:
    """Gives the model its failure mixture: the least cross-entropy of the bits over fresh vectors,
    in the arithmetic that is deployed, by L-BFGS. Where that tells less of other vectors than LLRs
    as trained, it stays without. Nothing else of the model changes."""
    config = model.config
    if not fits_mixture(config):
        return
    outputs = _draw(model, config.schedule.llr_channels, 0)
    span = config.link.snr_points_db or config.link.snr_db
    mixture = untrained_mixture(min(span), max(span))
    _fit_gaussians(mixture, outputs, config)
    _fit_unseen(mixture, outputs, config)
    mixture.requires_grad_(False)
    if _tells_more(model, mixture):
        model.mixture = mixture


def _tells_more(model: UnfoldedDetector, mixture: FailureMixture) -> bool:
    """Whether LLRs by the mixture tell more than as trained, of vectors that it was not fitted to:
    with few channels the tables follow chance."""
    outputs = _draw(model, _CHECK_CHANNELS, 1)
    told = {True: 0.0, False: 0.0}
    with torch.no_grad():
        for some in torch.arange(len(outputs.o)).split(_CHUNK):
            parts = outputs.o[some], outputs.variance[some], outputs.snr_db[some]
            for fitted in told:
                model.mixture = mixture if fitted else None
                told[fitted] -= float(_surprise(model.llrs(*parts), outputs.sent[some], "sum"))
    model.mixture = None
    return told[True] >= told[False]


def _fit_gaussians(
    mixture: FailureMixture, outputs: _Outputs, config: UnfoldedDetectorConfig
) -> None:
    tables = {name: table for name, table in mixture.tables.items() if name != UNSEEN}
    mixture.tables[UNSEEN].requires_grad_(False)
    optimizer = _optimizer(list(tables.values()), config)

    def evaluate() -> Tensor:
        optimizer.zero_grad()
        total = torch.zeros((), dtype=torch.float64)
        for some in torch.arange(len(outputs.o)).split(_CHUNK):
            llrs, unseen = _llrs(mixture, outputs, some, config)
            loss = _surprise(doubted(llrs, unseen), outputs.sent[some], "mean")
            loss = loss * (len(some) / len(outputs.o))
            loss.backward()
            total += loss.detach()
        return total + _held(tables, _HOLD)

    optimizer.step(evaluate)


def _fit_unseen(
    mixture: FailureMixture, outputs: _Outputs, config: UnfoldedDetectorConfig
) -> None:
    """By itself, and in nats of all bits: it is about a few of a million, whose part in the mean
    an optimiser of everything would not see."""
    mixture.requires_grad_(False)
    table = mixture.tables[UNSEEN].requires_grad_(True)
    chunks = torch.arange(len(outputs.o)).split(_CHUNK)
    with torch.no_grad():
        plain = [_llrs(mixture, outputs, some, config)[0] for some in chunks]
    optimizer = _optimizer([table], config)

    def evaluate() -> Tensor:
        optimizer.zero_grad()
        total = torch.zeros((), dtype=torch.float64)
        for some, llrs in zip(chunks, plain, strict=True):
            terms = mixture.at(outputs.snr_db[some], outputs.foreseen[some])
            unseen = terms.failure_unseen[..., None, None]
            loss = _surprise(doubted(llrs, unseen), outputs.sent[some], "sum")
            loss.backward()
            total += loss.detach()
        return total + _held({UNSEEN: table}, _HOLD_UNSEEN)

    optimizer.step(evaluate)


def _optimizer(tables: list[Tensor], config: UnfoldedDetectorConfig) -> torch.optim.LBFGS:
    return torch.optim.LBFGS(
        tables,
        max_iter=config.schedule.llr_iterations,
        history_size=20,
        line_search_fn="strong_wolfe",
    )


def _draw(model: UnfoldedDetector, channels: int, stream: int) -> _Outputs:
    config = model.config
    table = level_bits(config.link.bits_per_symbol)
    generator = run_generator(config.seed, LLR_FIT, stream)
    parts = []
    for snr_db in draw_snrs(config, channels, generator).split(_CHUNK):
        received = draw(config.link, snr_db, _VECTORS, generator)
        o, variance = deployed_output(model, received.channel, received.y, snr_db)
        foreseen = foreseen_errors(o, variance, config.link.bits_per_symbol)
        parts.append((o, variance, foreseen, snr_db, table[received.levels]))
    return _Outputs(*(torch.cat(part) for part in zip(*parts, strict=True)))


def _llrs(
    mixture: FailureMixture, outputs: _Outputs, some: Tensor, config: UnfoldedDetectorConfig
) -> tuple[Tensor, Tensor]:
    """Of some channels, before what is unseen, and that."""
    terms = mixture.at(outputs.snr_db[some], outputs.foreseen[some])
    bits = config.link.bits_per_symbol
    llrs = mixture_llrs(outputs.o[some], outputs.variance[some], terms, bits)
    return llrs, terms.failure_unseen[..., None, None]


def _surprise(llrs: Tensor, sent: Tensor, reduction: str) -> Tensor:
    """Nats of the bits sent."""
    losses = functional.softplus((1.0 - 2.0 * sent) * llrs)
    return losses.mean() if reduction == "mean" else losses.sum(dtype=torch.float64)


def _held(tables: dict[str, Tensor], weight: float) -> Tensor:
    """What holds tables, with its gradient left behind."""
    squares = [(table - FIRST[name]).square().sum() for name, table in tables.items()]
    held = weight * torch.stack(squares).sum()
    held.backward()
    return held.detach()
