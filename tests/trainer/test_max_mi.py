# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The max-MI designer: exact on small cases, consistent LLRs, sound codebooks."""

import itertools

import numpy as np
import pytest
from fewbit_trainer.max_mi import (
    MaxMiConfig,
    design,
    integer_cdf,
    llr_histogram,
    max_mi_cells,
    mutual_information,
    pam_llrs,
    rayleigh_llrs,
)


def entropy_of_bit(p: float) -> float:
    return -sum(x * np.log2(x) for x in (p, 1 - p) if x > 0)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("levels", [1, 2, 3, 4, 5])
def test_no_other_intervals_keep_more(seed: int, levels: int) -> None:
    """Every way to cut 11 bins of ascending LLR into intervals."""
    rng = np.random.default_rng(seed)
    llrs = np.sort(rng.normal(0, 3, 11))
    mass = rng.dirichlet(np.ones(11))
    ones, zeros = mass / (1 + np.exp(-llrs)), mass / (1 + np.exp(llrs))

    def kept(bounds: np.ndarray) -> float:
        return mutual_information(
            np.add.reduceat(ones, bounds[:-1]), np.add.reduceat(zeros, bounds[:-1])
        )

    best = max(
        kept(np.array([0, *cut, 11])) for cut in itertools.combinations(range(1, 11), levels - 1)
    )
    bounds = max_mi_cells(ones, zeros, levels)
    assert len(bounds) == levels + 1 and np.all(np.diff(bounds) > 0)
    assert kept(bounds) == pytest.approx(best, abs=1e-12)


def test_mutual_information_is_that_of_the_closed_form() -> None:
    """A binary symmetric channel and an erasure channel."""
    assert mutual_information([0.45, 0.05], [0.05, 0.45]) == pytest.approx(1 - entropy_of_bit(0.1))
    assert mutual_information([0.35, 0.15, 0], [0, 0.15, 0.35]) == pytest.approx(0.7)
    assert mutual_information([0.5, 0], [0.5, 0]) == 0


def test_llrs_are_those_of_their_bits() -> None:
    """QPSK: L = -4 rho y d in closed form, and b = 1 where I is negative."""
    y = np.array([-1.0, -0.2, 0.0, 0.7])
    found = pam_llrs(y, np.full(4, 3.0), 2)[:, 0]
    np.testing.assert_allclose(found, -4 * 3.0 * y * np.sqrt(0.5))


@pytest.mark.parametrize("bits_per_symbol", [4, 6, 8])
def test_llrs_are_consistent(bits_per_symbol: int) -> None:
    """E[exp(-|L|/2 ...)]: the mean of P(b=1|L) is 1/2 at every position, to 5 sigma."""
    llrs = rayleigh_llrs(bits_per_symbol, 12.0, 40_000, np.random.default_rng(1))
    assert llrs.shape == (40_000, bits_per_symbol)
    p = 1 / (1 + np.exp(-llrs))
    assert np.all(np.abs(p.mean(0) - 0.5) < 5 * p.std(0) / np.sqrt(len(p)))


def test_a_symmetric_histogram_is_symmetric() -> None:
    llrs = np.random.default_rng(2).normal(1, 3, 10_000)
    histogram = llr_histogram(llrs, 200, symmetric=True)
    np.testing.assert_allclose(histogram.edges[1:-1], -histogram.edges[-2:0:-1], atol=1e-12)
    np.testing.assert_allclose(histogram.ones, histogram.zeros[::-1], atol=1e-4)
    assert histogram.ones.sum() + histogram.zeros.sum() == pytest.approx(1)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_a_design_is_sound_and_more_bits_keep_more(bits: int) -> None:
    config = MaxMiConfig(6, bits, (8.0, 13.0), symbols=10_000, bins=200)
    book = design(config)
    levels = 2**bits
    assert book.thresholds.shape == (2, 6, levels - 1)
    assert np.all(np.diff(book.levels, axis=2) > 0)
    assert np.all(book.thresholds > book.levels[..., :-1])
    assert np.all(book.thresholds < book.levels[..., 1:])
    assert np.all(np.diff(book.cdf, axis=2) >= 1)
    assert np.all(book.cdf[..., 0] == 0) and np.all(book.cdf[..., -1] == 65536)
    kept, unquantized = book.measured["mi_kept"], book.measured["mi_unquantized"]
    least = {1: 0.65, 2: 0.9, 4: 0.99}[bits]
    assert all(least * u < k < u for k, u in zip(kept, unquantized, strict=True))
    again = design(config)
    assert np.array_equal(again.levels, book.levels)


def test_integer_cdfs_keep_rare_symbols() -> None:
    cdf = integer_cdf(np.array([1e-12, 0.25, 0.75, 0]))
    assert cdf[0] == 0 and cdf[1] == 1 and list(cdf[-2:]) == [65535, 65536]
    assert cdf[2] == pytest.approx(65536 / 4, abs=2)


@pytest.mark.parametrize(
    "wrong", [{"bits_per_symbol": 5}, {"bits": 0}, {"snr_db": ()}, {"bins": 4}]
)
def test_refuses_a_senseless_configuration(wrong) -> None:
    with pytest.raises(ValueError):
        MaxMiConfig(**wrong)
    with pytest.raises(ValueError, match="no more levels than bins"):
        max_mi_cells(np.ones(3), np.ones(3), 4)
