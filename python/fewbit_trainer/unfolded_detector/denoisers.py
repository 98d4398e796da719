# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scalar denoisers; w is a width, or the posterior mean's variance."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .symbols import mean_of_levels, thresholds

LEAST_STAIRCASE_WIDTH = 0.125
"""So that 1 / w fits the integer arithmetic's 16 bits."""

Denoiser = Callable[[Tensor, Tensor, int], Tensor]


def _clamp(r: Tensor, w: Tensor) -> Tensor:
    return torch.minimum(torch.maximum(r, -w), w)


def soft_threshold(r: Tensor, w: Tensor, bits_per_symbol: int) -> Tensor:
    """The prox of w |x|."""
    return r - _clamp(r, w)


def clip(r: Tensor, w: Tensor, bits_per_symbol: int) -> Tensor:
    """The prox of the box [-w, w]."""
    return _clamp(r, w)


def posterior_mean(r: Tensor, w: Tensor, bits_per_symbol: int) -> Tensor:
    """E[x | r] for r = x + Gaussian noise of variance w."""
    return mean_of_levels(r, w.expand_as(r), bits_per_symbol)


def staircase(r: Tensor, w: Tensor, bits_per_symbol: int) -> Tensor:
    """A ramp of half-width w at each threshold; w = 1 is the box of the outer levels."""
    slope = 1.0 / w.clamp(min=LEAST_STAIRCASE_WIDTH)
    ramps = [((r - m) * slope).clamp(-1.0, 1.0) for m in thresholds(bits_per_symbol)]
    return torch.stack(ramps).sum(0)


DENOISERS: dict[str, Denoiser] = {
    "soft_threshold": soft_threshold,
    "clip": clip,
    "posterior_mean": posterior_mean,
    "staircase": staircase,
}
