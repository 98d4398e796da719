# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sphere decoder: maximum likelihood as trying all finds it, and what a limit of nodes does."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from mimo_oracle import all_vectors, bits_of, maximum_likelihood

WHOLE = "sphere:nodes=10000000,clip=64"


def link(n, m, k, bits_per_symbol, snr_db, seed=3):
    noise_variance = 10 ** (-snr_db / 10)
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (n, k * bits_per_symbol), dtype=np.uint8)
    x = algorithms.qam_mapper(bits_per_symbol).map(bits)
    y, h = algorithms.mimo_channel(m, k, noise_variance=noise_variance, seed=seed).apply(x)
    return x, y, h, noise_variance


def made(text, m, k, bits, h, noise_variance):
    detector = algorithms.make_detector(text, m, k, bits)
    detector.prepare(h, noise_variance)
    return detector


@pytest.mark.parametrize(
    ("m", "k", "bits"),
    [(1, 1, 8), (2, 2, 6), (4, 4, 2), (3, 2, 4), (4, 3, 4), (2, 3, 4), (3, 6, 2)],
)
@pytest.mark.parametrize("snr_db", [0, 8, 20])
def test_finds_what_trying_all_finds(m, k, bits, snr_db):
    """More users than antennas too. LLRs of float32 against double."""
    x, y, h, noise_variance = link(25, m, k, bits, snr_db)
    detector = made(WHOLE, m, k, bits, h, noise_variance)
    labels, symbols, llrs, erased = detector.detect(y)
    vectors = all_vectors(k, bits)
    for v in range(25):
        best, soft = maximum_likelihood(h[v], y[v], noise_variance, bits, vectors)
        np.testing.assert_array_equal(bits_of(labels[v], bits), best)
        np.testing.assert_allclose(llrs[v], soft, rtol=2e-3, atol=5e-3)
    assert erased == detector.cut_short == 0
    points = np.asarray(algorithms.qam_mapper(bits).points)
    np.testing.assert_allclose(symbols, points[labels], atol=1e-6)


@pytest.mark.parametrize(
    ("m", "k", "bits", "snr_db"), [(8, 8, 4, 15), (16, 16, 2, 8), (16, 16, 4, 20)]
)
def test_nothing_fits_better_where_trying_all_is_beyond_reach(m, k, bits, snr_db):
    """||y - H x||^2 of its decisions is at most that of K-Best's and of what was sent."""
    x, y, h, noise_variance = link(40, m, k, bits, snr_db)
    points = np.asarray(algorithms.qam_mapper(bits).points)
    sphere = made(WHOLE, m, k, bits, h, noise_variance)
    kbest = made("kbest:k=64", m, k, bits, h, noise_variance)

    def distance(symbols):
        return np.sum(np.abs(y - (h @ symbols[..., None])[..., 0]) ** 2, -1)

    own = distance(points[sphere.labels(y)])
    assert sphere.cut_short == 0
    for other in (x, points[kbest.labels(y)]):
        assert np.all(own <= distance(other) * (1 + 1e-5))


def test_decisions_do_not_depend_on_what_is_asked_for():
    x, y, h, noise_variance = link(100, 6, 6, 4, 12)
    detector = made("sphere:nodes=300", 6, 6, 4, h, noise_variance)
    labels = detector.labels(y)
    assert 0 < detector.cut_short < 100
    np.testing.assert_array_equal(labels, detector.detect(y)[0])


def test_llrs_of_a_whole_search_bear_their_decisions():
    x, y, h, noise_variance = link(100, 6, 6, 4, 14)
    detector = made(WHOLE, 6, 6, 4, h, noise_variance)
    labels, _, llrs, _ = detector.detect(y)
    decided = bits_of(labels, 4)
    assert np.all(llrs[decided == 1] >= 0) and np.all(llrs[decided == 0] <= 0)


@pytest.mark.parametrize("clip", [0.5, 4, 16])
def test_a_clip_changes_no_llr_below_it(clip):
    x, y, h, noise_variance = link(100, 4, 4, 4, 12)
    exact = made(WHOLE, 4, 4, 4, h, noise_variance).llrs(y)
    clipped = made(f"sphere:nodes=10000000,clip={clip}", 4, 4, 4, h, noise_variance)
    np.testing.assert_allclose(clipped.llrs(y), np.clip(exact, -clip, clip), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("nodes", [32, 100, 1000])
def test_a_limit_of_nodes_bounds_the_work_and_is_counted(nodes):
    """At 0 dB no search of 8 x 8 ends soon; the answers are those of what was seen."""
    x, y, h, noise_variance = link(50, 8, 8, 4, 0)
    detector = made(f"sphere:nodes={nodes}", 8, 8, 4, h, noise_variance)
    labels, symbols, llrs, erased = detector.detect(y)
    assert detector.cut_short == 50 and erased == 0
    assert np.isfinite(symbols).all() and np.isfinite(llrs).all() and np.abs(llrs).max() <= 64
    assert labels.max() < 16


def test_a_longer_search_errs_less():
    """8 x 8, 16-QAM, 16 dB, the same 2000 vectors: the limits' errors fall towards ML's."""
    x, y, h, noise_variance = link(2000, 8, 8, 4, 16)
    sent = np.argmin(np.abs(x[..., None] - np.asarray(algorithms.qam_mapper(4).points)), -1)
    errors = [
        np.sum(made(f"sphere:nodes={n}", 8, 8, 4, h, noise_variance).labels(y) != sent)
        for n in (32, 100, 10000)
    ]
    assert errors[0] > errors[1] > 1.5 * errors[2] > 0  # 3732, 3283, 1707


def test_overflowing_vectors_end_at_once():
    """Squares beyond float32: nothing can be told apart, and nothing loops."""
    x, y, h, noise_variance = link(4, 4, 4, 4, 10)
    detector = made("sphere", 4, 4, 4, h, noise_variance)
    labels, symbols, llrs, erased = detector.detect(y * np.float32(1e30))
    assert np.isfinite(llrs).all() and np.isfinite(symbols).all()


@pytest.mark.parametrize(
    "setting", ["nodes=0", "nodes=31", "nodes=1000000000", "clip=0", "clip=65", "clip=nan"]
)
def test_refuses_senseless_limits(setting):
    with pytest.raises(ValueError, match=setting.split("=")[0]):
        algorithms.make_detector("sphere:" + setting, 8, 8, 4)
