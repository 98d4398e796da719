# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uniform quantizers that gradients pass straight through, inside their range."""

from __future__ import annotations

import torch
from torch import Tensor

LEAST_STEP = 1e-3


def largest_code(bits: int) -> int:
    """2^(bits - 1) - 1."""
    return (1 << (bits - 1)) - 1


def quantize(x: Tensor, step: Tensor, bits: int) -> Tensor:
    """Q(x) = step * round(x / step), its codes clipped to +-(2^(bits - 1) - 1).

    Backward the rounding counts as the identity: d/dx is 1 inside the range and 0 outside, d/dstep
    is the rounding error in steps inside and +-(2^(bits - 1) - 1) outside.
    """
    most = largest_code(bits)
    scaled = (x / step).clamp(-most, most)
    return step * (scaled + (scaled.round() - scaled).detach())


def quantize_rows(matrix: Tensor, bits: int) -> Tensor:
    """Each row by the step that its largest magnitude asks for; backward the identity."""
    most = largest_code(bits)
    with torch.no_grad():
        largest = matrix.abs().amax(-1, keepdim=True).clamp(min=1e-30)
        rounded = (matrix * (most / largest)).round() * (largest / most)
    return matrix + (rounded - matrix).detach()
