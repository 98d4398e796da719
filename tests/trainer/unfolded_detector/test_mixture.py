# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""LLRs by the errors that an output foresees, against sums written out in double."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.unfolded_detector import mixture, symbols  # noqa: E402
from fewbit_trainer.unfolded_detector.config import (  # noqa: E402
    LinkConfig,
    UnfoldedDetectorConfig,
)
from fewbit_trainer.unfolded_detector.network import UnfoldedDetector  # noqa: E402


def exact_llrs(o, v, weight, kappa, bits):
    """One value's LLRs by its definition."""
    levels = symbols.level_values(bits).double().numpy()
    square = (o - levels) ** 2
    likelihood = np.exp(-square / (2 * v)) + weight * np.exp(-square / (2 * v * (1 + kappa)))
    of_one = symbols.level_bits(bits).numpy().astype(bool)
    return [
        np.log(likelihood[of_one[:, k]].sum() / likelihood[~of_one[:, k]].sum())
        for k in range(bits // 2)
    ]


@pytest.mark.parametrize("bits", [2, 4, 6, 8])
def test_llrs_are_those_of_a_narrow_and_a_wide_gaussian(bits):
    rng = np.random.default_rng(1)
    outer = symbols.level_count(bits)
    o = rng.uniform(-outer, outer, (2, 3, 4))
    variance = rng.uniform(0.1, 1.0, (2, 4))
    spread, weight, kappa = (np.exp(rng.uniform(-1.5, 1.5, (2, 3)) + b) for b in (0, -4, 1))
    terms = mixture.MixtureTerms(*map(torch.from_numpy, (spread, weight, kappa, kappa)))
    found = mixture.mixture_llrs(torch.from_numpy(o), torch.from_numpy(variance), terms, bits)
    for c, v, i in np.ndindex(o.shape):
        narrow = spread[c, v] * variance[c, i]
        expected = exact_llrs(o[c, v, i], narrow, weight[c, v], kappa[c, v], bits)
        limited = found[c, v, i].numpy().clip(-64, 64)
        np.testing.assert_allclose(limited, np.clip(expected, -64, 64), rtol=1e-9, atol=1e-9)


def test_a_failure_that_weighs_nothing_leaves_one_gaussian():
    o = torch.linspace(-5.0, 5.0, 41)[None, None]
    variance = torch.full((1, 41), 0.4)
    terms = mixture.MixtureTerms(*(torch.full((1, 1), x) for x in (0.5, 1e-13, 3.0, 0.0)))
    found = mixture.mixture_llrs(o, variance, terms, 4)
    expected = symbols.axis_llrs(o, torch.full((1, 1, 41), 0.2), 4)
    some = expected.abs() < 15.0
    assert some.any()
    assert torch.allclose(found[some], expected[some], rtol=1e-3, atol=1e-3)


def test_far_outputs_and_small_weights_have_finite_llrs_of_the_right_sign():
    o = torch.tensor([[[1e30, -1e30, 9.0, float("inf")]]])
    for weight, spread in ((1e-13, 1e-13), (1e-13, 1e13), (1e13, 1.0)):
        terms = mixture.MixtureTerms(*(torch.full((1, 1), x) for x in (spread, weight, 2.0, 0.0)))
        found = mixture.mixture_llrs(o, torch.ones(1, 4), terms, 4)
        assert found.isfinite().all()
        assert (found[0, 0, [0, 2], 0] <= 0).all()  # +3 has the bits 0, 1
        assert found[0, 0, 1, 0] >= 0
        assert not found[0, 0, 3].any()


def test_foreseen_errors_are_those_of_the_second_nearest_level():
    """Bayes' rule for a value's two nearest levels."""
    rng = np.random.default_rng(2)
    o, variance = rng.uniform(-5.0, 5.0, (2, 3, 6)), rng.uniform(0.2, 2.0, (2, 6))
    found = mixture.foreseen_errors(torch.from_numpy(o), torch.from_numpy(variance), 4).numpy()
    square = np.sort((o[..., None] - np.array([-3.0, -1.0, 1.0, 3.0])) ** 2, -1)[..., :2]
    likelihood = np.exp(-square / (2 * variance[:, None, :, None]))
    expected = (likelihood[..., 1] / likelihood.sum(-1)).mean(-1)
    np.testing.assert_allclose(np.exp(found), expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("o", "expected"),
    [
        ([0.0, 2.0, -2.0, 0.0], 0.5),
        ([1e30, -1e30, 1e9, 1e9], 1e-30),
        ([float("nan"), 1e9, float("inf"), 1e9], 0.25),
    ],
)
def test_foreseen_errors_of_extremes(o, expected):
    found = mixture.foreseen_errors(torch.tensor([[o]]), torch.ones(1, 4), 4)
    assert float(found[0, 0].exp()) == pytest.approx(expected, rel=1e-5)


def test_tables_are_logarithms_linear_in_both_directions_and_constant_beyond():
    model = mixture.FailureMixture(torch.tensor([10.0, 20.0]), torch.tensor([-3.0, -1.0]))
    with torch.no_grad():
        for n, name in enumerate(mixture.FIRST):
            model.tables[name].copy_(torch.tensor([[0.0, 1.0], [2.0, 5.0]]) + n)
    snr_db = torch.tensor([12.0, -5.0, 99.0])
    foreseen = torch.tensor([[-2.5, -9.0], [-3.0, 0.0], [-2.0, -1.0]])
    terms = model.at(snr_db, foreseen)
    # At 12 dB the row is [0.4, 1.8], and -2.5 a quarter of the way.
    expected = torch.tensor([[0.75, 0.4], [0.0, 1.0], [3.5, 5.0]])
    for n, name in enumerate(mixture.FIRST):
        found = getattr(terms, name).log()
        torch.testing.assert_close(found, expected + n, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("low", "high", "count"), [(0.0, 25.0, 11), (-5.0, 15.0, 9), (9.0, 9.0, 1)]
)
def test_knots_are_about_two_and_a_half_decibels_apart(low, high, count):
    knots = mixture.untrained_mixture(low, high).snr_db
    assert len(knots) == count
    assert float(knots[0]) == low
    assert float(knots[-1]) == high


def test_a_detectors_llrs_allow_for_failures_that_no_output_shows():
    """log((P1 + u) / (P0 + u)) of what the two Gaussians say, and so at most log(1 + 1 / u)."""
    config = UnfoldedDetectorConfig(link=LinkConfig(users=2, antennas=2))
    model = UnfoldedDetector(config)
    model.mixture = mixture.untrained_mixture(0.0, 25.0).requires_grad_(False)
    model.mixture.tables["failure_unseen"].fill_(-4.0)
    o = torch.linspace(-4.0, 4.0, 60).reshape(1, 15, 4)
    variance, snr_db = torch.full((1, 4), 0.1), torch.tensor([10.0])
    terms = model.mixture.at(snr_db, mixture.foreseen_errors(o, variance, 4))
    plain = mixture.mixture_llrs(o, variance, terms, 4).double()
    one, zero = torch.sigmoid(plain), torch.sigmoid(-plain)
    expected = ((one + np.exp(-4)) / (zero + np.exp(-4))).log()
    found = model.llrs(o, variance, snr_db)
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-4)
    assert float(plain.abs().max()) > 6.0 > float(found.abs().max())
