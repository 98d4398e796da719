# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""First steps of the quantizers, and first bandwidths, from what the float network does."""

from __future__ import annotations

import torch
from torch import Tensor

from .channels import Received
from .kernel_distance import kde_bandwidth
from .network import UnfoldedDetector
from .quantizers import largest_code

_KDE_VECTORS = 256


def calibrate(model: UnfoldedDetector, received: Received) -> None:
    """Sets each layer's step, and its kernel's bandwidth, from these vectors."""
    settings = model.config.quantization
    bits = settings.activation_bits
    if not bits:
        return
    with torch.no_grad():
        output = model(received.channel, received.y, received.snr_db, quantized=False)
        root_snr = model.scalars.at(received.snr_db).root_snr
        for k, (v, _) in enumerate(output.activations):
            alpha, gamma = 0.0, range_of(v, settings.steps, settings.percentile)
            if settings.training == "straight_through" and settings.dynamic_step:
                alpha, gamma = _range_line(v, root_snr, settings.steps, settings.percentile)
            model.alpha[k] = alpha / largest_code(bits)
            model.gamma[k] = gamma / largest_code(bits)
            model.kde_bandwidth[k] = kde_bandwidth(v.flatten(0, -2)[:_KDE_VECTORS])
        model.step_scale.copy_(model.gamma.mean())


def range_of(v: Tensor, rule: str, percentile: float) -> float:
    """The magnitude that the largest code stands for."""
    magnitudes = v.abs().flatten()
    if rule == "largest":
        return float(magnitudes.max())
    order = min(len(magnitudes), max(1, round(len(magnitudes) * percentile / 100.0)))
    return float(magnitudes.kthvalue(order).values)


def _range_line(v: Tensor, root_snr: Tensor, rule: str, percentile: float) -> tuple[float, float]:
    """alpha, gamma: least squares of eight SNR classes' ranges on snr^(-1/2), gamma positive."""
    classes = root_snr.argsort().chunk(8)
    ranges = torch.tensor([range_of(v[c], rule, percentile) for c in classes])
    places = torch.tensor([float(root_snr[c].mean()) for c in classes])
    spread = places - places.mean()
    if float(spread.square().sum()) < 1e-12:
        return 0.0, float(ranges.mean())
    alpha = float((spread * ranges).sum() / spread.square().sum())
    gamma = float(ranges.mean() - alpha * places.mean())
    least = 0.25 * float(ranges.min())
    return (alpha, gamma) if gamma > least else (0.0, float(ranges.mean()))
