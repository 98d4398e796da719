# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Second moments of quantized Gaussian variables, exactly: any thresholds, any levels.

q(z) of standard normal z has the Hermite series sum_m c_m He_m(z) / sqrt(m!) with

    c_m = sum_j (y_{j+1} - y_j) phi(t_j) He_{m-1}(t_j) / sqrt(m!),        m >= 1,

so that for z, z' jointly normal with correlation rho, cov(q(z), q'(z')) = sum_m c_m c'_m rho^m
(Mehler), and for s jointly normal with z, E[s q(z)] = c_1 E[s z]. These are the Bussgang
decomposition's terms for any number of levels; of one bit they sum to (2 / pi) asin(rho). The
best linear estimator from the codes, and its mean square error, follow without simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..chain import AffineMap, Chain
from ..lloyd_max import ScalarQuantizer
from ..normal import Floats, cells, density
from .second_order import SecondOrder

#: What the series may leave out of a covariance, relative to the variance.
_TAIL = 1e-10
_MOST_TERMS = 2000


def hermite_coefficients(quantizer: ScalarQuantizer, terms: int) -> Floats:
    """c_1 .. c_terms of q(z), z standard normal."""
    t = quantizer.thresholds
    weight = np.diff(quantizer.levels) * density(t)
    found = np.empty(terms)
    before, now = np.zeros_like(t), np.ones_like(t)  # He_{m-1}(t) / sqrt((m-1)!)
    for m in range(1, terms + 1):
        found[m - 1] = weight @ now / np.sqrt(m)
        before, now = now, (t * now - np.sqrt(m - 1) * before) / np.sqrt(m)
    return found


@dataclass(frozen=True)
class CodeMoments:
    """Moments of q = (q_1(z_1), .., q_p(z_p)) of normal z, and of s with q."""

    mean: Floats  #: E[q], [p]
    covariance: Floats  #: cov(q), [p, p]
    cross: Floats  #: E[s q^T], [k, p]


def code_moments(
    cross: Floats, covariance: Floats, quantizers: Sequence[ScalarQuantizer]
) -> CodeMoments:
    """Moments of quantized z ~ N(0, `covariance`), where `cross` is E[s z^T] [k, p].

    Each z_d / sqrt(var z_d) passes `quantizers[d]`. Variances must be positive.
    """
    deviation = np.sqrt(np.diag(covariance))
    if not np.all(deviation > 0):
        raise ValueError("an ADC input has no variance; expected every one to be positive")
    correlation = covariance / np.outer(deviation, deviation)
    np.fill_diagonal(correlation, 0)  # its terms are summed in closed form below
    largest = float(np.max(np.abs(correlation), initial=0))
    terms = 1 if largest == 0 else int(np.log(_TAIL) / np.log(min(largest, 1 - 1e-9))) + 1
    terms = min(max(terms, 1), _MOST_TERMS)

    distinct = {id(q): q for q in quantizers}
    tables = {key: hermite_coefficients(q, terms) for key, q in distinct.items()}
    coefficients = np.array([tables[id(q)] for q in quantizers])
    found = np.zeros_like(correlation)
    power = np.ones_like(correlation)
    for m in range(terms):
        power *= correlation
        found += np.outer(coefficients[:, m], coefficients[:, m]) * power

    moments = {key: _mean_and_variance(q) for key, q in distinct.items()}
    mean, variance = np.array([moments[id(q)] for q in quantizers]).T
    np.fill_diagonal(found, variance)
    return CodeMoments(mean, found, cross * (coefficients[:, 0] / deviation))


def _mean_and_variance(quantizer: ScalarQuantizer) -> tuple[float, float]:
    probability, _ = cells(quantizer.thresholds)
    mean = float(probability @ quantizer.levels)
    return mean, float(probability @ quantizer.levels**2) - mean**2


@dataclass(frozen=True)
class LinearEstimate:
    """s = weight q + bias, and its mean square error per entry of s."""

    weight: Floats  #: [k, p]
    bias: Floats  #: [k]
    mse: float


def quantized_wiener(
    model: SecondOrder, combiner: Floats, quantizers: Sequence[ScalarQuantizer]
) -> LinearEstimate:
    """The linear MMSE estimate of s from the codes of z = `combiner` x, each z_d scaled to unit
    variance before its quantizer. Exact if s and x are jointly normal."""
    covariance = combiner @ model.observation @ combiner.T
    return _wiener(model, code_moments(model.cross @ combiner.T, covariance, quantizers))


def chain_moments(model: SecondOrder, chain: Chain) -> CodeMoments:
    """Moments of the codes' levels of a chain of one analog layer without bias and a fixed AGC."""
    if len(chain.analog) != 1 or np.any(chain.analog[0][1]) or chain.agc != "fixed":
        raise ValueError("the chain's ADC inputs are not linear in x; use one layer, no block AGC")
    combiner = chain.gain.astype(float)[:, None] * chain.analog[0][0]
    covariance = combiner @ model.observation @ combiner.T
    deviation = np.sqrt(np.diag(covariance))
    # Quantizers of z / deviation, one object for equal ones so that their series are found once.
    known: dict[tuple[bytes, bytes, float], ScalarQuantizer] = {}
    quantizers = []
    for t, q, s in zip(chain.thresholds, chain.levels, np.round(deviation, 9), strict=True):
        scaled = ScalarQuantizer(t.astype(float) / s, q.astype(float))
        quantizers.append(known.setdefault((t.tobytes(), q.tobytes(), s), scaled))
    return code_moments(model.cross @ combiner.T, covariance, quantizers)


def best_affine(model: SecondOrder, chain: Chain) -> LinearEstimate:
    """The affine digital map of least mean square error for the chain's codes: what a refit tends
    to with many pilots."""
    return _wiener(model, chain_moments(model, chain))


def affine_mse(model: SecondOrder, chain: Chain) -> float:
    """The mean square error per entry of s of a chain with an affine digital map, over `model`."""
    if not isinstance(chain.digital, AffineMap):
        raise ValueError("the chain's digital map is not affine; measure it on samples")
    moments = chain_moments(model, chain)
    weight, bias = chain.digital.weight[0].astype(float), chain.digital.bias[0].astype(float)
    offset = weight @ moments.mean + bias
    error = (
        np.trace(model.signal)
        - 2 * np.sum(weight * moments.cross)
        + np.sum((weight @ moments.covariance) * weight)
        + offset @ offset
    )
    return float(error / len(model.signal))


def _wiener(model: SecondOrder, moments: CodeMoments) -> LinearEstimate:
    weight = np.linalg.solve(moments.covariance, moments.cross.T).T
    error = np.trace(model.signal - weight @ moments.cross.T)
    return LinearEstimate(weight, -weight @ moments.mean, float(error / len(model.signal)))
