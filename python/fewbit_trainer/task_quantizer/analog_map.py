# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Analog maps that can be trained: layers, and phase shifters of any phase or of b bits."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ..softbit_codec import glorot_normal_


def layer_stack(widths: list[int], generator: torch.Generator) -> nn.ModuleList:
    """Affine layers between these widths, Glorot start."""
    layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths[:-1], widths[1:], strict=True))
    for layer in layers:
        glorot_normal_(layer, generator)
    return layers


def through(layers: nn.ModuleList, value: Tensor) -> Tensor:
    """The layers with ReLU between."""
    for number, layer in enumerate(layers):
        value = layer(torch.relu(value) if number else value)
    return value


class LayerMap(nn.Module):
    """One affine layer or more."""

    def __init__(self, widths: list[int], generator: torch.Generator) -> None:
        super().__init__()
        self.layers = layer_stack(widths, generator)

    def forward(self, x: Tensor) -> Tensor:
        """v ``[..., p]`` of x ``[..., n]``."""
        return through(self.layers, x)


class PhaseShifterMap(nn.Module):
    """v = [Re; Im] of exp(j phases) / sqrt(antennas) times the complex antennas' signals.

    Phases of b bits are rounded to multiples of 2 pi / 2^b, and the gradient passes straight
    through the rounding.
    """

    def __init__(self, adcs: int, inputs: int, bits: int, generator: torch.Generator) -> None:
        super().__init__()
        self.bits = bits
        phases = torch.rand(adcs // 2, inputs // 2, generator=generator)
        self.phases = nn.Parameter(2.0 * math.pi * phases)

    def deployed_phases(self) -> Tensor:
        """As the hardware has them."""
        if not self.bits:
            return self.phases
        step = 2.0 * math.pi / 2**self.bits
        rounded = torch.round(self.phases / step) * step
        return self.phases + (rounded - self.phases).detach()

    def weight(self) -> Tensor:
        """The real form [[Re, -Im], [Im, Re]], ``[p, n]``."""
        phases = self.deployed_phases()
        scale = 1.0 / math.sqrt(phases.shape[1])
        real, imaginary = scale * torch.cos(phases), scale * torch.sin(phases)
        return torch.cat(
            [torch.cat([real, -imaginary], dim=1), torch.cat([imaginary, real], dim=1)]
        )

    def forward(self, x: Tensor) -> Tensor:
        """v ``[..., p]`` of x ``[..., n]``."""
        return x @ self.weight().T
