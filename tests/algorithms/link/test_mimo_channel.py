# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""mimo_channel: y = H x exactly, and the moments of what it draws against their formulas."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from scipy.special import j0

mimo_channel = algorithms.mimo_channel


def symbols(n, users, seed=3):
    bits = np.random.default_rng(seed).integers(0, 2, (n, 4 * users), dtype=np.uint8)
    return algorithms.qam_mapper(4).map(bits)


def channels(n, **settings):
    channel = mimo_channel(**settings)
    return channel.apply(np.zeros((n * channel.block_len, channel.users), np.complex64))[1]


@pytest.mark.parametrize(("m", "k"), [(1, 1), (16, 16), (3, 5), (64, 16)])
@pytest.mark.parametrize("block_len", [1, 7])
def test_y_is_the_matrix_times_x(m, k, block_len):
    channel = mimo_channel(m, k, block_len=block_len, receive_correlation=0.5)
    x = symbols(3 * block_len, k)
    y, h = channel.apply(x)
    assert y.shape == (3 * block_len, m) and h.shape == (3, m, k)
    assert y.dtype == h.dtype == np.complex64
    expected = np.einsum("bmk,bvk->bvm", h, x.reshape(3, block_len, k)).reshape(-1, m)
    np.testing.assert_allclose(y, expected, atol=2e-6)


def test_entries_are_independent_and_have_the_variance_of_one_user_in_k():
    """20000 draws of 12 entries: a second moment deviates by at most .7 % of it; 4.5 of them."""
    n = 20000
    h = channels(n, receive_antennas=4, users=3).reshape(n, 12).astype(complex)
    moments = 3 * h.conj().T @ h / n
    np.testing.assert_allclose(moments, np.eye(12), atol=4.5 / np.sqrt(n))
    pseudo = 3 * h.T @ h / n  # circular: E[h h] = 0
    assert np.abs(pseudo).max() < 4.5 * np.sqrt(2 / n)
    kurtosis = np.mean(np.abs(h) ** 4) * 9  # of a complex Gaussian: 2
    assert kurtosis == pytest.approx(2, abs=4 * np.sqrt(20 / (12 * n)))


@pytest.mark.parametrize(("r", "t"), [(0.5, 0.0), (0.0, 0.9), (0.9, 0.5)])
def test_correlation_is_kroneckers(r, t):
    n, m, k = 20000, 4, 3
    h = channels(n, receive_antennas=m, users=k, receive_correlation=r, transmit_correlation=t)
    flat = h.reshape(n, m * k).astype(complex)

    def exponential(rho, size):
        return rho ** np.abs(np.subtract.outer(np.arange(size), np.arange(size)))

    expected = np.kron(exponential(r, m), exponential(t, k))
    np.testing.assert_allclose(k * flat.T @ flat.conj() / n, expected, atol=4.5 / np.sqrt(n))


@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_snr_is_one_over_the_noise_variance(correlation):
    """E||Hx||^2 / E||n||^2 over 20000 vectors of 8 antennas."""
    n = 20000
    settings = {
        "receive_antennas": 8,
        "users": 4,
        "receive_correlation": correlation,
        "transmit_correlation": correlation,
        "seed": 11,
    }
    x = symbols(n, 4)
    clean, h = mimo_channel(**settings).apply(x)
    noisy, same_h = mimo_channel(noise_variance=0.1, **settings).apply(x)
    np.testing.assert_array_equal(h, same_h)
    noise = noisy - clean
    snr = np.mean(np.abs(clean) ** 2) / np.mean(np.abs(noise) ** 2)
    assert snr == pytest.approx(10, rel=0.05)
    assert np.mean(np.abs(noise) ** 2) == pytest.approx(0.1, rel=4 / np.sqrt(8 * n))
    assert abs(np.mean(noise**2)) < 4 * 0.1 / np.sqrt(4 * n)


def test_jakes_fading_turns_as_a_bessel_function():
    """Autocorrelation over 300 seeds of 16 paths, against J0; 4.5 deviations allowed."""
    doppler, blocks = 0.02, 40
    h = np.stack(
        [
            channels(blocks, receive_antennas=4, users=4, fading="jakes", doppler=doppler, seed=s)
            for s in range(300)
        ]
    ).astype(complex)
    h = np.moveaxis(h, 1, 0).reshape(blocks, -1)
    found = 4 * np.mean(h * h[0].conj(), axis=1)
    expected = j0(2 * np.pi * doppler * np.arange(blocks))
    np.testing.assert_allclose(found, expected, atol=4.5 / np.sqrt(h.shape[1]))


@pytest.mark.parametrize(("m", "k"), [(8, 2), (2, 8)])
def test_jakes_fading_has_the_variance_of_one_user_in_k(m, k):
    """300 seeds of 16 paths: a path's energy is about exponential, 4.5 deviations are 6.5 %."""
    h = np.stack(
        [
            channels(1, receive_antennas=m, users=k, fading="jakes", doppler=0.1, seed=s)
            for s in range(300)
        ]
    )
    assert np.mean(np.abs(h) ** 2) * k == pytest.approx(1, abs=4.5 / np.sqrt(h.size))


def test_jakes_without_doppler_stands_still():
    h = channels(3, fading="jakes", doppler=0.0)
    np.testing.assert_allclose(h[1:], h[:-1], atol=1e-6)


def test_blocks_do_not_depend_on_how_they_are_asked_for():
    x = symbols(12, 16)
    settings = {"block_len": 2, "noise_variance": 0.3, "seed": 4}
    whole = mimo_channel(**settings).apply(x)
    channel = mimo_channel(**settings)
    parts = [channel.apply(x[:2]), channel.apply(x[2:])]
    for i in range(2):
        np.testing.assert_array_equal(whole[i], np.concatenate([p[i] for p in parts]))


def test_a_seed_repeats_and_another_does_not():
    first, same, other = (channels(2, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_what_is_not_finite_spoils_its_own_vector_alone():
    x = symbols(3, 16)
    x[1, 2] = np.nan
    y, _ = mimo_channel(noise_variance=0.1).apply(x)
    assert np.isnan(y[1]).all() and np.isfinite(y[[0, 2]]).all()


def test_no_vectors_are_no_vectors():
    y, h = mimo_channel().apply(np.zeros((0, 16)))
    assert y.shape == (0, 16) and h.shape == (0, 16, 16)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"receive_antennas": 0}, "receive_antennas is 0, expected 1 to 256"),
        ({"users": 257}, "users is 257, expected 1 to 256"),
        ({"block_len": 0}, "block_len is 0"),
        ({"noise_variance": -1}, "noise_variance is -1"),
        ({"noise_variance": np.nan}, "noise_variance is nan"),
        ({"doppler": np.inf}, "doppler is inf"),
        ({"receive_correlation": 1.0}, "receive_correlation is 1"),
        ({"transmit_correlation": -0.1}, "transmit_correlation is -0.1"),
        ({"fading": "rice"}, "fading is 'rice', expected 'block' or 'jakes'"),
    ],
)
def test_refuses_senseless_settings(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        mimo_channel(**settings)


def test_refuses_vectors_that_do_not_fit():
    channel = mimo_channel(2, 3, block_len=2)
    with pytest.raises(ValueError, match=r"x is \[3, 3\], expected \[vectors, 3\] with a multiple"):
        channel.apply(np.zeros((3, 3)))
    with pytest.raises(ValueError, match=r"x is \[2, 4\]"):
        channel.apply(np.zeros((2, 4)))
    with pytest.raises(ValueError, match=r"x is \[1 dimensions\]"):
        channel.apply(np.zeros(3))
