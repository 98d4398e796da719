# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""linear_channel against numpy, and the moments of what it draws."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms

linear_channel = algorithms.linear_channel


def some(shape, seed, kind=float):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=shape)
    return values + 1j * rng.normal(size=shape) if kind is complex else values


@pytest.mark.parametrize("matrix", [float, complex])
@pytest.mark.parametrize("symbols", [float, complex])
@pytest.mark.parametrize(("m", "k"), [(1, 1), (12, 4), (3, 7), (120, 40)])
def test_without_noise_it_is_the_matrix(matrix, symbols, m, k):
    a, s = some((m, k), 1, matrix), some((5, 9, k), 2, symbols)
    channel = linear_channel(a, 0)
    y = channel.apply(s)
    assert y.shape == (5, 9, m)
    assert y.dtype == (np.float32 if matrix is symbols is float else np.complex64)
    np.testing.assert_allclose(y, s @ a.T, atol=2e-5)
    np.testing.assert_allclose(channel.matrix, a, rtol=1e-6)


@pytest.mark.parametrize(("matrix", "per_axis"), [(float, 0.3), (complex, 0.15)])
def test_noise_is_white_and_of_its_variance(matrix, per_axis):
    """2^16 vectors of 3: an estimate of a second moment deviates by at most .8 %; 4 of them."""
    channel = linear_channel(some((3, 2), 3, matrix), 0.3, seed=5)
    y = channel.apply(np.zeros((2**16, 2), np.float32)).astype(complex)
    parts = np.concatenate([y.real, y.imag], -1)[:, : 3 if matrix is float else 6]
    moments = parts.T @ parts / len(parts)
    np.testing.assert_allclose(moments, per_axis * np.eye(len(moments)), atol=4 * 0.008 * per_axis)
    assert np.abs(parts.mean(0)).max() < 4 * np.sqrt(per_axis / 2**16)


def test_a_seed_repeats_the_noise():
    s = np.zeros((10, 2), np.float32)
    first, same, other = (linear_channel(np.eye(2), 1.0, seed).apply(s) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("kind", [float, complex])
def test_errors_of_the_matrix_are_relative_and_drawn_anew(kind):
    """300 x 300 elements: the variance is estimated to .5 %; 4 deviations allowed."""
    a = some((300, 300), 4, kind)
    channel = linear_channel(a, 0, seed=7)
    drawn = []
    for _ in range(2):
        channel.perturb(0.2)
        drawn.append(channel.matrix / a - 1)
        power = np.mean(np.abs(drawn[-1]) ** 2)
        assert power == pytest.approx(0.2, rel=0.02)
        if kind is float:
            assert np.abs(drawn[-1].imag).max() == 0
    assert abs(np.mean(drawn[0] * drawn[1].conj())) < 4 * 0.2 / 300
    channel.restore()
    np.testing.assert_allclose(channel.matrix, a, rtol=1e-6)


def test_what_is_not_finite_spoils_its_own_vector_alone():
    s = np.ones((3, 2), np.float32)
    s[1, 0] = np.nan
    y = linear_channel(np.ones((4, 2)), 0.1).apply(s)
    assert np.isnan(y[1]).all() and np.isfinite(y[[0, 2]]).all()


def test_refuses_senseless_channels():
    with pytest.raises(ValueError, match="matrix has 1 dimensions"):
        linear_channel(np.ones(3), 0)
    with pytest.raises(ValueError, match="0 values for 0 x 2"):
        linear_channel(np.ones((0, 2)), 0)
    with pytest.raises(ValueError, match="at most 1024 rows and columns"):
        linear_channel(np.ones((1025, 1)), 0)
    for bad in (np.nan, np.inf):
        with pytest.raises(ValueError, match="matrix holds a value that is not finite"):
            linear_channel(np.full((2, 2), bad), 0)
    channel = linear_channel(np.ones((2, 2)), 0)
    for bad in (-1, np.nan, np.inf):
        with pytest.raises(ValueError, match="noise_variance is"):
            linear_channel(np.ones((2, 2)), bad)
        with pytest.raises(ValueError, match="noise_variance is"):
            channel.noise_variance = bad
        with pytest.raises(ValueError, match="e is"):
            channel.perturb(bad)
    with pytest.raises(ValueError, match="last dimension is 3, expected 2"):
        channel.apply(np.ones((4, 3)))
