# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probabilities of code cells, the lookup table made of them, and its bit error rate, exactly.

ADC d sees mu_d + N(0, sigma_d^2), mu = T H s for class s, independently of the others (rows of T
orthogonal, noise white):

    P(c | s) = prod_d [Phi((t_{c_d + 1} - mu_d) / sigma_d) - Phi((t_{c_d} - mu_d) / sigma_d)]

so that the most probable class is a sum of table entries and a comparison. With all classes
equally likely, deciding each bit by itself errs with

    BER = (1/k) sum_b sum_c min(P(b = 0, c), P(b = 1, c)),

and deciding for the most probable class with the probability, cell by cell, that a bit is not that
class's. Both are sums over all cells, M^p of them, without simulation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..chain import class_bits
from ..normal import Floats, interval

#: The least probability of a cell in a table, so that its logarithm is finite in float32.
_LEAST = 1e-300
#: The most cells that are summed over.
MOST_CELLS = 1 << 24
_BLOCK = 1 << 20

Tables = Sequence[Floats]
"""P(code | class) of each ADC, [M_d, classes]."""


def cell_probabilities(
    means: Floats, deviation: Floats, thresholds: Sequence[Floats]
) -> list[Floats]:
    """P(code | class) of each ADC: `means` [classes, p], `deviation` [p], thresholds of each."""
    tables = []
    for d, inner in enumerate(thresholds):
        edges = np.concatenate([[-np.inf], np.asarray(inner, float), [np.inf]])
        standard = (edges[:, None] - means[:, d]) / deviation[d]
        tables.append(interval(standard[:-1], standard[1:]))
    return tables


def log_likelihood(tables: Tables) -> Floats:
    """The bundle's table log P(code | class), ADC below ADC: [sum of M_d, classes]."""
    return np.log(np.maximum(np.concatenate(tables), _LEAST))


def _joint(tables: Tables) -> Floats:
    """P(codes | class) of several independent ADCs: [product of M_d, classes]."""
    joint = np.ones((1, tables[0].shape[1]))
    for table in tables:
        joint = (joint[:, None, :] * table).reshape(-1, joint.shape[1])
    return joint


def _halves(tables: Tables) -> tuple[Tables, Tables]:
    cells = math.prod(len(t) for t in tables)
    if cells > MOST_CELLS:
        raise ValueError(f"{cells} cells to sum over; simulate beyond {MOST_CELLS}")
    middle = max(1, len(tables) // 2)
    return tables[:middle], tables[middle:]


def bitwise_error_rate(tables: Tables) -> float:
    """BER of the most probable value of each bit, under the tables' own probabilities."""
    first, second = _halves(tables)
    left, right = _joint(first), _joint(second) if second else np.ones((1, tables[0].shape[1]))
    classes = left.shape[1]
    bits = class_bits(np.arange(classes), classes.bit_length() - 1)
    total = 0.0
    rows = max(1, _BLOCK // len(right))
    for column in bits.T:
        one = column.astype(bool)
        ones, zeros = right[:, one].T.copy(), right[:, ~one].T.copy()
        for start in range(0, len(left), rows):
            part = left[start : start + rows]
            total += float(np.minimum(part[:, one] @ ones, part[:, ~one] @ zeros).sum())
    return total / classes / bits.shape[1]


def error_rate(tables: Tables, used: Floats | None = None) -> float:
    """BER of the most probable class, where ADC codes have the probabilities of `tables`.

    The decision is the lookup's: the largest sum of `used` [sum of M_d, classes], such as a
    mismatched table, or the tables' own logarithms.
    """
    table = log_likelihood(tables) if used is None else used
    ends = np.cumsum([len(t) for t in tables])
    logs = np.split(table, ends[:-1])
    first, second = _halves(tables)
    ones = np.ones((1, table.shape[1]))
    left, right = _joint(first), _joint(second) if second else ones
    left_log = _joint_sum(logs[: len(first)])
    right_log = _joint_sum(logs[len(first) :]) if second else np.zeros_like(ones)
    classes = left.shape[1]
    bits = class_bits(np.arange(classes), classes.bit_length() - 1).astype(float)
    # Column i: P(bit i = 1), and last the whole; of one left half these are linear in the right's.
    sums = np.concatenate([bits, np.ones((classes, 1))], axis=1)
    total = 0.0
    for probability, metric in zip(left, left_log, strict=True):
        decided = bits[np.argmax(right_log + metric, axis=1)]
        mass = right @ (sums * probability[:, None])
        wrong = decided * (mass[:, -1:] - mass[:, :-1]) + (1 - decided) * mass[:, :-1]
        total += float(wrong.sum())
    return total / classes / bits.shape[1]


def _joint_sum(logs: Tables) -> Floats:
    joint = np.zeros((1, logs[0].shape[1]))
    for table in logs:
        joint = (joint[:, None, :] + table).reshape(-1, joint.shape[1])
    return joint
