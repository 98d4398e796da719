# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cell probabilities and exact bit error rates against enumeration and simulation."""

from itertools import product

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.cells import (
    bitwise_error_rate,
    cell_probabilities,
    error_rate,
    log_likelihood,
)
from fewbit_trainer.task_quantizer.designs.models import bpsk_classes
from scipy import stats


def tables(seed: int, adcs: int, users: int = 2) -> list[np.ndarray]:
    """Random ADCs of 2 to 4 levels, whatever the classes' means."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(2, 5, adcs)
    means = rng.standard_normal((2**users, adcs))
    thresholds = [np.sort(rng.standard_normal(m - 1)) for m in counts]
    return cell_probabilities(means, rng.uniform(0.3, 0.9, adcs), thresholds)


def enumerate_cells(given: list[np.ndarray]) -> np.ndarray:
    """P(cell | class), one row a cell, by a plain loop."""
    cells = product(*(range(len(t)) for t in given))
    return np.array(
        [np.prod([t[c] for t, c in zip(given, cell, strict=True)], axis=0) for cell in cells]
    )


def test_probabilities_are_scipy_s_and_add_up() -> None:
    means, deviation = np.array([[0.3], [-2.0]]), np.array([0.4])
    (found,) = cell_probabilities(means, deviation, [np.array([-0.5, 1.0])])
    edges = np.array([-np.inf, -0.5, 1.0, np.inf])
    cdf = stats.norm.cdf((edges[:, None] - means[:, 0]) / 0.4)
    np.testing.assert_allclose(found, np.diff(cdf, axis=0), atol=1e-14)
    np.testing.assert_allclose(found.sum(axis=0), 1)


@pytest.mark.parametrize("adcs", [1, 2, 3, 5])
def test_error_rates_are_those_of_enumeration(adcs: int) -> None:
    given = tables(adcs, adcs)
    cells = enumerate_cells(given)
    bits = bpsk_classes(2) < 0
    bitwise = np.mean(
        [np.sum(np.minimum(cells[:, b].sum(1), cells[:, ~b].sum(1))) / 4 for b in bits.T]
    )
    assert bitwise_error_rate(given) == pytest.approx(bitwise, rel=1e-12)
    decided = bits[np.argmax(cells, axis=1)]
    wrong = np.mean([(cells * (decided[:, [i]] != bits[:, i])).sum() / 4 for i in range(2)])
    assert error_rate(given) == pytest.approx(wrong, rel=1e-12)
    assert error_rate(given) >= bitwise_error_rate(given) - 1e-15


def test_a_mismatched_table_errs_more_and_exactly_so() -> None:
    given, other = tables(7, 3), tables(8, 3)
    other = [t[: len(g)] if len(t) >= len(g) else g for t, g in zip(other, given, strict=True)]
    used = log_likelihood(other)
    cells, believed = enumerate_cells(given), enumerate_cells(other)
    bits = bpsk_classes(2) < 0
    decided = bits[np.argmax(believed, axis=1)]
    wrong = np.mean([(cells * (decided[:, [i]] != bits[:, i])).sum() / 4 for i in range(2)])
    assert error_rate(given, used) == pytest.approx(wrong, rel=1e-12)
    assert error_rate(given, used) > error_rate(given)


def test_tables_are_finite_where_a_cell_is_out_of_reach() -> None:
    (given,) = cell_probabilities(np.array([[50.0], [-50.0]]), np.ones(1), [np.array([0.0])])
    table = log_likelihood([given])
    assert np.all(np.isfinite(table.astype(np.float32)))
    np.testing.assert_array_equal(np.argmax(table, axis=1), [1, 0])


def test_refuses_more_cells_than_a_sum_can_take() -> None:
    with pytest.raises(ValueError, match="cells to sum over; simulate beyond"):
        error_rate([np.full((256, 4), 1 / 256)] * 4)
