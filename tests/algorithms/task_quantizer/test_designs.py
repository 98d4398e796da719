# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""MAP, quantized MAP, lookup designs and their exact error rate against scipy and enumeration."""

import itertools

import numpy as np
import pytest
import task_quantizer_oracle as oracle
from gnuradio.fewbit import algorithms
from scipy.special import log_ndtr, ndtr

# The paper's channel: 12 antennas, 4 users.
H = np.exp(-np.abs(np.arange(12)[:, None] - np.arange(4)))


@pytest.fixture(params=algorithms.instruction_sets())
def instruction_set(request):
    algorithms.use_instruction_set(request.param)
    yield request.param
    algorithms.use_instruction_set("")


def variance(db):
    return 10 ** (-db / 10)


def symbols(k):
    return 1.0 - 2 * oracle.user_bits(k)


def sent(n, k=4, seed=1):
    classes = np.random.default_rng(seed).integers(0, 2**k, n)
    return oracle.user_bits(k)[classes].astype(np.uint8)


def received(bits, h=H, db=10.0, seed=2):
    return algorithms.linear_channel(h, variance(db), seed).apply(1.0 - 2 * bits)


def an_orthonormal_combiner(p=4, n=12, seed=3):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(n, p)))[0].T


# -- MAP ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("k", [1, 2, 4, 8])
@pytest.mark.parametrize("vectors", [0, 1, 63, 500])
def test_map_agrees_with_enumeration(instruction_set, k, vectors):
    h = np.random.default_rng(k).normal(size=(9, k)) / 3
    x = received(sent(vectors, k), h, 3)
    scores = -((x[:, None].astype(float) - symbols(k) @ h.T) ** 2).sum(-1) / (2 * variance(3))
    found = algorithms.map_detector(h, variance(3))
    best = scores.argmax(-1) if vectors else np.zeros(0, int)
    ordered = np.sort(scores, -1)
    clear = ordered[:, -1] - ordered[:, -2] > 1e-4
    np.testing.assert_array_equal(found.classes(x)[clear], best[clear])
    np.testing.assert_array_equal(found.decide(x)[clear], oracle.user_bits(k)[best][clear])
    posteriors = oracle.posteriors(scores) if vectors else np.zeros((0, 2**k))
    np.testing.assert_allclose(found.posteriors(x), posteriors, atol=5e-5)
    np.testing.assert_allclose(found.llrs(x), oracle.llrs(scores, k), atol=1e-3, rtol=1e-4)
    np.testing.assert_allclose(found.estimate(x), posteriors @ symbols(k), atol=1e-4)


def test_map_reaches_the_reference():
    """BER .0089 and .0012 at 8 and 10 dB: 4 x 500,000 bits; bits of a vector err together, so
    the deviation is at most twice sqrt(BER / bits), and 4 of those are allowed."""
    bits = sent(500_000)
    for db, reference, rounding in ((8, 0.0089, 0.00005), (10, 0.0012, 0.00005)):
        x = received(bits, db=db)
        found = np.mean(algorithms.map_detector(H, variance(db)).decide(x) != bits)
        assert abs(found - reference) < rounding + 8 * np.sqrt(reference / bits.size)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
def test_map_of_what_is_not_finite_says_nothing(instruction_set, bad):
    x = received(sent(70))
    detector = algorithms.map_detector(H, variance(10))
    clean = detector.llrs(x)
    x[[0, 66], 3] = bad
    llrs = detector.llrs(x)
    others = np.delete(np.arange(70), [0, 66])
    np.testing.assert_array_equal(llrs[others], clean[others])
    assert np.isfinite(llrs).all() and np.isfinite(detector.posteriors(x)).all()
    if not np.isfinite(bad):
        assert not llrs[[0, 66]].any() and not detector.classes(x)[[0, 66]].any()


def test_map_refuses_senseless_channels():
    with pytest.raises(ValueError, match="channel is complex, expected a real matrix"):
        algorithms.map_detector(H + 0j, 1)
    with pytest.raises(ValueError, match="the channel is 12 x 9"):
        algorithms.map_detector(np.ones((12, 9)), 1)
    with pytest.raises(ValueError, match="not finite"):
        algorithms.map_detector(H * np.nan, 1)
    for bad in (0, -1, np.nan, np.inf):
        with pytest.raises(ValueError, match="noise_variance is"):
            algorithms.map_detector(H, bad)


# -- cells -------------------------------------------------------------------------------------
def log_cells(means, deviations, adc):
    """log P(code | class) by scipy's log_ndtr, mirrored into the tail where it is exact."""
    rows, at = [], 0
    for d, m in enumerate(adc.levels):
        edges = np.concatenate([[-np.inf], adc.thresholds[at : at + m - 1], [np.inf]])
        at += m - 1
        t = (edges[:, None] - means[:, d]) / deviations[d]
        low, high = t[:-1], t[1:]
        flip = low > 0
        low, high = np.where(flip, -high, low), np.where(flip, -low, high)
        upper, lower = log_ndtr(high), log_ndtr(low)
        with np.errstate(divide="ignore"):
            rows.append(upper + np.log1p(-np.exp(lower - upper)))
    return np.concatenate(rows)


@pytest.mark.parametrize("deviation", [1.0, 0.1, 0.01])
def test_cells_are_exact_far_into_the_tails(deviation):
    adc = algorithms.scalar_adc.uniform([8, 16, 2, 64], 2)
    means = np.random.default_rng(4).normal(size=(16, 4))
    deviations = [deviation] * 4
    found = algorithms.cell_log_likelihoods(means, deviations, adc)
    expected = log_cells(means, deviations, adc)
    assert found.min() < -1 / deviation**2
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    cells = np.exp(found.astype(float))
    np.testing.assert_allclose(cells[:8].sum(0), 1, rtol=1e-6)


def test_a_cell_that_cannot_be_is_very_unlikely_and_finite():
    adc = algorithms.scalar_adc([4], [-1, 0, 0])
    found = algorithms.cell_log_likelihoods(np.array([[1e4], [-1e4]]), [1e-3], adc)
    assert np.isfinite(found).all() and (found >= -1e6).all() and (found[2] == -1e6).all()


@pytest.mark.parametrize(
    ("levels", "k"), [([8] * 4, 4), ([2, 5], 1), ([7], 3), ([3, 2, 4, 2, 2], 8), ([9, 9], 5)]
)
def test_error_rate_is_the_sum_over_all_cells(instruction_set, levels, k):
    rng = np.random.default_rng(5)
    p = len(levels)
    adc = algorithms.scalar_adc.uniform(levels, 2)
    means, deviations = rng.normal(size=(2**k, p)), rng.uniform(0.2, 0.5, p)
    table = np.exp(log_cells(means, deviations, adc))
    first = np.concatenate([[0], np.cumsum(levels)])
    bits, total = oracle.user_bits(k), 0.0
    for cell in itertools.product(*[range(m) for m in levels]):
        joint = np.prod([table[first[d] + c] for d, c in enumerate(cell)], axis=0) / 2**k
        total += sum(
            min(joint[bits[:, i] == 0].sum(), joint[bits[:, i] == 1].sum()) for i in range(k)
        )
    assert algorithms.cell_ber(means, deviations, adc) == pytest.approx(total / k, rel=1e-6)


def test_error_rate_of_two_levels_is_the_textbooks():
    """One user, one antenna, one threshold at 0: Q(1 / sigma), into the far tail."""
    adc = algorithms.scalar_adc([2], [0])
    for deviation in (1.0, 0.3, 0.1, 0.05):
        found = algorithms.cell_ber(np.array([[1.0], [-1.0]]), [deviation], adc)
        assert found == pytest.approx(ndtr(-1 / deviation), rel=1e-9)


def test_error_rate_refuses_what_it_cannot_add_up():
    adc = algorithms.scalar_adc.uniform([256] * 4, 2)
    with pytest.raises(ValueError, match="cells, expected at most 67108864"):
        algorithms.cell_ber(np.ones((16, 4)), [1] * 4, adc)
    adc = algorithms.scalar_adc.uniform([2] * 2, 2)
    with pytest.raises(ValueError, match="means of 3 classes"):
        algorithms.cell_ber(np.ones((3, 2)), [1, 1], adc)
    with pytest.raises(ValueError, match="means of 2 and 1 deviations"):
        algorithms.cell_ber(np.ones((4, 2)), [1], adc)
    for bad in (0, -1, np.nan):
        with pytest.raises(ValueError, match="a deviation is"):
            algorithms.cell_ber(np.ones((4, 2)), [1, bad], adc)
    with pytest.raises(ValueError, match="a mean is not finite"):
        algorithms.cell_ber(np.full((4, 2), np.nan), [1, 1], adc)


# -- lookup designs ----------------------------------------------------------------------------
def test_simulated_error_rate_is_the_exact_one():
    """200,000 vectors: 4 x sqrt(4 BER / bits), as the bits of a vector err together."""
    t, adc = an_orthonormal_combiner(), algorithms.scalar_adc.uniform([8] * 4, 1.5)
    db = 8
    chain = algorithms.lookup_design(t, adc, H, variance(db))
    bits = sent(200_000)
    wrong = np.mean(chain.decide(received(bits, db=db)) != bits)
    by_llr = np.mean((chain.llrs(received(bits, db=db)) > 0) != bits)
    exact = algorithms.cell_ber(
        algorithms.class_means(t, H), algorithms.noise_deviations(t, variance(db)), adc
    )
    error = 8 * np.sqrt(exact / bits.size)
    assert abs(by_llr - exact) < error
    assert exact - error < wrong < 1.05 * exact + error  # by class, not by bit


def test_lookup_design_is_its_formula():
    t, adc = an_orthonormal_combiner(), algorithms.scalar_adc.uniform([8] * 4, 1.5)
    chain = algorithms.lookup_design(2 * t, adc, H, 0.1)
    means, deviations = symbols(4) @ (2 * t @ H).T, [2 * np.sqrt(0.1)] * 4
    np.testing.assert_allclose(algorithms.class_means(2 * t, H), means, atol=1e-12)
    np.testing.assert_allclose(
        chain.digital.log_likelihood, log_cells(means, deviations, adc), rtol=1e-5, atol=1e-7
    )
    x = received(sent(50))
    np.testing.assert_array_equal(chain.codes(x)[0], adc.quantize(chain.analog.combine(x)))


def test_rows_that_are_not_orthogonal_are_refused():
    t = an_orthonormal_combiner()
    t[1] += 0.1 * t[0]
    adc = algorithms.scalar_adc.uniform([8] * 4, 1.5)
    with pytest.raises(ValueError, match="rows 0 and 1 of the combiner have the cosine 0.099"):
        algorithms.lookup_design(t, adc, H, 0.1)
    with pytest.raises(ValueError, match="row 2 of the combiner has the length 0"):
        t[1:3] = 0
        t[1] = an_orthonormal_combiner()[1]
        algorithms.lookup_design(t, adc, H, 0.1)
    t = an_orthonormal_combiner()
    with pytest.raises(ValueError, match="the combiner is 4 x 12 and the channel 4 x 12"):
        algorithms.lookup_design(t, adc, H.T, 0.1)
    with pytest.raises(ValueError, match="noise_variance is"):
        algorithms.lookup_design(t, adc, H, 0)
    with pytest.raises(ValueError, match="expected one for each of the 3 ADCs"):
        algorithms.lookup_design(t, algorithms.scalar_adc.uniform([8] * 3, 1), H, 0.1)


@pytest.mark.parametrize(
    ("levels", "reference"),
    [(2, {8: 0.055, 10: 0.038}), (4, {8: 0.033, 10: 0.0143})],
)
def test_quantized_map_reaches_the_reference(levels, reference):
    """50,000 vectors; the references are given to two or three digits."""
    bits = sent(50_000)
    for db, ber in reference.items():
        chain = algorithms.quantized_map(H, variance(db), levels)
        assert chain.adc.levels == [levels] * 12 and chain.rate == np.log2(levels)
        found = np.mean(chain.decide(received(bits, db=db)) != bits)
        assert abs(found - ber) < 0.0006 + 8 * np.sqrt(ber / bits.size)


# -- rotations ---------------------------------------------------------------------------------
def test_rotation_search_reaches_the_reference_at_eight_levels():
    """BER 1e-3 at 10.65 dB; .05 dB is 6 % of the BER here."""
    found = algorithms.rotation_search(H, variance(10.65), 4, 8)
    t = found.combiner
    np.testing.assert_allclose(t @ t.T, np.eye(4), atol=1e-12)
    exact = algorithms.cell_ber(
        algorithms.class_means(t, H), algorithms.noise_deviations(t, variance(10.65)), found.adc
    )
    assert found.ber == pytest.approx(exact, rel=1e-9)
    assert found.ber < 1.03e-3
    np.testing.assert_allclose(
        found.adc.thresholds[:7], found.support * np.linspace(-0.75, 0.75, 7), rtol=1e-6
    )


def test_rotation_search_reaches_the_reference_at_sixty_four_levels():
    """BER 1e-3 at 10.23 dB; MAP without quantization has .9e-3 there."""
    found = algorithms.rotation_search(
        H, variance(10.23), 4, 64, starts=8, evaluations=400, search_cells=4096
    )
    assert found.ber < 1.03e-3


def test_rotation_search_fits_the_support_to_all_the_levels():
    """Rotations are searched with 4 levels here, whose support is too small for 16."""
    found = algorithms.rotation_search(
        H, variance(10), 4, 16, starts=4, evaluations=300, search_cells=256
    )
    means = algorithms.class_means(found.combiner, H)
    deviations = algorithms.noise_deviations(found.combiner, variance(10))
    for factor in (0.8, 0.9, 1.1, 1.25):
        other = algorithms.scalar_adc.uniform([16] * 4, factor * found.support)
        assert algorithms.cell_ber(means, deviations, other) > found.ber


@pytest.mark.parametrize(("p", "levels"), [(1, 256), (2, 8), (3, 4), (6, 3), (12, 2)])
def test_rotation_search_of_other_sizes_beats_no_search(p, levels):
    found = algorithms.rotation_search(H, variance(10), p, levels, starts=4, evaluations=200)
    t = found.combiner
    np.testing.assert_allclose(t @ t.T, np.eye(p), atol=1e-12)
    start = an_orthonormal_combiner(p)
    adc = algorithms.scalar_adc.uniform([levels] * p, 1.5)
    by_chance = algorithms.cell_ber(
        algorithms.class_means(start, H), algorithms.noise_deviations(start, variance(10)), adc
    )
    assert found.ber < by_chance


def test_rotation_search_repeats_and_takes_a_channel_of_low_rank():
    h = np.outer(np.arange(1, 7), [1, 0.5])
    one, other = (
        algorithms.rotation_search(h, 0.1, 3, 4, starts=2, evaluations=100) for _ in range(2)
    )
    assert one.ber == other.ber
    np.testing.assert_array_equal(one.combiner, other.combiner)
    np.testing.assert_allclose(one.combiner @ one.combiner.T, np.eye(3), atol=1e-12)


def test_rotation_search_refuses_senseless_settings():
    search = algorithms.rotation_search
    with pytest.raises(ValueError, match="adcs is 13, expected 1 to the 12 inputs"):
        search(H, 0.1, 13, 2)
    with pytest.raises(ValueError, match="4 ADCs of 256 levels"):
        search(H, 0.1, 4, 256)
    with pytest.raises(ValueError, match="4 ADCs of 1 levels"):
        search(H, 0.1, 4, 1)
    with pytest.raises(ValueError, match="noise_variance is"):
        search(H, 0)
    with pytest.raises(ValueError, match="not finite"):
        search(H * np.inf, 0.1)
    with pytest.raises(ValueError, match="starts or evaluations is 0"):
        search(H, 0.1, starts=0)


@pytest.mark.parametrize("matrix", [[[1, 2], [3]], [["a", "b"]], [[None, 1]]])
@pytest.mark.parametrize(
    "take",
    [
        lambda h: algorithms.named_quantizer("quantized_map:rate=1", h, 0.1),
        lambda h: algorithms.quantized_map(h, 0.1, 2),
        lambda h: algorithms.rotation_search(h, 0.1),
        lambda h: algorithms.linear_channel(h, 0.1),
    ],
)
def test_refuses_a_matrix_of_unequal_rows_or_of_no_numbers(take, matrix):
    with pytest.raises(ValueError, match="is no array of numbers, expected rows of equal length"):
        take(matrix)
