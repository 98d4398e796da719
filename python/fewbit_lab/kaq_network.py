# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unfolded networks written out on arrays, for what no C++ class runs: half precision, and the
paper's network in float with its quantizers' range alone.

The equations are docs/unfolded_detector.md's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from gnuradio.fewbit import algorithms

from fewbit_lab.errors import LabError

Array = np.ndarray
Keep = Callable[[Array], Array]

LEAST_STEP, LEAST_STAIR = 1e-3, 1.0 / 8.0
MAGIC = np.float32(0.75)


@dataclass(frozen=True)
class Scalars:
    """A bundle's, at one SNR; of each layer, an array [D]."""

    kind: str
    denoiser: str
    levels: int
    rho: float
    eta: np.ndarray
    gains: np.ndarray
    """alpha, beta, kappa [D, 3]"""
    slope: np.ndarray
    constant: np.ndarray
    step: np.ndarray
    """Delta_k"""

    @classmethod
    def of(cls, file: str, snr_db: float) -> Scalars:
        bundle = algorithms.bundle.load(file)
        config = bundle.config
        table = {name: bundle.f32(name, shape) for name, (_, shape) in bundle.tensors.items()}
        knots = np.atleast_1d(table["snr_db"]).ravel()

        def at(name: str) -> np.ndarray:
            rows = np.asarray(table[f"{name}.log"]).reshape(len(knots), -1)
            return np.exp([np.interp(snr_db, knots, column) for column in rows.T])

        admm = config["network"] == "admm"
        constant = at("denoiser.constant")
        gains = ("gain.estimate", "gain.dual", "memory")
        root_snr = 10.0 ** (-snr_db / 20.0)
        step = np.ravel(table["step.alpha"]) * root_snr + np.ravel(table["step.gamma"])
        return cls(
            kind=config["network"],
            denoiser=config["denoiser"],
            levels=1 << (config["bits_per_symbol"] // 2),
            rho=float(at("rho")[0]) if admm else math.nan,
            eta=np.array([]) if admm else at("eta"),
            gains=np.stack([at(name) for name in gains], 1) if admm else np.empty((0, 3)),
            slope=at("denoiser.slope") if config["tau"] == "per_coordinate" else 0.0 * constant,
            constant=constant,
            step=np.maximum(step, LEAST_STEP),
        )

    @property
    def scale(self) -> float:
        """The real model's units for one of a symbol of unit energy: c."""
        return math.sqrt(2.0 * (self.levels**2 - 1) / 3.0)


@dataclass(frozen=True)
class Prepared:
    """Of channels: filter [C, N, R], matrix [C, N, N], widths [D, C, N] (a staircase's: 1 / w)."""

    filter: Array
    matrix: Array
    widths: Array

    @classmethod
    def of(cls, scalars: Scalars, h: np.ndarray, noise_variance: float) -> Prepared:
        real = np.block([[h.real, -h.imag], [h.imag, h.real]]).astype(float)
        adjoint = real.transpose(0, 2, 1)
        gram = adjoint @ real
        variance = scalars.scale**2 * noise_variance / 2.0
        if scalars.kind == "admm":
            inverse = np.linalg.inv(gram + scalars.rho * np.eye(gram.shape[-1]))
            matrix, filter_ = scalars.rho * inverse, inverse @ adjoint
            error = variance * np.diagonal(inverse, axis1=1, axis2=2)
        else:
            matrix, filter_ = gram, adjoint
            error = variance / np.maximum(np.diagonal(gram, axis1=1, axis2=2), 1e-12)
        widths = scalars.slope[:, None, None] * error + scalars.constant[:, None, None]
        if scalars.denoiser == "staircase":
            widths = 1.0 / np.maximum(widths, LEAST_STAIR)
        return cls(*(part.astype(np.float32) for part in (filter_, matrix, widths)))


def times(matrix: Array, v: Array) -> Array:
    """Each vector's matrix times it; or the one matrix that all have."""
    return v @ matrix[0].T if len(matrix) == 1 else (matrix @ v[..., None])[..., 0]


def denoise(scalars: Scalars, r: Array, width: Array) -> Array:
    if scalars.denoiser == "soft_threshold":
        return r - r.clip(-width, width)
    if scalars.denoiser == "clip":
        return r.clip(-width, width)
    if scalars.denoiser != "staircase":
        raise LabError(f"denoiser {scalars.denoiser} is not written out here")
    z = (r * width).clip(-1, 1)
    for threshold in range(2, scalars.levels, 2):
        z = z + ((r - threshold) * width).clip(-1, 1) + ((r + threshold) * width).clip(-1, 1)
    return z


def layers(
    scalars: Scalars,
    prepared: Prepared,
    y: Array,
    keep: Keep = lambda a: a,
    limits: Sequence[float] = (),
) -> Array:
    """The output o [V, N] of y [V, R], real, c y. `keep` is what a stored value becomes; `limits`
    clip the vector that a layer multiplies its matrix by."""
    b = keep(times(prepared.filter, y))

    def hold(v: Array, k: int) -> Array:
        return keep(v.clip(-limits[k], limits[k]) if len(limits) else v)

    if scalars.kind == "admm":
        r = b
        for k, (alpha, beta, kappa) in enumerate(scalars.gains.tolist()):
            z = keep(denoise(scalars, r, prepared.widths[k]))
            u = keep(r - z)
            v = hold(alpha * z - beta * u, k)
            r = keep(b + times(prepared.matrix, v) + kappa * u)
        return r
    eta = scalars.eta.tolist()
    r = keep(eta[0] * b)
    for k in range(len(eta)):
        x = hold(denoise(scalars, r, prepared.widths[k]), k)
        if k + 1 < len(eta):
            r = keep(x + eta[k + 1] * (b - times(prepared.matrix, x)))
    return x


def real_vectors(scalars: Scalars, y: np.ndarray) -> np.ndarray:
    """c y, stacked."""
    return np.concatenate([y.real, y.imag], -1) * np.float32(scalars.scale)


def in_half(a: np.ndarray) -> np.ndarray:
    """As stored in IEEE binary16, for magnitudes up to 65504; sums of products stay in float32.

    float32 has 13 bits more: a product with 2^13 + 1 and two differences leave the upper 11
    (Veltkamp's splitting). Below 2^-14 binary16 has steps of 2^-24, as float32 from .5 to 1. Ten
    times as fast as numpy's own conversion.
    """
    a = a.astype(np.float32, copy=False)
    product = a * np.float32(8193.0)
    upper = product - (product - a)
    return np.where(np.abs(a) < np.float32(2.0**-14), (a + MAGIC) - MAGIC, upper)


#: Of WrittenOut's, those that no C++ class has.
WRITTEN_OUT = ("float16", "clipped")


class WrittenOut:
    """A network of `layers` with what figures ask of a detector: prepare and labels.

    `how` is "float32", "float16" (every stored value in half precision: y, H's matrices, widths,
    and what each layer computes) or "clipped" (float32, with the range of the bundle's own 8-bit
    quantizers, 127 Delta_k, and no rounding).
    """

    def __init__(self, file: str, how: str, bits_per_symbol: int) -> None:
        self._file, self._how = file, how
        points = np.asarray(algorithms.qam_mapper(bits_per_symbol).points)
        levels = 1 << (bits_per_symbol // 2)
        scale = math.sqrt(2.0 * (levels**2 - 1) / 3.0)
        axes = (points.real, points.imag)
        i, q = (np.rint((scale * axis + levels - 1) / 2).astype(int) for axis in axes)
        self._label = np.zeros((levels, levels), np.uint8)
        self._label[i, q] = np.arange(len(points))
        self._thresholds = np.arange(2 - levels, levels, 2)

    def prepare(self, h: np.ndarray, noise_variance: float) -> None:
        self._scalars = Scalars.of(self._file, -10.0 * math.log10(noise_variance))
        prepared = Prepared.of(self._scalars, h, noise_variance)
        if self._how == "float16":
            parts = (prepared.filter, prepared.matrix, prepared.widths)
            prepared = Prepared(*map(in_half, parts))
        self._prepared = prepared

    def labels(self, y: np.ndarray, block_len: int) -> np.ndarray:
        """Every vector over the channel of its number; `block_len` is 1."""
        if block_len != 1:
            raise ValueError(f"block_len is {block_len}; expected 1")
        keep: Keep = in_half if self._how == "float16" else lambda a: a
        limits = 127.0 * self._scalars.step if self._how == "clipped" else ()
        received = keep(real_vectors(self._scalars, y))
        o = layers(self._scalars, self._prepared, received, keep, limits)
        level = np.searchsorted(self._thresholds, o, side="right")
        users = level.shape[-1] // 2
        return self._label[level[:, :users], level[:, users:]]
