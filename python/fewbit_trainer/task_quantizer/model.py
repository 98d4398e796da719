# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trainable chain: analog map, AGC, soft ADCs, digital map (the paper's Fig. 2).

Nothing passes the ADCs but their output and, behind a block AGC, the gain g.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from .analog_map import LayerMap, PhaseShifterMap, layer_stack, through
from .config import TaskQuantizerConfig, level_counts
from .soft_adc import NoiseAdcs, SoftAdcs

_LEAST_VARIANCE = 1e-12


class Gain(NamedTuple):
    """What the AGC does to the analog map's outputs v: (v - mean) * factor."""

    mean: Tensor
    factor: Tensor


class AffineDigital(nn.Module):
    """s = sum_j (1/g)^j (W_j q + b_j)."""

    def __init__(self, powers: int, outputs: int, adcs: int, generator: torch.Generator) -> None:
        super().__init__()
        deviation = (2.0 / (outputs + adcs)) ** 0.5
        weight = deviation * torch.randn(powers, outputs, adcs, generator=generator)
        weight[1:] = 0.0  # the other powers correct the first
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.zeros(powers, outputs))

    def forward(self, q: Tensor, g: Tensor | None) -> Tensor:
        """Estimates ``[..., k]``."""
        estimate = q @ self.weight[0].T + self.bias[0]
        for power in range(1, len(self.weight)):
            assert g is not None
            term = q @ self.weight[power].T + self.bias[power]
            estimate = estimate + term / g.unsqueeze(-1) ** power
        return estimate


class NetworkDigital(nn.Module):
    """Layers with ReLU between."""

    def __init__(self, widths: list[int], generator: torch.Generator) -> None:
        super().__init__()
        self.layers = layer_stack(widths, generator)

    def forward(self, q: Tensor, g: Tensor | None) -> Tensor:
        """Estimates, or the classes' logits."""
        return through(self.layers, q)


class TaskQuantizer(nn.Module):
    """The whole chain, soft. ``outputs``: k; ``answers``: k, or the number of classes."""

    def __init__(self, config: TaskQuantizerConfig, inputs: int, outputs: int, answers: int):
        super().__init__()
        generator = torch.Generator().manual_seed(config.seed)
        analog, adc, digital = config.analog, config.adc, config.digital
        self.agc, self.load = adc.agc, adc.load
        self.outputs = outputs
        self.analog: LayerMap | PhaseShifterMap
        if analog.kind == "phase_shifters":
            self.analog = PhaseShifterMap(adc.adcs, inputs, analog.phase_bits, generator)
        else:
            self.analog = LayerMap([inputs, *analog.hidden, adc.adcs], generator)
        levels = level_counts(config, inputs)
        self.adcs: SoftAdcs | NoiseAdcs
        if adc.quantizer == "noise":
            self.adcs = NoiseAdcs(levels, adc.span)
        else:
            learned = adc.thresholds == "learned"
            start = adc.start if learned else "uniform"
            self.adcs = SoftAdcs(levels, adc.identical, start, adc.span, learned)
        self.register_buffer("dither", torch.tensor([4.0 * adc.dither / m for m in levels]))
        self.digital: AffineDigital | NetworkDigital
        if digital.kind == "affine":
            self.digital = AffineDigital(digital.powers, outputs, adc.adcs, generator)
        else:
            self.digital = NetworkDigital([adc.adcs, *digital.hidden, answers], generator)

    def gain_of(self, v: Tensor) -> Gain:
        """The AGC's mean and factor over the vectors v; without an AGC it does nothing."""
        if self.agc == "none":
            return Gain(v.new_zeros(v.shape[-1]), v.new_ones(v.shape[-1]))
        mean = v.mean(dim=0)
        variance = (v - mean).square().mean(dim=0)
        return Gain(mean, self.load * (variance + _LEAST_VARIANCE).rsqrt())

    def adc_inputs(self, x: Tensor, gain: Gain | None = None) -> tuple[Tensor, Tensor | None]:
        """z ``[t, p]``, and g ``[t]`` of a block AGC over each vector. ``gain`` None: of x."""
        v = self.analog(x)
        gain = self.gain_of(v) if gain is None else gain
        z = (v - gain.mean) * gain.factor
        if self.agc != "block":
            return z, None
        g = (z.square().mean(dim=-1) + _LEAST_VARIANCE).rsqrt()
        return z * g.unsqueeze(-1), g

    def forward(
        self,
        x: Tensor,
        sharpness: float,
        generator: torch.Generator | None = None,
        gain: Gain | None = None,
    ) -> Tensor:
        """Soft answers ``[t, answers]``. With a generator, training's noise is drawn from it."""
        z, g = self.adc_inputs(x, gain)
        if isinstance(self.adcs, NoiseAdcs):
            return self.digital(self.adcs(z, generator), g)
        if generator is not None and bool(self.dither.any()):
            noise = torch.randn(z.shape, generator=generator, device=z.device)
            z = z + self.dither * noise
        return self.digital(self.adcs(z, sharpness), g)
