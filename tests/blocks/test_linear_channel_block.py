# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The linear channel as a block: the class's samples, numpy's statistics, its settings."""

import numpy as np
import pytest
from gnuradio import fewbit
from gnuradio.fewbit import algorithms
from stream_bench import run, seen, tag


def matrix_of(m, k, is_complex, seed=1):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(m, k))
    return a + 1j * rng.normal(size=(m, k)) if is_complex else a


def symbols_of(n, k, is_complex, seed=2):
    s = matrix_of(n, k, is_complex, seed)
    return s.astype(np.complex64 if is_complex else np.float32)


TYPES = {
    "float": (False, False),
    "float_to_complex": (False, True),
    "complex": (True, True),
}


@pytest.mark.parametrize("type", TYPES)
def test_block_is_the_class_and_the_noise_has_its_variance(type):
    """5000 x 7 noise values: their power within 4 deviations."""
    in_complex, out_complex = TYPES[type]
    a, s = matrix_of(7, 3, out_complex), symbols_of(5000, 3, in_complex)
    block = fewbit.linear_channel(a, type, 0.3, seed=5)
    y, _ = run(s, block, "c" if out_complex else "f", 7)
    same = algorithms.linear_channel(a.astype(np.complex64 if out_complex else np.float32), 0.3, 5)
    np.testing.assert_array_equal(y, same.apply(s))
    w = y - s.astype(complex) @ a.T
    values = w.size * (2 if out_complex else 1)
    assert np.mean(np.abs(w) ** 2) == pytest.approx(0.3, rel=4 * np.sqrt(2 / values))
    np.testing.assert_array_equal(block.matrix(), a.astype(np.complex64))


def test_the_real_part_of_a_matrix_counts_for_floats():
    a = matrix_of(4, 2, True)
    s = symbols_of(100, 2, False)
    y, _ = run(s, fewbit.linear_channel(a, "float", 0.0), "f", 4)
    np.testing.assert_allclose(y, s @ a.real.T, rtol=1e-5, atol=1e-5)


def test_tells_its_noise_at_the_start_and_where_it_changes():
    block = fewbit.linear_channel(np.eye(2), "float", 0.25)
    s = symbols_of(20, 2, False)
    for variance in (0.25, 0.25, 0.1):
        block.set_noise_variance(variance)
        _, kept = run(s, block, "f", 2, [tag(7, "mark", 1)])
        assert seen(kept) == [(0, "noise_variance", variance), (7, "mark", 1)]
    block.set_snr_db(20)
    assert block.noise_variance() == pytest.approx(0.01)


def test_errors_of_the_matrix_come_go_and_are_drawn_anew():
    """900 entries: their variance within 4 deviations of what was asked for."""
    a = np.ones((30, 30))
    block = fewbit.linear_channel(a, "float", 0.0, matrix_error=0.2, seed=3)
    first = block.matrix().real
    assert np.var(first - 1) == pytest.approx(0.2, rel=4 * np.sqrt(2 / 900))
    block.redraw_matrix()
    second = block.matrix().real
    assert not np.array_equal(first, second)
    s = symbols_of(10, 30, False)
    np.testing.assert_allclose(run(s, block, "f", 30)[0], s @ second.T, rtol=1e-3, atol=1e-3)
    block.set_matrix(2 * a)  # keeps its errors' size
    assert np.var(block.matrix().real / 2 - 1) == pytest.approx(0.2, rel=4 * np.sqrt(2 / 900))
    block.set_matrix_error(0.0)
    np.testing.assert_array_equal(block.matrix().real, 2 * a)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_vectors_that_are_not_finite_are_counted_and_spoil_no_other(bad):
    s = symbols_of(50, 2, True)
    s[20, 1] = bad
    block = fewbit.linear_channel(np.ones((3, 2)), "complex", 0.0)
    y, _ = run(s, block, "c", 3)
    good = np.arange(50) != 20
    np.testing.assert_allclose(y[good], s[good].sum(1, keepdims=True) * np.ones(3), rtol=1e-5)
    assert not np.isfinite(y[20]).any()
    assert block.counters() == {"vectors": 50, "not_finite": 1}


@pytest.mark.parametrize(
    "make",
    [
        lambda: fewbit.linear_channel([[1, 2]], "int"),
        lambda: fewbit.linear_channel([1, 2]),
        lambda: fewbit.linear_channel([[1, 2], [3]]),
        lambda: fewbit.linear_channel("matrix"),
        lambda: fewbit.linear_channel([[]]),
        lambda: fewbit.linear_channel(np.ones((1025, 1))),
        lambda: fewbit.linear_channel([[np.nan]]),
        lambda: fewbit.linear_channel([[1]], "float", -0.1),
        lambda: fewbit.linear_channel([[1]], "float", np.nan),
        lambda: fewbit.linear_channel([[1]], "float", 0.1, -1.0),
    ],
)
def test_refuses_senseless_parameters(make):
    with pytest.raises(ValueError):
        make()


def test_a_setting_that_is_refused_changes_nothing():
    block = fewbit.linear_channel([[1.0, 2.0]], "float", 0.5)
    for refuse in (
        lambda: block.set_noise_variance(-1),
        lambda: block.set_snr_db(np.nan),
        lambda: block.set_matrix([[1.0]]),
        lambda: block.set_matrix([[1.0, np.inf]]),
        lambda: block.set_matrix_error(-0.1),
        lambda: block.set_matrix_error(np.nan),
    ):
        with pytest.raises(ValueError):
            refuse()
    assert block.noise_variance() == 0.5
    np.testing.assert_array_equal(block.matrix(), [[1, 2]])


def test_a_channel_that_is_given_anew_has_noise_of_its_own():
    s = np.zeros((200, 2), np.float32)
    noises = []
    for times in range(3):
        block = fewbit.linear_channel(np.eye(2), "float", 1.0, seed=5)
        for _ in range(times):
            block.set_matrix(np.eye(2))
        noises.append(run(s, block, "f", 2)[0].ravel())
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert abs(np.mean(noises[one] * noises[other])) < 4 / 20  # of 400 independent products
