# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hardware-limited task-based quantization: the best linear system around uniform, dithered ADCs.

After N. Shlezinger, Y. Eldar and M. Rodrigues, "Hardware-Limited Task-Based Quantization", IEEE
Trans. Signal Process. 67(20), 2019. With G the linear MMSE estimator, l_i the singular values of
G Sx^(1/2) = U diag(l) V^T, p ADCs of M levels and support eta standard deviations wide:

    kappa = eta^2 / (1 - eta^2 / (3 M^2)),  nu = 2 kappa / (3 M^2 p)
    alpha_i = nu (zeta l_i - 1)^+, sum alpha = 1                      water filling
    A = U_A diag(sqrt alpha) V_p^T Sx^(-1/2), diag(U_A diag(alpha) U_A^T) = 1/p
    support gamma = sqrt(kappa / p), Delta = 2 gamma / M, dither uniform on +-Delta/2
    B = G Sx A^T (A Sx A^T + nu I)^-1
    eta_sc = MMSE + (1/k) [sum_{i<=p} l_i^2 / ((zeta l_i - 1)^+ + 1) + sum_{i>p} l_i^2]

eta_sc is the model's own figure: exact for dithered quantizers that never overload, which these do
beyond eta standard deviations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..chain import Chain
from ..lloyd_max import ScalarQuantizer, uniform
from ..normal import Floats
from .design import Front
from .second_order import SecondOrder

DEFAULT_SUPPORT = 2.0


def water_filling(singular: Floats, noise: float) -> tuple[float, Floats]:
    """zeta and alpha [p] of descending `singular` values l and the quantizers' noise nu."""
    if not (len(singular) and singular[0] > 0 and np.all(np.diff(singular) <= 1e-12)):
        raise ValueError("singular values must descend from a positive one")
    for m in range(len(singular), 0, -1):
        zeta = (1 / noise + m) / float(np.sum(singular[:m]))
        if zeta * singular[m - 1] > 1:
            break
    return zeta, noise * np.maximum(zeta * singular - 1, 0)


def equalising_rotation(diagonal: Floats) -> Floats:
    """Orthogonal U with every diagonal entry of U diag(`diagonal`) U^T the mean.

    At most p - 1 Givens rotations, each of which puts one entry at the mean for good.
    """
    size = len(diagonal)
    rotation = np.eye(size)
    current = np.diag(np.asarray(diagonal, float))
    mean = float(np.mean(diagonal))
    open_entries = list(range(size))
    while len(open_entries) > 1:
        low = min(open_entries, key=lambda i: current[i, i])
        high = max(open_entries, key=lambda i: current[i, i])
        if current[high, high] - current[low, low] < 1e-12 * mean:
            break
        # Entry low becomes c^2 a + 2 c s b + s^2 d; solve for tan = s / c at the mean.
        a = current[low, low] - mean
        b = current[low, high]
        d = current[high, high] - mean
        tangent = (-b + np.sqrt(b * b - a * d)) / d
        cosine = 1 / np.hypot(1, tangent)
        givens = np.eye(size)
        givens[low, low] = givens[high, high] = cosine
        givens[low, high], givens[high, low] = tangent * cosine, -tangent * cosine
        rotation = givens @ rotation
        current = givens @ current @ givens.T
        open_entries.remove(low)
    return rotation


@dataclass(frozen=True)
class HardwareLimited:
    """A = `combiner` [p, n], ADCs uniform on [-support, support], B = `digital` [k, p]."""

    combiner: Floats
    digital: Floats
    quantizer: ScalarQuantizer
    step: float  #: Delta; the dither is uniform on +-Delta/2
    predicted_mse: float  #: eta_sc

    def simulate(self, observations: Floats, rng: np.random.Generator | None = None) -> Floats:
        """Estimates [t, k] of observations [t, n], with dither from `rng` or without."""
        z = observations @ self.combiner.T
        if rng is not None:
            z = z + rng.uniform(-self.step / 2, self.step / 2, z.shape)
        codes = np.searchsorted(self.quantizer.thresholds, z, side="right")
        return self.quantizer.levels[codes] @ self.digital.T

    def chain(self, model: SecondOrder, complex_inputs: bool = False) -> Chain:
        """The deployed chain, without dither."""
        deviation = np.sqrt(np.sum((self.combiner @ model.observation) * self.combiner, axis=1))
        quantizers = [
            ScalarQuantizer(self.quantizer.thresholds / s, self.quantizer.levels / s)
            for s in deviation
        ]
        front = Front.of_unit_variance(
            self.combiner, model.observation, quantizers, complex_inputs=complex_inputs
        )
        return front.estimator((self.digital * deviation)[None], np.zeros((1, len(self.digital))))


def hardware_limited(
    model: SecondOrder, levels: int, adcs: int | None = None, support: float = DEFAULT_SUPPORT
) -> HardwareLimited:
    """The design of `adcs` ADCs (k if None) of `levels` levels each; `support` is eta."""
    outputs, inputs = model.cross.shape
    p = outputs if adcs is None else adcs
    if not 1 <= p <= min(outputs, inputs):
        raise ValueError(f"adcs is {p}; use 1 to the number of outputs, {min(outputs, inputs)}")
    if not 0 < support < np.sqrt(3) * levels:
        raise ValueError(f"support is {support}; use more than 0 and less than sqrt(3) levels")
    kappa = support**2 / (1 - support**2 / (3 * levels**2))
    nu = 2 * kappa / (3 * levels**2 * p)

    values, vectors = np.linalg.eigh(model.observation)
    inverse_root = (vectors / np.sqrt(values)) @ vectors.T
    whitened = model.cross @ inverse_root  # G Sx^(1/2)
    _, singular, right = np.linalg.svd(whitened, full_matrices=False)
    zeta, alpha = water_filling(singular[:p], nu)
    rotation = equalising_rotation(alpha)
    combiner = (rotation * np.sqrt(alpha)) @ right[:p] @ inverse_root
    covariance = (rotation * alpha) @ rotation.T + nu * np.eye(p)
    digital = np.linalg.solve(covariance, combiner @ model.cross.T).T

    gamma = np.sqrt(kappa / p)
    kept = singular[:p] ** 2 / (np.maximum(zeta * singular[:p] - 1, 0) + 1)
    excess = (np.sum(kept) + np.sum(singular[p:] ** 2)) / outputs
    return HardwareLimited(
        combiner, digital, uniform(levels, gamma), 2 * gamma / levels, model.mmse() + excess
    )


def predicted_mse(
    model: SecondOrder, levels: Sequence[int], support: float = DEFAULT_SUPPORT
) -> list[float]:
    """eta_sc of p = k ADCs for each number of levels."""
    return [hardware_limited(model, m, support=support).predicted_mse for m in levels]
