# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The distance of two samples' distributions by a Gaussian kernel (KAQ's MMD)."""

from __future__ import annotations

import torch
from torch import Tensor


def kde_bandwidth(samples: Tensor) -> Tensor:
    """Scott's rule for [B, d]: mean deviation of a coordinate times B^(-1 / (d + 4)), in units of
    sqrt(d) as the distances of d coordinates are; a scalar."""
    count, dimensions = samples.shape
    deviation = samples.var(dim=0, unbiased=False).mean().sqrt()
    return deviation * dimensions**0.5 * count ** (-1.0 / (dimensions + 4))


def kernel_mean(a: Tensor, b: Tensor, bandwidth: Tensor) -> Tensor:
    """Mean of exp(-|a_i - b_j|^2 / (2 bandwidth^2)) over all pairs of rows."""
    square = a.square().sum(-1)[:, None] + b.square().sum(-1) - 2.0 * a @ b.T
    return torch.exp(-square.clamp(min=0.0) / (2.0 * bandwidth**2)).mean()


def square_mmd(a: Tensor, b: Tensor, bandwidth: Tensor) -> Tensor:
    """MMD^2 of rows a and rows b, the paper's eq. 11 with one bandwidth in all three terms.

    Never negative but for rounding. With the paper's three bandwidths it is no distance: the
    gradient makes the third term's infinite, the others' small, whatever the quantizer does.
    """
    same = kernel_mean(a, a, bandwidth) + kernel_mean(b, b, bandwidth)
    return same - 2.0 * kernel_mean(a, b, bandwidth)
