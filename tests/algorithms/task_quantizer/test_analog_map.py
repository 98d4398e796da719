# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""analog_map against numpy: exactly for small maps, in float64 for large ones."""

import numpy as np
import pytest
import task_quantizer_oracle as oracle
from gnuradio import fewbit
from gnuradio.fewbit import algorithms

analog_map = algorithms.analog_map


@pytest.fixture(params=algorithms.instruction_sets())
def instruction_set(request):
    algorithms.use_instruction_set(request.param)
    yield request.param
    algorithms.use_instruction_set("")


def small_map(n=12, p=4, seed=1, agc="fixed"):
    rng = np.random.default_rng(seed)
    layers = oracle.random_layers(rng, [n, p])
    gain = rng.uniform(0.5, 2, p).astype(np.float32)
    return analog_map(layers, gain, agc), layers[0], gain


SIZES = [(1, 1), (3, 2), (7, 5), (12, 4), (13, 3), (24, 8), (16, 16), (64, 16), (31, 33)]


@pytest.mark.parametrize(("n", "p"), SIZES)
@pytest.mark.parametrize("vectors", [0, 1, 3, 15, 16, 17, 64, 257, 1000])
def test_small_maps_sum_in_the_order_that_the_contract_names(instruction_set, n, p, vectors):
    combiner, (weight, bias), gain = small_map(n, p)
    x = np.random.default_rng(n).normal(size=(vectors, n)).astype(np.float32)
    expected = oracle.combine_exactly(weight, bias, gain, x)
    np.testing.assert_array_equal(combiner.combine(x), expected)


def test_one_gain_among_ones_is_applied(instruction_set):
    x = np.random.default_rng(6).normal(size=(40, 6)).astype(np.float32)
    for d in range(6):
        gain = np.where(np.arange(6) == d, np.float32(1.5), np.float32(1))
        combiner = analog_map(analog_map.identity(6).layers, gain)
        np.testing.assert_array_equal(combiner.combine(x), x * gain)


@pytest.mark.parametrize(
    "widths", [[240, 80], [12, 20, 4], [5, 300, 7, 3], [1024, 40], [2, 1024, 2]]
)
@pytest.mark.parametrize("vectors", [1, 17, 64, 100])
def test_large_and_layered_maps_agree_with_float64(instruction_set, widths, vectors):
    rng = np.random.default_rng(2)
    layers = oracle.random_layers(rng, widths)
    x = rng.normal(size=(vectors, widths[0])).astype(np.float32)
    z = analog_map(layers).combine(x)
    np.testing.assert_allclose(z, oracle.run_layers(layers, x), rtol=0, atol=2e-5)


@pytest.mark.parametrize("n", [2, 12, 240])
def test_a_complex_vector_stands_for_its_parts(n):
    combiner, _, _ = small_map(n, 4, agc="block")
    rng = np.random.default_rng(3)
    x = (rng.normal(size=(50, n // 2)) + 1j * rng.normal(size=(50, n // 2))).astype(np.complex64)
    stacked = np.concatenate([x.real, x.imag], -1)
    for found, expected in zip(
        combiner.combine_with_gains(x, 7), combiner.combine_with_gains(stacked, 7), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("block_len", [1, 2, 7, 50, 1000])
def test_block_agc_gives_each_block_unit_power(instruction_set, block_len):
    combiner, (weight, bias), gain = small_map(agc="block")
    x = np.random.default_rng(4).normal(size=(50, 12)).astype(np.float32)
    x[14:28] *= 1e-3
    v = oracle.combine_exactly(weight, bias, gain, x)
    expected = oracle.block_gains(v, block_len)
    z, gains = combiner.combine_with_gains(x, block_len)
    np.testing.assert_allclose(gains, expected, rtol=2e-7)
    np.testing.assert_array_equal(z, v * gains[:, None])
    for begin in range(0, 50, block_len):
        power = np.mean(z[begin : begin + block_len].astype(float) ** 2)
        assert power == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 0.0, 3e38, 1e-40])
def test_a_block_that_has_no_sound_power_has_gain_one(bad):
    combiner = analog_map([(np.ones((2, 1)), np.zeros(2))], agc="block")
    x = np.ones((6, 1), np.float32)
    x[2:4] = bad
    z, gains = combiner.combine_with_gains(x, 2)
    assert gains.tolist() == [1, 1, 1, 1, 1, 1]
    np.testing.assert_array_equal(z, np.repeat(x, 2, -1))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("widths", [[12, 4], [240, 80], [12, 20, 4]])
def test_what_is_not_finite_spoils_its_own_vector_alone(instruction_set, widths, bad):
    rng = np.random.default_rng(5)
    combiner = analog_map(oracle.random_layers(rng, widths))
    x = rng.normal(size=(70, widths[0])).astype(np.float32)
    clean = combiner.combine(x)
    x[[0, 33], 1] = bad
    z = combiner.combine(x)
    others = np.delete(np.arange(70), [0, 33])
    np.testing.assert_array_equal(z[others], clean[others])
    if len(widths) == 2:
        assert not np.isfinite(z[[0, 33]]).any()


def test_relu_of_nan_is_zero(instruction_set):
    one = np.ones((1, 1), np.float32)
    layers = [(one, np.zeros(1, np.float32)), (one, np.full(1, 3, np.float32))]
    z = analog_map(layers).combine(np.array([[np.nan], [2.0], [-2.0]], np.float32))
    assert z.ravel().tolist() == [3, 5, 3]


def test_identity_passes_vectors_on():
    x = np.random.default_rng(6).normal(size=(9, 5)).astype(np.float32)
    np.testing.assert_array_equal(analog_map.identity(5).combine(x), x)


def test_keeps_leading_dimensions_and_refuses_wrong_shapes():
    combiner, _, _ = small_map()
    x = np.random.default_rng(7).normal(size=(2, 3, 12)).astype(np.float32)
    z, gains = combiner.combine_with_gains(x)
    assert z.shape == (2, 3, 4) and gains.shape == (2, 3)
    with pytest.raises(ValueError, match="last dimension is 11, expected 12"):
        combiner.combine(x[..., :11])
    with pytest.raises(ValueError, match="last dimension is 12, expected 6"):
        combiner.combine(x.astype(np.complex64))
    with pytest.raises(ValueError, match="an odd number"):
        small_map(3, 2)[0].combine(np.ones((1, 2), np.complex64))


def test_refuses_senseless_designs():
    w, b = np.ones((2, 3), np.float32), np.zeros(2, np.float32)
    with pytest.raises(ValueError, match="got 0 layers, expected 1 to 8"):
        analog_map([])
    with pytest.raises(ValueError, match="layer 1 maps 3 to 2 values, expected 2"):
        analog_map([(w, b), (w, b)])
    with pytest.raises(ValueError, match="6 weights and 3 biases, expected 6 and 2"):
        analog_map([(w, np.zeros(3, np.float32))])
    with pytest.raises(ValueError, match="not finite"):
        analog_map([(w * np.nan, b)])
    with pytest.raises(ValueError, match="got 3 gains, expected one for each of the 2 ADCs"):
        analog_map([(w, b)], np.ones(3, np.float32))
    for gain in (0, -1, np.inf, np.nan):
        with pytest.raises(ValueError, match="expected a positive, finite number"):
            analog_map([(w, b)], np.array([1, gain], np.float32))
    with pytest.raises(ValueError, match="expected 'fixed' or 'block'"):
        analog_map([(w, b)], agc="fast")
    with pytest.raises(ValueError, match="expected 2000 to 1 .. 1024"):
        analog_map([(np.ones((1, 2000), np.float32), np.zeros(1, np.float32))])


@pytest.mark.parametrize("make", [fewbit.matrix_map, fewbit.phase_shifter_map, fewbit.real_form])
@pytest.mark.parametrize("matrix", [[[1, 2], [3]], [["a", "b"]], [[None, 1]], [], [1, 2]])
def test_refuses_what_is_no_matrix_in_one_sentence(make, matrix):
    with pytest.raises(ValueError, match="an analog map's matrix (is no array|has the shape)"):
        make(matrix)
