# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""How right a detector is after each epoch of its training: the share of right bits."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import torch

from .channels import Received, draw
from .config import UnfoldedDetectorConfig
from .figure_models import figure_config
from .network import UnfoldedDetector
from .symbols import level_bits
from .training import (
    MEASURE,
    fixed_samples,
    is_quantized,
    new_state,
    run_generator,
    train_epoch,
)

#: Channels that a curve is measured on, spread over SNRs, and vectors over each.
CHANNELS, VECTORS = 2048, 4


@dataclass(frozen=True)
class CurvePoint:
    """A network after so many epochs, on vectors that all points of a curve share."""

    epoch: int
    quantized: bool
    """Whether it was trained, and is measured, through its quantizers."""
    accuracy: float
    """Share of right bits, all SNRs alike."""


def learning_curve(config: UnfoldedDetectorConfig, every: int = 1) -> list[CurvePoint]:
    """Trains as configured, from the first epoch to the last, and measures before the first, after
    every `every` and after the last. The vectors hang on the seed alone."""
    state, fixed = new_state(config), fixed_samples(config)
    received = _measured(config)
    points = [CurvePoint(0, False, _accuracy(state.model, received, False))]
    while state.epoch < config.schedule.epochs:
        quantized = is_quantized(config, state.epoch)
        train_epoch(state, config, fixed)
        if state.epoch % every == 0 or state.epoch == config.schedule.epochs:
            found = _accuracy(state.model, received, quantized)
            points.append(CurvePoint(state.epoch, quantized, found))
    return points


def figure_curve(name: str, seed: int, every: int = 1, epochs: int = 0) -> list[CurvePoint]:
    """The curve of a figure's model with another seed; `epochs` above 0 shorten its schedule, the
    share of epochs in float kept."""
    config = dataclasses.replace(figure_config(name), seed=seed)
    if epochs:
        quantization, schedule = config.quantization, config.schedule
        before = quantization.float_epochs * epochs // schedule.epochs
        config = dataclasses.replace(
            config,
            quantization=dataclasses.replace(quantization, float_epochs=before),
            schedule=dataclasses.replace(schedule, epochs=epochs),
        )
    return learning_curve(config, every)


def _measured(config: UnfoldedDetectorConfig) -> list[Received]:
    """Fresh vectors at each of the configuration's SNRs."""
    snrs = config.measure.snr_db
    count = CHANNELS // len(snrs)
    generator = run_generator(config.seed, MEASURE, 0)
    return [draw(config.link, torch.full((count,), float(snr)), VECTORS, generator) for snr in snrs]


@torch.no_grad()
def _accuracy(model: UnfoldedDetector, received: list[Received], quantized: bool) -> float:
    bits = model.config.link.bits_per_symbol
    table, levels = level_bits(bits), 1 << (bits // 2)
    thresholds = torch.arange(2 - levels, levels, 2, dtype=torch.float32)
    right = []
    for part in received:
        o = model(part.channel, part.y, part.snr_db, quantized).o
        found = torch.bucketize(o.contiguous(), thresholds, right=True)
        right.append((table[found] == table[part.levels]).double().mean())
    return float(torch.stack(right).mean())
