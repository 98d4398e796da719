# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rivals of the unfolded detector against numpy written from their formulas."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from mimo_oracle import (
    all_vectors,
    bits_of,
    expectation_propagation,
    gaussian_llrs,
    labels_of,
    linear,
    maximum_likelihood,
    scale,
    successive_cancellation,
    user_bits,
)

SETS = algorithms.instruction_sets()
EVERY = ["zf", "lmmse", "vblast", "kbest:k=4", "kbest:k=16", "ep:iterations=10", "sphere"]


@pytest.fixture
def instruction_set(request):
    algorithms.use_instruction_set(request.param)
    yield request.param
    algorithms.use_instruction_set("")


every_set = pytest.mark.parametrize("instruction_set", SETS, indirect=True)


def link(n, m, k, bits_per_symbol, noise_variance, seed=3, block_len=1):
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (n, k * bits_per_symbol), dtype=np.uint8)
    x = algorithms.qam_mapper(bits_per_symbol).map(bits)
    channel = algorithms.mimo_channel(
        m, k, noise_variance=noise_variance, seed=seed, block_len=block_len
    )
    y, h = channel.apply(x)
    return bits, y, h


@every_set
@pytest.mark.parametrize("name", ["zf", "lmmse"])
@pytest.mark.parametrize(("m", "k", "bits"), [(4, 4, 4), (5, 3, 6), (16, 16, 2), (33, 20, 4)])
def test_linear_detectors_solve_their_equations(instruction_set, name, m, k, bits):
    noise_variance = 0.05
    _, y, h = link(20, m, k, bits, noise_variance)
    detector = algorithms.make_detector(name, m, k, bits)
    assert detector.prepare(h, noise_variance) == 0
    labels, symbols, llrs, erased = detector.detect(y)
    assert erased == 0
    for v in range(20):
        expected, variance = linear(h[v], y[v], noise_variance, name == "lmmse")
        tolerance = 2e-3 * np.abs(expected).max()
        np.testing.assert_allclose(symbols[v], expected, atol=tolerance)
        exact = gaussian_llrs(symbols[v].astype(complex), variance, bits)
        np.testing.assert_allclose(llrs[v], exact, rtol=0.02, atol=0.02)
    c = scale(bits)
    sliced = [user_bits(_nearest(np.r_[s.real, s.imag] * c, bits), bits) for s in symbols]
    np.testing.assert_array_equal(labels, labels_of(np.array(sliced), bits))


def _nearest(values, bits_per_symbol):
    most = 2 ** (bits_per_symbol // 2) - 1
    return np.clip(2 * np.floor(values / 2) + 1, -most, most)


@pytest.mark.parametrize(
    ("m", "k", "bits"), [(2, 2, 4), (2, 2, 6), (4, 4, 2), (3, 2, 4), (4, 3, 4)]
)
@pytest.mark.parametrize("snr_db", [5, 20])
def test_ml_is_the_best_of_all(m, k, bits, snr_db):
    noise_variance = 10 ** (-snr_db / 10)
    _, y, h = link(30, m, k, bits, noise_variance)
    detector = algorithms.make_detector("ml", m, k, bits)
    detector.prepare(h, noise_variance)
    labels, symbols, llrs, _ = detector.detect(y)
    vectors = all_vectors(k, bits)
    for v in range(30):
        best, soft = maximum_likelihood(h[v], y[v], noise_variance, bits, vectors)
        np.testing.assert_array_equal(bits_of(labels[v], bits), best)
        np.testing.assert_allclose(llrs[v], soft, rtol=1e-3, atol=2e-3)
    points = algorithms.qam_mapper(bits).points
    np.testing.assert_allclose(symbols, np.asarray(points)[labels], atol=1e-6)


@every_set
@pytest.mark.parametrize(("m", "k", "bits"), [(2, 2, 4), (4, 4, 2), (3, 2, 6)])
def test_a_tree_that_keeps_everything_is_ml(instruction_set, m, k, bits):
    """64 survivors: all of the last but one layers of these sizes, nearly; 2 vectors of 100 may
    differ."""
    noise_variance = 0.05
    _, y, h = link(100, m, k, bits, noise_variance)
    found = {}
    for name in ("kbest:k=64", "ml"):
        detector = algorithms.make_detector(name, m, k, bits)
        detector.prepare(h, noise_variance)
        found[name] = detector.labels(y)
    differ = (found["kbest:k=64"] != found["ml"]).any(-1)
    assert differ.sum() <= 2


@pytest.mark.parametrize("survivors", [1, 2, 3, 4, 7, 16, 33, 64])
@pytest.mark.parametrize("bits", [2, 4, 6, 8])
def test_instruction_sets_search_alike(survivors, bits):
    """Float sums differ by rounding: 1 vector in 20 may fall otherwise."""
    _, y, h = link(40, 6, 5, bits, 0.02)
    found = {}
    for name in SETS:
        algorithms.use_instruction_set(name)
        detector = algorithms.make_detector(f"kbest:k={survivors}", 6, 5, bits)
        detector.prepare(h, 0.02)
        found[name] = detector.llrs(y)
    algorithms.use_instruction_set("")
    for name in SETS[1:]:
        off = (np.abs(found[name] - found[SETS[0]]) > 0.05 + 0.01 * np.abs(found[name])).any(-1)
        assert off.mean() <= 0.05


def test_more_survivors_err_less_and_16_nearly_as_ml():
    """4 x 4, 16-QAM, 14 dB, the same 4000 vectors: errors fall towards ML's."""
    noise_variance = 10**-1.4
    bits, y, h = link(4000, 4, 4, 4, noise_variance)
    errors = []
    for name in ("kbest:k=1", "kbest:k=2", "kbest:k=4", "kbest:k=16", "ml"):
        detector = algorithms.make_detector(name, 4, 4, 4)
        detector.prepare(h, noise_variance)
        errors.append(np.sum(bits_of(detector.labels(y), 4) != bits))
    assert errors[0] > errors[1] > errors[2] > errors[4] > 300
    assert errors[3] <= 1.06 * errors[4]


@every_set
@pytest.mark.parametrize(("m", "k", "bits"), [(4, 4, 4), (6, 5, 2), (16, 16, 4)])
def test_vblast_decides_as_the_textbook(instruction_set, m, k, bits):
    """60 vectors; where two estimates are nearly as good, either may come first: 2 may differ."""
    noise_variance = 0.02
    _, y, h = link(60, m, k, bits, noise_variance)
    detector = algorithms.make_detector("vblast", m, k, bits)
    detector.prepare(h, noise_variance)
    labels = detector.labels(y)
    expected = [
        user_bits(successive_cancellation(h[v], y[v], noise_variance, bits), bits)
        for v in range(60)
    ]
    differ = (labels != labels_of(np.array(expected), bits)).any(-1)
    assert differ.sum() <= 2


@every_set
@pytest.mark.parametrize(("m", "k", "bits"), [(4, 4, 4), (6, 5, 2), (8, 8, 6)])
def test_ep_is_its_formula(instruction_set, m, k, bits):
    noise_variance = 0.02
    _, y, h = link(20, m, k, bits, noise_variance)
    detector = algorithms.make_detector("ep:iterations=5,damping=0.5", m, k, bits)
    detector.prepare(h, noise_variance)
    _, symbols, llrs, _ = detector.detect(y)
    found = np.concatenate([symbols.real, symbols.imag], -1) * scale(bits)
    expected = [
        expectation_propagation(h[v], y[v], noise_variance, bits, 5, 0.5) for v in range(20)
    ]
    t = np.array([e[0] for e in expected])
    off = np.abs(found - t) > 0.02 + 0.02 * np.abs(t)
    assert off.mean() < 0.02  # float32 against double, where variances are tiny
    agree = (llrs > 0) == np.array([user_bits(_nearest(one, bits), bits) for one in t])
    assert agree.mean() > 0.97  # an exact LLR's sign is not always the nearest level's


REFERENCE = {  # uncoded bit error rates, 16 x 16, 16-QAM, at 10, 15, 20 dB
    "zf": (0.357, 0.263, 0.159),
    "lmmse": (0.179, 0.112, 0.0588),
    "vblast": (0.191, 0.113, 0.0218),
    "kbest:k=4": (0.192, 0.085, 0.0015),
    "kbest:k=16": (0.186, 0.066, 9e-5),
    "ep": (0.164, 0.070, 0.0076),
}


@pytest.mark.parametrize("name", REFERENCE)
def test_bit_error_rates_are_the_known_ones(name):
    """3000 vectors, 192000 bits, errors of a vector alike: 6 % of a rate down to .05, and at
    20 dB no more than a quarter above (K = 16 has a handful of errors there: threefold)."""
    for snr_db, known in zip((10, 15, 20), REFERENCE[name], strict=True):
        noise_variance = 10 ** (-snr_db / 10)
        bits, y, h = link(3000, 16, 16, 4, noise_variance, seed=7)
        detector = algorithms.make_detector(name)
        detector.prepare(h, noise_variance)
        rate = np.mean(bits_of(detector.labels(y), 4) != bits)
        if known > 0.05:
            assert rate == pytest.approx(known, rel=0.06)
        else:
            assert rate < (3 if known < 1e-3 else 1.25) * known


@pytest.mark.parametrize("name", ["lmmse", "kbest:k=16", "ep"])
def test_llrs_tell_how_sure_they_are(name):
    """Of LLRs around a, a share 1 / (1 + e^a) is wrong; at 12 dB, within a third, for those that
    promise between 2 and 40 % errors. List LLRs overstate: within a factor of 2.5."""
    noise_variance = 10**-1.2
    bits, y, h = link(3000, 8, 8, 4, noise_variance)
    detector = algorithms.make_detector(name, 8, 8, 4)
    detector.prepare(h, noise_variance)
    llrs = detector.llrs(y)
    wrong = (llrs > 0) != bits
    for low, high in ((0.4, 1.0), (1.0, 2.0), (2.0, 4.0)):
        some = (np.abs(llrs) > low) & (np.abs(llrs) < high)
        promised = np.mean(1 / (1 + np.exp(np.abs(llrs[some]))))
        factor = 1.35 if name in ("lmmse", "ep") else 2.5
        assert promised / factor < wrong[some].mean() < promised * factor


@pytest.mark.parametrize("name", EVERY + ["ml"])
def test_what_is_not_finite_is_erased_and_counted(name):
    _, y, h = link(12, 4, 4, 2, 0.1, block_len=2)
    detector = algorithms.make_detector(name, 4, 4, 2)
    detector.prepare(h, 0.1)
    sound = detector.detect(y, 2)
    h[1, 2, 3] = np.nan
    y[0, 1] = np.inf
    assert detector.prepare(h, [0.1, 0.1, 0.1, np.nan, 0.1, -1.0]) == 3
    labels, symbols, llrs, erased = detector.detect(y, 2)
    assert erased == 7
    left = [1, 4, 5, 8, 9]
    for found, before in zip((labels, symbols, llrs), sound, strict=False):
        np.testing.assert_allclose(found[left], before[left], rtol=1e-5, atol=1e-5)
        assert not np.delete(found, left, axis=0).any()


@pytest.mark.parametrize("name", EVERY + ["ml"])
def test_degenerate_channels_have_finite_answers(name):
    """Zero, one user silent, two users alike, condition 1e8, tiny, without noise."""
    _, y, h = link(8, 4, 4, 2, 0.1)
    h[0] = 0
    h[1, :, 1] = 0
    h[2, :, 1] = h[2, :, 0]
    h[3] *= np.array([1, 1e-4, 1e4, 1])
    h[4] *= 1e-10
    h[6] *= 1e10
    detector = algorithms.make_detector(name, 4, 4, 2)
    assert detector.prepare(h, [0.1, 0.1, 0.1, 0.1, 0.1, 0.0, 0.1, 1e4]) == 0
    labels, symbols, llrs, erased = detector.detect(y)
    assert erased == 0
    assert np.isfinite(symbols).all() and np.isfinite(llrs).all() and labels.max() < 4
    np.testing.assert_allclose(llrs[0], 0, atol=1e-3)  # nothing is known
    np.testing.assert_allclose(llrs[1, 2:4], 0, atol=1e-3)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("factor", [2.0**8, 2.0**-20])
def test_scaling_everything_changes_nothing(name, factor):
    _, y, h = link(50, 4, 4, 4, 0.05)
    detector = algorithms.make_detector(name, 4, 4, 4)
    detector.prepare(h, 0.05)
    llrs = detector.llrs(y)
    detector.prepare(np.float32(factor) * h, 0.05 * factor**2)
    np.testing.assert_allclose(detector.llrs(np.float32(factor) * y), llrs, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("name", EVERY)
def test_blocks_and_places_do_not_matter(name):
    """37 channels of 3 vectors, all at once and one channel at a time."""
    _, y, h = link(111, 4, 4, 4, 0.05, block_len=3)
    detector = algorithms.make_detector(name, 4, 4, 4)
    detector.prepare(h, 0.05)
    whole = detector.llrs(y, 3)
    np.testing.assert_array_equal(detector.llrs(y), whole)
    for c in (0, 20, 36):
        detector.prepare(h[c], 0.05)
        some = slice(3 * c, 3 * c + 3)
        np.testing.assert_allclose(detector.llrs(y[some], 0), whole[some], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("viterbi", "'viterbi' is not a kind of detector; there are ep, kbest, lmmse, ml, sphere"),
        ("kbest", "k"),
        ("kbest:k=0", "k"),
        ("kbest:k=65", "k"),
        ("ep:iterations=0", "iterations"),
        ("ep:damping=0", "damping"),
        ("lmmse:k=2", "k"),
        ("ml", "64 bits|16 users of 4 bits are too many to try"),
        ("unfolded:no-such-file", "no-such-file"),
        ("unfolded:", "nothing follows"),
        ("unfolded:a,k=2", "'unfolded' has no options, and there is no file 'a,k=2', nor a model"),
    ],
)
def test_refuses_other_specifications(text, sentence):
    with pytest.raises((ValueError, algorithms.bundle_error), match=sentence):
        algorithms.make_detector(text)


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((0, 4, 4), "antennas is 0, expected 1 to 128"),
        ((4, 129, 4), "users is 129"),
        ((4, 4, 3), "bits_per_symbol is 3"),
    ],
)
def test_refuses_other_sizes(size, sentence):
    with pytest.raises(ValueError, match=sentence):
        algorithms.make_detector("lmmse", *size)


@pytest.mark.parametrize("block_len", [-1, 2.5, "two", 2**70])
def test_refuses_a_block_len_that_is_no_whole_number(block_len):
    detector = algorithms.make_detector("lmmse", 2, 2)
    detector.prepare(np.eye(2, dtype=np.complex64), 0.1)
    with pytest.raises(ValueError, match="block_len is .*, expected a whole number from 0"):
        detector.labels(np.ones((4, 2), np.complex64), block_len)
