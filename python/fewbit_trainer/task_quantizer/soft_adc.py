# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scalar ADCs that can be trained: soft-to-hard, and the passing gradient.

Soft-to-hard (the paper's eq. 4): q(z) = sum_i a_i tanh(c (z - t_i)), thresholds t_i = b_i / c and
amplitudes a_i learned, c given. As c grows q becomes the staircase that is deployed (`harden`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from .lloyd_max import ScalarQuantizer, lloyd_max, uniform
from .normal import Floats


def harden(thresholds: Floats, amplitudes: Floats, sharpness: float) -> ScalarQuantizer:
    """The deployed ADC of q(z) = sum_i a_i tanh(c (z - t_i)): thresholds in ascending order, outer
    levels -/+ sum(a), the level of the cell (t_i, t_{i+1}) = q((t_i + t_{i+1}) / 2).

    (The paper's eq. 5 slips by one index.)
    """
    order = np.argsort(thresholds, kind="stable")
    t, a = np.asarray(thresholds, float)[order], np.asarray(amplitudes, float)[order]
    middles = (t[1:] + t[:-1]) / 2
    inner = np.tanh(sharpness * (middles[:, None] - t)) @ a
    return ScalarQuantizer(t, np.concatenate([[-a.sum()], inner, [a.sum()]]))


class SoftAdcs(nn.Module):
    """p soft-to-hard ADCs; those that share a row share thresholds and amplitudes."""

    row_of: Tensor
    present: Tensor

    def __init__(
        self, levels: Sequence[int], identical: bool, start: str, span: float, learned: bool
    ) -> None:
        super().__init__()
        self.levels = list(levels)
        rows = sorted(set(levels)) if identical else list(levels)
        widest = max(rows) - 1
        thresholds, amplitudes = torch.zeros(len(rows), widest), torch.zeros(len(rows), widest)
        present = torch.zeros(len(rows), widest)
        for row, m in enumerate(rows):
            design = lloyd_max(m) if start == "lloyd_max" else uniform(m, span)
            thresholds[row, : m - 1] = torch.tensor(design.thresholds)
            amplitudes[row, : m - 1] = torch.tensor(np.diff(design.levels) / 2)
            present[row, : m - 1] = 1.0
        self.thresholds = nn.Parameter(thresholds, requires_grad=learned)
        self.amplitudes = nn.Parameter(amplitudes, requires_grad=learned)
        row_of = [rows.index(m) for m in levels] if identical else list(range(len(levels)))
        self.register_buffer("row_of", torch.tensor(row_of))
        self.register_buffer("present", present)

    def forward(self, z: Tensor, sharpness: float) -> Tensor:
        """q ``[..., p]`` of ADC inputs z ``[..., p]``."""
        amplitudes, thresholds = self.amplitudes * self.present, self.thresholds
        if len(thresholds) > 1:
            amplitudes, thresholds = amplitudes[self.row_of], thresholds[self.row_of]
        steps = torch.tanh(sharpness * (z.unsqueeze(-1) - thresholds))
        return (steps * amplitudes).sum(dim=-1)

    def hardened(self, sharpness: float) -> list[ScalarQuantizer]:
        """Each ADC as deployed."""
        thresholds = self.thresholds.detach().double().numpy()
        amplitudes = self.amplitudes.detach().double().numpy()
        rows: dict[int, ScalarQuantizer] = {}
        found = []
        for row, m in zip(self.row_of.tolist(), self.levels, strict=True):
            if row not in rows:
                rows[row] = harden(
                    thresholds[row, : m - 1], amplitudes[row, : m - 1], sharpness
                )
            found.append(rows[row])
        return found


class NoiseAdcs(nn.Module):
    """The passing gradient, the paper's rival: uniform noise of one step stands for a uniform ADC
    on [-span, span] in training."""

    step: Tensor

    def __init__(self, levels: Sequence[int], span: float) -> None:
        super().__init__()
        self.levels = list(levels)
        self.span = span
        self.register_buffer("step", torch.tensor([2.0 * span / m for m in levels]))

    def forward(self, z: Tensor, generator: torch.Generator | None) -> Tensor:
        """z plus noise; without a generator z itself."""
        if generator is None:
            return z
        noise = torch.rand(z.shape, generator=generator, device=z.device) - 0.5
        return z + noise * self.step

    def hardened(self) -> list[ScalarQuantizer]:
        """Each ADC as deployed."""
        designs = {m: uniform(m, self.span) for m in set(self.levels)}
        return [designs[m] for m in self.levels]
