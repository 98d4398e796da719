# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unfolded networks in float32 in torch eager, as fast as we could make them: what other
implementations are set beside.

Vectors lie channel by channel, rows times a stored transposed matrix, so that a channel's vectors
are one matrix product (torch.bmm takes eight times as long for a matrix times a column), and every
step works in place, in arrays that stay in the cache. PyTorch is imported when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fewbit_lab.errors import LabError
from fewbit_lab.kaq_network import Prepared, Scalars

Tensor = Any


def by_channel(y: np.ndarray, channels: int) -> np.ndarray:
    """Vectors that go over the channels in turn, as [channels, vectors of each, antennas]."""
    return np.ascontiguousarray(y.reshape(-1, channels, y.shape[-1]).transpose(1, 0, 2))


def in_turn(levels: np.ndarray) -> np.ndarray:
    """The other way round: levels of vectors in the order in which they came."""
    return levels.transpose(1, 0, 2).reshape(-1, levels.shape[-1])


class TorchInPlace:
    """Levels 0 to levels - 1, uint8 [C, V, N], of vectors by channel, on one thread."""

    def __init__(self, scalars: Scalars, prepared: Prepared, y: np.ndarray) -> None:
        """`y` [V C, antennas], over the channels in turn."""
        import torch

        torch.set_num_threads(1)
        self._torch, self._scalars = torch, scalars
        parts = (prepared.filter, prepared.matrix)
        self._filter, self._matrix = (
            torch.from_numpy(np.ascontiguousarray(m.transpose(0, 2, 1))) for m in parts
        )
        self._widths = list(torch.from_numpy(prepared.widths[:, :, None, :]))
        self._received = torch.from_numpy(by_channel(y, len(prepared.filter)))
        shape = (*self._received.shape[:2], prepared.matrix.shape[-1])
        self._v, self._x, self._z = (torch.empty(shape) for _ in range(3))
        self._gains, self._eta = scalars.gains.tolist(), scalars.eta.tolist()
        steps = {"staircase": self._staircase, "soft_threshold": self._soft_threshold}
        if scalars.denoiser not in steps:
            raise LabError(f"denoiser {scalars.denoiser} is not written out in torch")
        self._denoise: Callable[[Tensor, Tensor], Tensor] = steps[scalars.denoiser]

    def __call__(self) -> Tensor:
        torch, y = self._torch, self._received
        with torch.inference_mode():
            b = torch.bmm(torch.cat([y.real, y.imag], -1).mul_(self._scalars.scale), self._filter)
            o = self._admm(b) if self._scalars.kind == "admm" else self._pgd(b)
            thresholds = range(2 - self._scalars.levels, self._scalars.levels, 2)
            level = (o >= thresholds[0]).byte()
            for threshold in thresholds[1:]:
                level += o >= threshold
            return level

    def _admm(self, b: Tensor) -> Tensor:
        torch, r = self._torch, b.clone()
        for width, (alpha, beta, kappa) in zip(self._widths, self._gains, strict=True):
            z = self._denoise(r, width)
            r.sub_(z)  # u
            torch.mul(z, alpha, out=self._v).add_(r, alpha=-beta)
            r.mul_(kappa).add_(torch.bmm(self._v, self._matrix, out=self._x)).add_(b)
        return r

    def _pgd(self, b: Tensor) -> Tensor:
        torch, r = self._torch, b * self._eta[0]
        x = self._denoise(r, self._widths[0])
        for width, eta in zip(self._widths[1:], self._eta[1:], strict=True):
            torch.baddbmm(b, x, self._matrix, beta=eta, alpha=-eta, out=r).add_(x)
            x = self._denoise(r, width)
        return x

    def _staircase(self, r: Tensor, inverse: Tensor) -> Tensor:
        torch, v, x, z = self._torch, self._v, self._x, self._z
        torch.mul(r, inverse, out=v)
        torch.clamp(v, -1, 1, out=z)
        for threshold in range(2, self._scalars.levels, 2):
            outer = threshold * inverse
            z.add_(torch.sub(v, outer, out=x).clamp_(-1, 1))
            z.add_(torch.add(v, outer, out=x).clamp_(-1, 1))
        return z

    def _soft_threshold(self, r: Tensor, width: Tensor) -> Tensor:
        torch = self._torch
        torch.clamp(r, -width, width, out=self._z)
        return torch.sub(r, self._z, out=self._z)
