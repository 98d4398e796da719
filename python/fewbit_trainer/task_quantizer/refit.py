# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digital map of a hardened chain, fitted anew to the training samples' codes.

Of the lookups (detection), `cells` takes each ADC's input for Gaussian given the class, with the
class's mean and the classes' common variance; `counts` counts codes; `logistic` is multinomial
regression on the codes, drawn to the cells' table. All give a table to a sum of one entry an ADC.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from .chain import AffineMap, Chain, LookupMap, NetworkMap, single
from .config import RefitConfig
from .designs.cells import cell_probabilities, log_likelihood
from .model import NetworkDigital
from .normal import Floats
from .tasks import Samples

#: Ridges that least squares chooses from, in units of a standardised regressor's energy.
_RIDGES = (0.0, *10.0 ** np.arange(-4.0, 4.01, 0.25))


def affine_refit(chain: Chain, samples: Samples, powers: int) -> Chain:
    """Levels at the centroids of their cells, and the affine map by shrunken least squares.

    The map from z, not quantized, to s is fitted first: its residual is small, so that it is known
    well, and with each z_d in its cell's centroid it is right where ADC inputs are independent.
    What correlation leaves is fitted to the remaining residual by ridge regression, whose weight
    is chosen by generalised cross-validation (Golub, Heath and Wahba, 1979): plain least squares
    on 80 codes costs .25 % of the error with 2^15 samples, this .01 % or less.
    """
    assert samples.signals is not None
    z, g = chain.adc_inputs(samples.x)
    codes = chain.quantize(z)
    levels = tuple(
        single(_centroids(z[:, d], codes[:, d], old)) for d, old in enumerate(chain.levels)
    )
    chain = dataclasses.replace(chain, levels=levels)
    columns = _columns(z, g, powers)
    unquantized = np.linalg.lstsq(columns, samples.signals, rcond=None)[0]
    columns = _columns(chain.values(codes), g, powers)
    residual = samples.signals - columns @ unquantized
    solution = (unquantized + _ridge(columns, residual)).reshape(powers, z.shape[1] + 1, -1)
    weight, bias = solution[:, :-1].swapaxes(1, 2), solution[:, -1]
    return dataclasses.replace(chain, digital=AffineMap(single(weight), single(bias)))


def _columns(q: Floats, g: Floats, powers: int) -> Floats:
    """[t, powers (p + 1)]: (q, 1), (q, 1) / g, ..."""
    with_one = np.concatenate([q, np.ones((len(q), 1))], axis=1)
    return np.concatenate([with_one / g[:, None] ** j for j in range(powers)], axis=1)


def _centroids(z: Floats, codes: NDArray[np.uint8], before: NDArray[np.float32]) -> Floats:
    """Mean of z in each cell; an empty cell keeps its level."""
    counts = np.bincount(codes, minlength=len(before))
    sums = np.bincount(codes, weights=z, minlength=len(before))
    return np.where(counts > 0, sums / np.maximum(counts, 1), before)


def _ridge(columns: Floats, target: Floats) -> Floats:
    """Coefficients of ridge regression, its weight by generalised cross-validation."""
    count = len(columns)
    scale = np.sqrt(np.sum(columns**2, axis=0))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh((columns.T @ columns) / np.outer(scale, scale))
    values = np.maximum(values, 0.0)
    projected = vectors.T @ ((columns.T @ target) / scale[:, None])
    energy = np.sum(projected**2, axis=1)
    best, chosen = np.inf, np.zeros_like(values)
    for ridge in _RIDGES:
        kept = values > 1e-10 * values[-1]
        inverse = np.where(kept, 1.0 / np.maximum(values + ridge, 1e-300), 0.0)
        left = np.sum(target**2) - np.sum(energy * inverse * (2.0 - values * inverse))
        free = 1.0 - np.sum(values * inverse) / count
        score = left / free**2 if free > 0 else np.inf
        if score < best:
            best, chosen = score, inverse
    return (vectors @ (chosen[:, None] * projected)) / scale[:, None]


def lookup_refit(chain: Chain, samples: Samples, refit: RefitConfig) -> Chain:
    """The table log P(code | class) by ``refit.method``."""
    assert samples.classes is not None
    if refit.method == "counts":
        table = _counted(chain, samples, refit.prior)
    else:
        table = _gaussian_cells(chain, samples)
        if refit.method == "logistic":
            table = _logistic(chain, samples, table, refit.prior)
    return dataclasses.replace(chain, digital=LookupMap(single(table)))


def _gaussian_cells(chain: Chain, samples: Samples) -> Floats:
    z, _ = chain.adc_inputs(samples.x)
    assert samples.classes is not None
    classes = 2**samples.outputs
    counts = np.bincount(samples.classes, minlength=classes)
    sums = np.zeros((classes, z.shape[1]))
    np.add.at(sums, samples.classes, z)
    means = sums / np.maximum(counts, 1)[:, None]
    freedom = max(len(z) - np.count_nonzero(counts), 1)
    variance = np.sum((z - means[samples.classes]) ** 2, axis=0) / freedom
    deviation = np.sqrt(np.maximum(variance, 1e-12))
    table = log_likelihood(cell_probabilities(means, deviation, chain.thresholds))
    table[:, counts == 0] = -1e3  # a class that was never sent is never decided for
    return table


def _counted(chain: Chain, samples: Samples, prior: float) -> Floats:
    codes, _ = chain.codes(samples.x)
    assert samples.classes is not None
    tables = []
    for d, levels in enumerate(chain.level_counts):
        table = np.full((levels, 2**samples.outputs), prior)
        np.add.at(table, (codes[:, d], samples.classes), 1.0)
        tables.append(np.log(table / table.sum(axis=0)))
    return np.concatenate(tables)


def _logistic(chain: Chain, samples: Samples, table: Floats, prior: float) -> Floats:
    """The table of least cross-entropy plus ``prior`` times its square distance from ``table``."""
    codes, _ = chain.codes(samples.x)
    first = np.concatenate([[0], np.cumsum(chain.level_counts)[:-1]])
    rows = torch.from_numpy(codes.astype(np.int64) + first)
    start = torch.from_numpy(np.maximum(table, -30.0))
    found = start.clone().requires_grad_()
    target = torch.from_numpy(samples.classes)
    optimizer = torch.optim.LBFGS([found], max_iter=100, line_search_fn="strong_wolfe")

    def cost() -> torch.Tensor:
        optimizer.zero_grad()
        loss = functional.cross_entropy(found[rows].sum(dim=1), target)
        loss = loss + prior / len(rows) * (found - start).square().sum()
        loss.backward()
        return loss

    optimizer.step(cost)
    moved: Floats = found.detach().numpy()
    return moved


def network_of(digital: NetworkDigital) -> NetworkMap:
    """The network's layers as deployed."""
    return NetworkMap(
        tuple(
            (single(layer.weight.detach().numpy()), single(layer.bias.detach().numpy()))
            for layer in digital.layers
        )
    )
