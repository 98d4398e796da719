# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rotation and cell-MAP hybrid: a symbol detector without a network.

T = R U^T with U the left singular vectors of H: U^T x has all that x says of s, in as many numbers
as there are users, its noise still white. R is a rotation, optimised: it decides how the 2^k
points lie to the ADCs' cells. The digital side knows each cell's probability for each class
(`cells`), and so the bit error rate is known without simulation, and is what R, the supports of
uniform ADCs, or all their thresholds are chosen by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..chain import Chain
from ..lloyd_max import ScalarQuantizer
from ..normal import Floats
from .cells import bitwise_error_rate, cell_probabilities, error_rate, log_likelihood
from .design import Front
from .minimise import minimise
from .models import SymbolDetection

#: ADCs of more levels are optimised as if they had these: finer cells only add cost.
_MOST_OPTIMISED = 12
#: Random rotations for each start; the best of them is optimised.
_SCREENED = 100
#: How far from the best rotation so far the other searches begin, in radians.
_HOP = 0.15
#: The most levels that supports are optimised for; more levels share these ADCs' supports.
_MOST_SUPPORTED = 32


def rotation_of(angles: Floats, size: int) -> Floats:
    """The product of Givens rotations by `angles` [size (size - 1) / 2]: every rotation is one."""
    rotation = np.eye(size)
    pairs = [(i, j) for i in range(size) for j in range(i + 1, size)]
    for angle, (i, j) in zip(angles, pairs, strict=True):
        cosine, sine = np.cos(angle), np.sin(angle)
        rotation[[i, j]] = (
            cosine * rotation[i] - sine * rotation[j],
            sine * rotation[i] + cosine * rotation[j],
        )
    return rotation


@dataclass(frozen=True, eq=False)
class RotationDetector:
    """T = R U^T [p, n], and each ADC's thresholds in the units of T x, not yet of unit variance."""

    model: SymbolDetection  #: what the design believes
    combiner: Floats
    thresholds: tuple[Floats, ...]

    def tables(self, model: SymbolDetection | None = None) -> list[Floats]:
        """P(code | class) of each ADC over `model`, the believed one if None."""
        model = self.model if model is None else model
        deviation = model.sigma * np.linalg.norm(self.combiner, axis=1)
        return cell_probabilities(model.means @ self.combiner.T, deviation, self.thresholds)

    def exact_error_rate(self, model: SymbolDetection | None = None) -> float:
        """BER of the deployed lookup over `model`: the true one, where the design was mistaken."""
        return error_rate(self.tables(model), log_likelihood(self.tables()))

    def chain(self) -> Chain:
        """The deployed chain: ADC inputs of unit variance, levels at the cells' middles."""
        model = self.model
        observation = model.channel @ model.channel.T + model.sigma**2 * np.eye(model.inputs)
        deviation = np.sqrt(np.sum((self.combiner @ observation) * self.combiner, axis=1))
        quantizers = tuple(
            ScalarQuantizer(t / s, _middles(t / s))
            for t, s in zip(self.thresholds, deviation, strict=True)
        )
        front = Front(self.combiner, deviation, quantizers)
        return front.detector(log_likelihood(self.tables()), model.outputs)


def _middles(thresholds: Floats) -> Floats:
    """Middles of the cells; the outer cells are as wide as their neighbours."""
    if len(thresholds) == 1:
        return np.array([thresholds[0] - 0.5, thresholds[0] + 0.5])
    inner = (thresholds[1:] + thresholds[:-1]) / 2
    below = thresholds[0] - (thresholds[1] - thresholds[0]) / 2
    above = thresholds[-1] + (thresholds[-1] - thresholds[-2]) / 2
    return np.concatenate([[below], inner, [above]])


def _uniform_thresholds(supports: Floats, levels: Sequence[int]) -> tuple[Floats, ...]:
    return tuple(
        -a + 2 * a * np.arange(1, m) / m for a, m in zip(np.abs(supports), levels, strict=True)
    )


class _Search:
    """Log BER of a rotation and thresholds, as a function of free parameters."""

    def __init__(self, model: SymbolDetection) -> None:
        self.model = model
        left, values, _ = np.linalg.svd(model.channel, full_matrices=False)
        if values[-1] < 1e-9 * values[0]:
            raise ValueError("the channel's columns are dependent; expected users that differ")
        self.basis = left.T
        self.size = len(values)
        self.reduced = model.means @ left  # [classes, p]
        self.deviation = np.full(self.size, model.sigma)

    @property
    def angles(self) -> int:
        return self.size * (self.size - 1) // 2

    def __call__(self, rotation: Floats, thresholds: Sequence[Floats]) -> float:
        tables = cell_probabilities(self.reduced @ rotation.T, self.deviation, thresholds)
        return float(np.log10(max(bitwise_error_rate(tables), 1e-30)))

    def detector(self, rotation: Floats, thresholds: tuple[Floats, ...]) -> RotationDetector:
        return RotationDetector(self.model, rotation @ self.basis, thresholds)


def rotation_lookup(
    model: SymbolDetection,
    levels: Sequence[int],
    seed: int = 0,
    starts: int = 24,
    thresholds: str = "uniform",
) -> RotationDetector:
    """The best of `starts` local searches by the exact BER: the first third from random rotations,
    the others from near the best so far.

    `levels` has one number for each user. `thresholds` is "uniform" (each ADC's support is
    optimised) or "optimised" (then every threshold, symmetric about 0). Above 12 levels the
    rotation is that of 12; the supports are scaled for what the ADCs have, up to 32 levels.
    """
    if starts < 1:
        raise ValueError(f"starts is {starts}; use 1 or more")
    if thresholds not in ("uniform", "optimised"):
        raise ValueError(f"thresholds is {thresholds!r}; use 'uniform' or 'optimised'")
    search = _Search(model)
    if len(levels) != search.size:
        raise ValueError(f"levels has {len(levels)} entries; use one each of {search.size} users")
    coarse = [min(m, _MOST_OPTIMISED) for m in levels]
    rotation, supports = _best_uniform(search, coarse, seed, starts)
    if coarse != list(levels):
        fine = [min(m, _MOST_SUPPORTED) for m in levels]
        supports = _best_supports(search, rotation, supports, fine)
    found = _uniform_thresholds(supports, levels)
    if thresholds == "optimised":
        rotation, found = _best_thresholds(search, rotation, found)
    return search.detector(rotation, found)


def _best_uniform(
    search: _Search, levels: Sequence[int], seed: int, starts: int
) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    count = search.angles

    def objective(x: Floats) -> float:
        thresholds = _uniform_thresholds(x[count:], levels)
        return search(rotation_of(x[:count], search.size), thresholds)

    spread = np.sqrt(np.mean(search.reduced**2) + search.model.sigma**2)
    scale = np.concatenate([np.ones(count), np.full(search.size, 0.3 * spread)])
    fresh = -(-starts // 3)
    x, value = np.zeros(count + search.size), np.inf
    for i in range(starts):
        if i < fresh:
            drawn = np.concatenate(
                [
                    rng.uniform(-np.pi, np.pi, (_SCREENED, count)),
                    rng.uniform(0.9, 2.2, (_SCREENED, search.size)) * spread,
                ],
                axis=1,
            )
            start = min(drawn, key=objective)
        else:
            start = x + _HOP * scale * rng.standard_normal(len(x))
        found = minimise(objective, start, iterations=60, tolerance=1e-4)
        if found[1] < value:
            x, value = found
    x, _ = minimise(objective, x, tolerance=1e-7)
    return rotation_of(x[:count], search.size), np.abs(x[count:])


def _best_supports(
    search: _Search, rotation: Floats, supports: Floats, levels: Sequence[int]
) -> Floats:
    """One common factor of the supports: golden section over a factor of 4."""
    ratio = (np.sqrt(5) - 1) / 2
    low, high = -np.log(2), np.log(2)

    def cost(log_factor: float) -> float:
        return search(rotation, _uniform_thresholds(np.exp(log_factor) * supports, levels))

    a, b = high - ratio * (high - low), low + ratio * (high - low)
    cost_a, cost_b = cost(a), cost(b)
    for _ in range(10):
        if cost_a < cost_b:
            high, b, cost_b = b, a, cost_a
            a = high - ratio * (high - low)
            cost_a = cost(a)
        else:
            low, a, cost_a = a, b, cost_b
            b = low + ratio * (high - low)
            cost_b = cost(b)
    return np.exp((low + high) / 2) * supports


def _best_thresholds(
    search: _Search, rotation: Floats, thresholds: tuple[Floats, ...]
) -> tuple[Floats, tuple[Floats, ...]]:
    """Every positive threshold by itself (0 stays, the negative ones mirror them), and R again."""
    generator_size = search.angles
    halves = [t[len(t) - len(t) // 2 :] for t in thresholds]
    ends = np.cumsum([len(h) for h in halves])

    def unpack(x: Floats) -> tuple[Floats, tuple[Floats, ...]]:
        rotated = rotation_of(x[:generator_size], search.size) @ rotation
        parts = np.split(x[generator_size:], ends[:-1])
        whole = []
        for part, t in zip(parts, thresholds, strict=True):
            positive = np.sort(np.abs(part))
            middle = [0.0] * (len(t) % 2)
            whole.append(np.concatenate([-positive[::-1], middle, positive]))
        return rotated, tuple(whole)

    start = np.concatenate([np.zeros(generator_size), *halves])
    x, _ = minimise(lambda x: search(*unpack(x)), start, iterations=150, tolerance=1e-6)
    return unpack(x)
