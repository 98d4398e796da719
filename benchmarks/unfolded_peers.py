# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ADMM-Net of docs/unfolded_detector.md in numpy and in torch, in float32, 16-QAM, each in an
ordinary form; and in numpy in the fastest that was found, as `fewbit_lab.kaq_torch` is in torch.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from fewbit_lab.kaq_network import Prepared, Scalars
from fewbit_lab.kaq_torch import by_channel

SCALE = np.sqrt(10.0)  # the real model's units for one of a symbol of unit energy
THRESHOLDS = np.float32([-2, 0, 2])


def plain_numpy(scalars: Scalars, cached: Prepared, y: np.ndarray) -> Callable[[], np.ndarray]:
    """Levels [vectors, N]; vectors go over the channels in turn."""
    channels = len(cached.filter)
    inverses = np.tile(cached.widths, (1, len(y) // channels if channels > 1 else 1, 1))
    gains = scalars.gains.astype(np.float32)

    def times(matrix: np.ndarray, v: np.ndarray) -> np.ndarray:
        if channels == 1:
            return v @ matrix[0].T
        return (matrix @ v.reshape(-1, channels, 32, 1)).reshape(v.shape)

    def call() -> np.ndarray:
        b = r = times(cached.filter, np.concatenate([y.real, y.imag], -1) * np.float32(SCALE))
        for inverse, (alpha, beta, kappa) in zip(inverses, gains, strict=True):
            z = sum(np.clip((r - m) * inverse, -1, 1) for m in THRESHOLDS)
            u = r - z
            r = b + times(cached.matrix, alpha * z - beta * u) + kappa * u
        return (r >= -2).view(np.int8) + (r >= 0).view(np.int8) + (r >= 2).view(np.int8)

    return call


class NumpyInPlace:
    """Levels [C, V, N] of vectors by channel."""

    def __init__(self, scalars: Scalars, cached: Prepared, y: np.ndarray) -> None:
        self.y = by_channel(y, len(cached.filter))
        parts = (cached.filter, cached.matrix)
        self.filter, self.matrix = (np.ascontiguousarray(m.transpose(0, 2, 1)) for m in parts)
        self.inverse, self.gains = cached.widths[:, :, None, :], scalars.gains.astype(np.float32)
        shape = (*self.y.shape[:2], 32)
        self.x, self.b, self.r, self.z, self.v = (np.empty(shape, np.float32) for _ in range(5))
        self.levels, self.reached = np.empty(shape, np.int8), np.empty(shape, bool)

    def __call__(self) -> np.ndarray:
        x, b, r, z, v = self.x, self.b, self.r, self.z, self.v
        np.multiply(self.y.real, np.float32(SCALE), out=x[..., :16])
        np.multiply(self.y.imag, np.float32(SCALE), out=x[..., 16:])
        np.matmul(x, self.filter, out=b)
        np.copyto(r, b)
        for inverse, (alpha, beta, kappa) in zip(self.inverse, self.gains, strict=True):
            np.multiply(r, inverse, out=v)
            outer = 2 * inverse
            _clipped(v, z)
            for shift in (np.subtract, np.add):
                shift(v, outer, out=x)
                _clipped(x, x)
                np.add(z, x, out=z)
            np.subtract(r, z, out=r)  # u
            np.multiply(z, alpha, out=z)
            np.multiply(r, beta, out=v)
            np.subtract(z, v, out=z)
            np.multiply(r, kappa, out=r)
            np.matmul(z, self.matrix, out=v)
            np.add(r, v, out=r)
            np.add(r, b, out=r)
        np.greater_equal(r, THRESHOLDS[0], out=self.levels.view(bool))
        for threshold in THRESHOLDS[1:]:
            np.greater_equal(r, threshold, out=self.reached)
            np.add(self.levels, self.reached.view(np.int8), out=self.levels)
        return self.levels


def _clipped(a: np.ndarray, out: np.ndarray) -> None:
    """To +-1: two passes take less time than np.clip."""
    np.minimum(a, np.float32(1), out=out)
    np.maximum(out, np.float32(-1), out=out)


def plain_torch(scalars: Scalars, cached: Prepared, y: np.ndarray) -> Callable[[], object]:
    """Levels [vectors, N], in eager mode."""
    import torch

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    times_each = len(y) // len(cached.filter) if len(cached.filter) > 1 else 1
    matrices = (np.tile(m, (times_each, 1, 1)) for m in (cached.filter, cached.matrix))
    filter_, matrix = map(torch.from_numpy, matrices)
    inverses = torch.from_numpy(np.tile(cached.widths, (1, times_each, 1)))
    gains, received = scalars.gains.tolist(), torch.from_numpy(y)

    def times(matrix, v):
        return v @ matrix[0].T if len(matrix) == 1 else torch.bmm(matrix, v[..., None])[..., 0]

    def call():
        b = r = times(filter_, torch.cat([received.real, received.imag], -1) * SCALE)
        for inverse, (alpha, beta, kappa) in zip(inverses, gains, strict=True):
            z = (r * inverse).clamp(-1, 1)
            z = z + ((r - 2) * inverse).clamp(-1, 1) + ((r + 2) * inverse).clamp(-1, 1)
            u = r - z
            r = b + times(matrix, alpha * z - beta * u) + kappa * u
        return (r >= -2).byte() + (r >= 0).byte() + (r >= 2).byte()

    return call
