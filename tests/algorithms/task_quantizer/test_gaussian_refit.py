# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refit of a lookup by the gains, offsets and noise that its pilots show."""

import numpy as np
import pytest
import task_quantizer_oracle as oracle
from gnuradio.fewbit import algorithms
from refit_bench import estimator

status = algorithms.refit_status


def drifting_adcs(n, levels=(8, 8, 8), k=3, offset=0.4, gain=0.2, seed=14):
    """A lookup as designed, the ADCs, and pilots that came through other gains and offsets, with
    the lookup that knows them."""
    rng = np.random.default_rng(seed)
    p = len(levels)
    symbols = 1.0 - 2 * oracle.user_bits(k)
    means = symbols @ rng.normal(size=(k, p))
    adc = algorithms.scalar_adc.uniform(levels, 2.5)
    gains, offsets = 1 + gain * rng.normal(size=p), offset * rng.normal(size=p)
    sigma = np.full(p, 0.5)

    def lookup_of(mu, deviations):
        table = algorithms.cell_log_likelihoods(mu, deviations, adc)
        return algorithms.digital_map.lookup(adc, k, table)

    classes = rng.integers(0, 2**k, n).astype(np.uint8)
    z = gains * (means[classes] + sigma * rng.normal(size=(n, p))) + offsets
    designed = lookup_of(means, sigma)
    return (
        designed,
        adc,
        adc.quantize(z),
        classes,
        lookup_of(gains * means + offsets, gains * sigma),
    )


@pytest.mark.parametrize("levels", [(8, 8, 8), (2, 5, 64), (4, 6, 16)], ids=str)
def test_gaussian_shape_finds_gains_and_offsets_from_few_pilots(levels):
    """200 pilots: decisions on 20,000 other vectors nearly as good as with the right table, and
    better than by counting."""
    designed, adc, codes, classes, right = drifting_adcs(20200, levels)
    wrong = {}
    for kind in ("lookup_refit", "gaussian_refit"):
        detector = algorithms.digital_map.lookup(adc, 3, designed.log_likelihood)
        fit = getattr(algorithms, kind)(detector)
        assert fit.add(codes[:200], classes[:200]) == 200
        assert fit.solve(detector) == status.ok
        wrong[kind] = np.mean(detector.classes(codes[200:]) != classes[200:])
    before = np.mean(designed.classes(codes[200:]) != classes[200:])
    least = np.mean(right.classes(codes[200:]) != classes[200:])
    assert before > least + 0.02
    assert wrong["gaussian_refit"] < least + 0.2 * (before - least)
    assert wrong["gaussian_refit"] < wrong["lookup_refit"]


def test_gaussian_shape_is_the_maximum_of_the_likelihood():
    """A hundred thousand pilots of the model: the table is the right one to three deviations."""
    designed, adc, codes, classes, right = drifting_adcs(100_000)
    fit = algorithms.gaussian_refit(designed, shape=1e9)
    fit.add(codes, classes)
    assert fit.solve(designed) == status.ok
    found, expected = np.exp(designed.log_likelihood), np.exp(right.log_likelihood)
    assert np.abs(found - expected).max() < 0.006


def test_counts_have_their_say_where_no_gaussian_fits():
    levels, k = (8, 8), 1
    adc = algorithms.scalar_adc.uniform(levels, 2)
    rng = np.random.default_rng(15)
    shares = rng.dirichlet(np.ones(8), (2, 2))  # [ADC, class, code]
    classes = rng.integers(0, 2, 50_000).astype(np.uint8)
    codes = np.stack([[rng.choice(8, p=shares[d, c]) for c in classes] for d in (0, 1)], 1)
    detector = algorithms.digital_map.lookup(adc, k, np.zeros((16, 2)))
    fit = algorithms.gaussian_refit(detector)
    fit.add(codes.astype(np.uint8), classes)
    assert fit.solve(detector) == status.ok
    expected = np.concatenate([shares[0].T, shares[1].T])
    assert np.abs(np.exp(detector.log_likelihood) - expected).max() < 0.02


def test_gaussian_shape_takes_codes_that_never_vary():
    designed, adc, codes, _, _ = drifting_adcs(50)
    fit = algorithms.gaussian_refit(designed)
    fit.add(np.zeros_like(codes), np.zeros(50, np.uint8))
    assert fit.solve(designed) == status.ok
    assert np.isfinite(designed.log_likelihood).all()
    share = np.exp(designed.log_likelihood)
    np.testing.assert_allclose(share[:8].sum(0), 1, rtol=1e-5)


def test_gaussian_refit_refuses_other_maps_and_senseless_settings():
    designed, *_ = drifting_adcs(1)
    for name in ("prior", "shape"):
        for bad in (0, -1, np.nan, np.inf):
            with pytest.raises(ValueError, match=f"{name} is"):
                algorithms.gaussian_refit(designed, **{name: bad})
    with pytest.raises(ValueError, match="expected a lookup"):
        algorithms.gaussian_refit(estimator()[1])
