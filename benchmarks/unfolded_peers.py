# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ADMM-Net of docs/unfolded_detector.md in numpy and in torch, in float32, 16-QAM, each in an
ordinary form and in the fastest that was found.

What makes the fast ones fast: vectors lie channel by channel, rows times a transposed matrix, so
that a channel's vectors are one matrix product (torch.bmm takes eight times as long for a matrix
times a column), and every step works in place, in arrays that stay in the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SCALE = np.sqrt(10.0)  # the real model's units for one of a symbol of unit energy
THRESHOLDS = np.float32([-2, 0, 2])
LEAST_WIDTH = 1 / 8


def scalars_of(path: str, snr_db: float) -> dict[str, np.ndarray]:
    """A bundle's at an SNR, by docs/unfolded_detector.md."""
    from safetensors.numpy import load_file

    tensors = load_file(path)
    knots = tensors["snr_db"]

    def at(name: str) -> np.ndarray:
        table = tensors[name].reshape(len(knots), -1)
        return np.exp([np.interp(snr_db, knots, column) for column in table.T])

    names = ("rho", "denoiser.constant", "denoiser.slope", "gain.estimate", "gain.dual", "memory")
    return {name: at(name + ".log") for name in names}


@dataclass
class Cached:
    """What the peers keep of channels: filter and matrix [C, N, N], widths [D, C, N]."""

    filter: np.ndarray
    matrix: np.ndarray
    inverse_width: np.ndarray
    gains: np.ndarray

    @classmethod
    def of(cls, path: str, h: np.ndarray, snr_db: float) -> Cached:
        s = scalars_of(path, snr_db)
        real = np.block([[h.real, -h.imag], [h.imag, h.real]]).astype(float)
        adjoint = real.transpose(0, 2, 1)
        inverse = np.linalg.inv(adjoint @ real + s["rho"] * np.eye(32))
        error = 5 * 10 ** (-snr_db / 10) * np.diagonal(inverse, axis1=1, axis2=2)
        width = s["denoiser.slope"][:, None, None] * error + s["denoiser.constant"][:, None, None]
        gains = np.stack([s["gain.estimate"], s["gain.dual"], s["memory"]], 1)
        width = np.maximum(width, LEAST_WIDTH)
        parts = (inverse @ adjoint, s["rho"] * inverse, 1 / width, gains)
        return cls(*(part.astype(np.float32) for part in parts))

    def transposed(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Filter and matrix for rows of vectors, and widths [D, C, 1, N]."""
        turned = (np.ascontiguousarray(m.transpose(0, 2, 1)) for m in (self.filter, self.matrix))
        return *turned, self.inverse_width[:, :, None, :]


def by_channel(y: np.ndarray, channels: int) -> np.ndarray:
    """Vectors that go over the channels in turn, as [channels, vectors of each, 16]."""
    return np.ascontiguousarray(y.reshape(-1, channels, y.shape[-1]).transpose(1, 0, 2))


def in_turn(levels: np.ndarray) -> np.ndarray:
    """The other way round: levels of vectors in the order in which they came."""
    return levels.transpose(1, 0, 2).reshape(-1, levels.shape[-1])


def plain_numpy(cached: Cached, y: np.ndarray) -> Callable[[], np.ndarray]:
    """Levels [vectors, N]; vectors go over the channels in turn."""
    channels = len(cached.filter)
    inverses = np.tile(cached.inverse_width, (1, len(y) // channels if channels > 1 else 1, 1))

    def times(matrix: np.ndarray, v: np.ndarray) -> np.ndarray:
        if channels == 1:
            return v @ matrix[0].T
        return (matrix @ v.reshape(-1, channels, 32, 1)).reshape(v.shape)

    def call() -> np.ndarray:
        b = r = times(cached.filter, np.concatenate([y.real, y.imag], -1) * np.float32(SCALE))
        for inverse, (alpha, beta, kappa) in zip(inverses, cached.gains, strict=True):
            z = sum(np.clip((r - m) * inverse, -1, 1) for m in THRESHOLDS)
            u = r - z
            r = b + times(cached.matrix, alpha * z - beta * u) + kappa * u
        return (r >= -2).view(np.int8) + (r >= 0).view(np.int8) + (r >= 2).view(np.int8)

    return call


class NumpyInPlace:
    """Levels [C, V, N] of vectors by channel."""

    def __init__(self, cached: Cached, y: np.ndarray) -> None:
        self.y = by_channel(y, len(cached.filter))
        self.filter, self.matrix, self.inverse = cached.transposed()
        self.gains = cached.gains
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


def plain_torch(cached: Cached, y: np.ndarray) -> Callable[[], object]:
    """Levels [vectors, N], in eager mode."""
    import torch

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    times_each = len(y) // len(cached.filter) if len(cached.filter) > 1 else 1
    matrices = (np.tile(m, (times_each, 1, 1)) for m in (cached.filter, cached.matrix))
    filter_, matrix = map(torch.from_numpy, matrices)
    inverses = torch.from_numpy(np.tile(cached.inverse_width, (1, times_each, 1)))
    gains, received = cached.gains.tolist(), torch.from_numpy(y)

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


def torch_in_place(cached: Cached, y: np.ndarray) -> Callable[[], object]:
    """Levels [C, V, N] of vectors by channel, in eager mode."""
    import torch

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    filter_, matrix, inverses = map(torch.from_numpy, cached.transposed())
    gains, received = cached.gains.tolist(), torch.from_numpy(by_channel(y, len(cached.filter)))
    v, z, x = (torch.empty(*received.shape[:2], 32) for _ in range(3))

    def call():
        b = torch.bmm(torch.cat([received.real, received.imag], -1) * SCALE, filter_)
        r = b.clone()
        for inverse, (alpha, beta, kappa) in zip(inverses, gains, strict=True):
            torch.mul(r, inverse, out=v)
            outer = 2 * inverse
            torch.clamp(v, -1, 1, out=z)
            z.add_(torch.sub(v, outer, out=x).clamp_(-1, 1))
            z.add_(torch.add(v, outer, out=x).clamp_(-1, 1))
            r.sub_(z)  # u
            torch.mul(z, alpha, out=v).add_(r, alpha=-beta)
            r.mul_(kappa).add_(torch.bmm(v, matrix, out=x)).add_(b)
        return (r >= -2).byte() + (r >= 0).byte() + (r >= 2).byte()

    return call
