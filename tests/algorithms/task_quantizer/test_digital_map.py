# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""digital_map against numpy in float64."""

import numpy as np
import pytest
import task_quantizer_oracle as oracle
from gnuradio.fewbit import algorithms

digital_map = algorithms.digital_map


@pytest.fixture(params=algorithms.instruction_sets())
def instruction_set(request):
    algorithms.use_instruction_set(request.param)
    yield request.param
    algorithms.use_instruction_set("")


def random_codes(levels, n, seed=1):
    return np.random.default_rng(seed).integers(0, levels, (n, len(levels))).astype(np.uint8)


def uniform(levels):
    return algorithms.scalar_adc.uniform(levels, 2)


@pytest.mark.parametrize(
    ("levels", "k"), [([8] * 80, 80), ([2, 3, 256], 1), ([4], 1024), ([2] * 1024, 3)], ids=str
)
@pytest.mark.parametrize("vectors", [0, 1, 65, 130])
def test_affine_estimates(instruction_set, levels, k, vectors):
    rng = np.random.default_rng(2)
    adc, p = uniform(levels), len(levels)
    weight, bias = rng.normal(size=(k, p)) / np.sqrt(p), rng.normal(size=k)
    codes = random_codes(levels, vectors)
    expected = adc.lookup(codes).astype(float) @ weight.T + bias
    found = digital_map.affine(adc, weight, bias).estimate(codes)
    np.testing.assert_allclose(found, expected, atol=3e-5, rtol=0)


@pytest.mark.parametrize("powers", [2, 3, 8])
def test_affine_estimates_with_powers_of_the_gain(powers):
    rng = np.random.default_rng(3)
    adc = uniform([8] * 6)
    weight, bias = rng.normal(size=(powers, 5, 6)), rng.normal(size=(powers, 5))
    codes, gains = random_codes([8] * 6, 200), rng.uniform(0.8, 1.5, 200)
    q = adc.lookup(codes).astype(float)
    expected = sum(gains[:, None] ** -j * (q @ weight[j].T + bias[j]) for j in range(powers))
    estimator = digital_map.affine(adc, weight, bias)
    assert estimator.powers == powers
    np.testing.assert_allclose(estimator.estimate(codes, gains), expected, rtol=1e-5, atol=1e-4)
    ones = estimator.estimate(codes)
    for senseless in (0, -1, np.nan, np.inf):
        np.testing.assert_array_equal(estimator.estimate(codes, np.full(200, senseless)), ones)
    with pytest.raises(ValueError, match="got 3 gains, expected one for each of the 200"):
        estimator.estimate(codes, gains[:3])


@pytest.mark.parametrize("hidden", [(), (20,), (300, 7)])
def test_network_estimates(instruction_set, hidden):
    adc = uniform([8] * 6)
    layers = oracle.random_layers(np.random.default_rng(4), [6, *hidden, 5])
    codes = random_codes([8] * 6, 100)
    expected = oracle.run_layers(layers, adc.lookup(codes))
    estimator = digital_map.network(adc, "estimation", layers)
    np.testing.assert_allclose(estimator.estimate(codes), expected, atol=2e-5)


# With and without a joint table: 8^4 cells, and 64^4.
DETECTORS = [
    ("lookup", [8] * 4, 4),
    ("lookup", [64] * 4, 4),
    ("lookup", [2, 256, 3], 3),
    ("lookup", [4] * 12, 8),
    ("lookup", [2] * 3, 1),
    ("lookup", [2] * 8, 8),
    ("lookup", [16] * 4, 8),
    ("network", [8] * 4, 4),
    ("network", [4] * 12, 2),
    ("network", [64] * 4, 8),
]


def detector(kind, levels, k, seed=5):
    """A detector and the function that gives its scores, float64."""
    rng = np.random.default_rng(seed)
    adc = uniform(levels)
    if kind == "lookup":
        table = -rng.gamma(2, 2, (sum(levels), 2**k)).astype(np.float32)
        return digital_map.lookup(adc, k, table), lambda codes: table.astype(float)[
            oracle.rows_of(levels, codes)
        ].sum(-2)
    layers = oracle.random_layers(rng, [len(levels), 24, 2**k])
    return digital_map.network(adc, "detection", layers), lambda codes: oracle.run_layers(
        layers, adc.lookup(codes)
    )


@pytest.mark.parametrize(("kind", "levels", "k"), DETECTORS, ids=str)
def test_detection_agrees_with_float64(instruction_set, kind, levels, k):
    found, scores_of = detector(kind, levels, k)
    assert found.has_joint_table == (np.prod(np.array(levels, float)) <= 65536)
    assert (found.task, found.outputs, found.n_classes) == ("detection", k, 2**k)
    codes = random_codes(levels, 1000)
    scores = scores_of(codes)
    ordered = np.sort(scores, -1)
    clear = ordered[:, -1] - ordered[:, -2] > 1e-4
    assert clear.mean() > 0.98
    best = scores.argmax(-1)
    np.testing.assert_array_equal(found.classes(codes)[clear], best[clear])
    np.testing.assert_array_equal(found.decide(codes)[clear], oracle.user_bits(k)[best][clear])
    posteriors = oracle.posteriors(scores)
    np.testing.assert_allclose(found.posteriors(codes), posteriors, atol=2e-5)
    np.testing.assert_allclose(found.llrs(codes), oracle.llrs(scores, k), atol=2e-4, rtol=1e-5)
    means = posteriors @ (1 - 2 * oracle.user_bits(k))
    np.testing.assert_allclose(found.estimate(codes), means, atol=5e-5)


@pytest.mark.parametrize(("kind", "levels", "k"), DETECTORS[:3], ids=str)
@pytest.mark.parametrize("n", [0, 1, 7, 64, 65])
def test_every_length_gives_what_single_vectors_give(instruction_set, kind, levels, k, n):
    found, _ = detector(kind, levels, k)
    codes = random_codes(levels, n)
    for method in (found.classes, found.decide, found.posteriors, found.llrs, found.estimate):
        whole = method(codes)
        for v in range(n):
            np.testing.assert_array_equal(method(codes[v]), whole[v])


@pytest.mark.parametrize("levels", [[8, 8], [256, 256, 2]], ids=str)
def test_the_lowest_class_wins_where_equal(levels):
    table = np.zeros((sum(levels), 4), np.float32)
    table[:, 0] = -1
    found = digital_map.lookup(uniform(levels), 2, table)
    codes = random_codes(levels, 20)
    assert (found.classes(codes) == 1).all()
    assert (found.decide(codes) == [1, 0]).all()


@pytest.mark.parametrize("levels", [[8, 8], [256, 256, 2]], ids=str)
def test_llrs_are_clipped_and_finite(levels):
    table = np.zeros((sum(levels), 4), np.float32)
    table[:, [1, 3]] = -1e30
    found = digital_map.lookup(uniform(levels), 2, table)
    codes = random_codes(levels, 20)
    assert (found.llrs(codes) == [-64, 0]).all()
    assert (found.posteriors(codes) == [0.5, 0, 0.5, 0]).all()


@pytest.mark.parametrize(("kind", "levels", "k"), DETECTORS[:3], ids=str)
def test_a_code_too_high_counts_as_the_last(kind, levels, k):
    found, _ = detector(kind, levels, k)
    last = (np.array(levels) - 1).astype(np.uint8)
    for d, m in enumerate(levels):
        if m < 256:
            codes = last.copy()
            codes[d] = 255
            np.testing.assert_array_equal(found.llrs(codes), found.llrs(last))


def test_logits_that_overflow_say_nothing():
    adc = uniform([2, 2])
    weight = np.array([[3e38, 3e38], [3e38, -3e38]], np.float32)
    found = digital_map.network(adc, "detection", [(weight, np.zeros(2, np.float32))])
    codes = np.array([[0, 0], [1, 1], [0, 1]], np.uint8)
    assert np.isfinite(found.llrs(codes)).all() and np.isfinite(found.posteriors(codes)).all()
    assert found.llrs(codes)[1] == 0 and found.classes(codes)[1] == 0


@pytest.mark.parametrize("bad", range(4))
def test_one_logit_that_is_no_number_says_nothing_of_any_class(instruction_set, bad):
    """Infinity less infinity in one class, while another has the highest score."""
    adc = algorithms.scalar_adc([2], [0], [1, 1])
    first = (np.full((2, 1), 3e38), np.zeros(2))
    logits = np.zeros((4, 2))
    logits[bad] = [10, -10]
    bias = np.where(np.arange(4) == (bad + 1) % 4, 5.0, 0.0)
    found = digital_map.network(adc, "detection", [first, (logits, bias)])
    codes = np.zeros((20, 1), np.uint8)
    assert not found.classes(codes).any() and not found.llrs(codes).any()
    assert (found.posteriors(codes) == 0.25).all()


def test_a_detector_of_estimates_is_refused():
    found = digital_map.affine(uniform([2, 2]), np.ones((1, 2)), np.zeros(1))
    codes = np.zeros((3, 2), np.uint8)
    for method in (found.classes, found.decide, found.posteriors, found.llrs):
        with pytest.raises(ValueError, match="the map's task is estimation, expected detection"):
            method(codes)


def test_a_map_is_replaced_in_place_or_not_at_all():
    rng = np.random.default_rng(6)
    adc, codes = uniform([8] * 4), random_codes([8] * 4, 50)
    first, second = (rng.normal(size=(3, 4)).astype(np.float32) for _ in range(2))
    bias = np.zeros(3, np.float32)
    estimator = digital_map.affine(adc, first, bias)
    assert estimator.replace_affine(second, bias)
    fresh = digital_map.affine(adc, second, bias)
    np.testing.assert_array_equal(estimator.estimate(codes), fresh.estimate(codes))
    np.testing.assert_array_equal(estimator.weight[0], second)
    assert not estimator.replace_affine(second * np.nan, bias)
    assert not estimator.replace_affine(second[:2], bias)
    assert not estimator.replace_lookup(np.zeros(0))
    np.testing.assert_array_equal(estimator.weight[0], second)

    one, two = (-rng.gamma(2, 1, (32, 16)).astype(np.float32) for _ in range(2))
    found = digital_map.lookup(adc, 4, one)
    assert found.replace_lookup(two)
    np.testing.assert_array_equal(found.llrs(codes), digital_map.lookup(adc, 4, two).llrs(codes))
    assert not found.replace_lookup(two - np.inf)
    assert not found.replace_affine(first, bias)
    np.testing.assert_array_equal(found.log_likelihood, two)


def test_refuses_senseless_maps():
    adc = uniform([4, 4])
    with pytest.raises(ValueError, match="got 3 weights, expected 2"):
        digital_map.affine(adc, np.ones((1, 3)), np.zeros(1))
    with pytest.raises(ValueError, match="a weight or bias is not finite"):
        digital_map.affine(adc, np.full((1, 2), np.nan), np.zeros(1))
    with pytest.raises(ValueError, match=r"expected \[powers, k, p\]"):
        digital_map.affine(adc, np.ones(2), np.zeros(1))
    with pytest.raises(ValueError, match="powers is 9, expected 1 to 8"):
        digital_map.affine(adc, np.ones((9, 1, 2)), np.zeros((9, 1)))
    with pytest.raises(ValueError, match="users is 9, expected 1 to 8"):
        digital_map.lookup(adc, 9, np.zeros((8, 512)))
    with pytest.raises(ValueError, match="got 30 log-likelihoods, expected 32"):
        digital_map.lookup(adc, 2, np.zeros(30))
    for bad in (np.nan, -np.inf, 2e30):
        with pytest.raises(ValueError, match="a log-likelihood is not finite or beyond 1e30"):
            digital_map.lookup(adc, 2, np.full((8, 4), bad))
    with pytest.raises(ValueError, match="inputs of the first layer"):
        digital_map.network(adc, "detection", [(np.ones((4, 3)), np.zeros(4))])
    with pytest.raises(ValueError, match="has 3 classes, expected 2, 4, 8, ... or 256"):
        digital_map.network(adc, "detection", [(np.ones((3, 2)), np.zeros(3))])
    with pytest.raises(ValueError, match="expected 'estimation' or 'detection'"):
        digital_map.network(adc, "guessing", [(np.ones((4, 2)), np.zeros(4))])
