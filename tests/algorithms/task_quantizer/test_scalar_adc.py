# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""scalar_adc and adc_impairments against numpy."""

import numpy as np
import pytest
import task_quantizer_oracle as oracle
from gnuradio.fewbit import algorithms

scalar_adc = algorithms.scalar_adc


@pytest.fixture(params=algorithms.instruction_sets())
def instruction_set(request):
    algorithms.use_instruction_set(request.param)
    yield request.param
    algorithms.use_instruction_set("")


def random_adc(levels, seed=1):
    rng = np.random.default_rng(seed)
    thresholds = np.concatenate([np.sort(rng.normal(size=m - 1)) for m in levels])
    return scalar_adc(levels, thresholds), thresholds.astype(np.float32)


BANKS = [
    [2],
    [8] * 4,
    [256],
    [2, 256, 3],
    [64] * 4,
    [3, 4, 5, 6, 7],
    [8] * 80,
    [16] * 17,
    [129] * 2,
]


@pytest.mark.parametrize("levels", BANKS, ids=str)
@pytest.mark.parametrize("vectors", [0, 1, 5, 64, 1001])
def test_codes_count_the_thresholds_below(instruction_set, levels, vectors):
    adc, thresholds = random_adc(levels)
    z = np.random.default_rng(2).normal(size=(vectors, len(levels))).astype(np.float32)
    np.testing.assert_array_equal(adc.quantize(z), oracle.codes_of(levels, thresholds, z))


@pytest.mark.parametrize("levels", [[8] * 4, [2, 256, 33]], ids=str)
def test_a_value_on_a_threshold_belongs_to_the_cell_above(instruction_set, levels):
    adc, thresholds = random_adc(levels)
    at = 0
    for d, m in enumerate(levels):
        t = thresholds[at : at + m - 1]
        at += m - 1
        for shift, expected in ((0, np.arange(1, m)), (-1, np.arange(m - 1))):
            z = np.zeros((m - 1, len(levels)), np.float32)
            z[:, d] = t if shift == 0 else np.nextafter(t, -np.inf, dtype=np.float32)
            assert adc.quantize(z)[:, d].tolist() == expected.tolist()


@pytest.mark.parametrize("m", [2, 3, 8, 64, 256])
def test_special_values(instruction_set, m):
    adc = scalar_adc.uniform([m], 2)
    z = np.array([[np.nan], [np.inf], [-np.inf], [3e38], [-3e38]], np.float32)
    assert adc.quantize(np.tile(z, (7, 1))).ravel().tolist() == [0, m - 1, 0, m - 1, 0] * 7


@pytest.mark.parametrize("levels", BANKS, ids=str)
def test_infinity_has_the_last_code_of_each_adc(instruction_set, levels):
    adc, _ = random_adc(levels)
    z = np.full((33, len(levels)), np.inf, np.float32)
    assert (adc.quantize(z) == np.array(levels) - 1).all()
    assert not adc.quantize(-z).any() and not adc.quantize(np.full_like(z, np.nan)).any()


def test_equal_thresholds_leave_an_empty_cell(instruction_set):
    adc = scalar_adc([4], [-1, 0.5, 0.5])
    z = np.linspace(-2, 2, 101, dtype=np.float32)[:, None]
    assert set(adc.quantize(z).ravel().tolist()) == {0, 1, 3}


def test_uniform_adcs_are_where_the_contract_says():
    adc = scalar_adc.uniform([4, 3], 2)
    np.testing.assert_allclose(adc.thresholds, [-1, 0, 1, -2 / 3, 2 / 3], rtol=1e-7)
    np.testing.assert_allclose(adc.values, [-1.5, -0.5, 0.5, 1.5, -4 / 3, 0, 4 / 3], atol=1e-7)


def test_levels_default_to_the_middles_of_the_cells():
    assert scalar_adc([4, 2], [0, 1, 3, 5]).values.tolist() == [-0.5, 0.5, 2, 4, 4, 6]


def test_lookup_reads_levels_and_takes_a_code_too_high_for_the_last():
    adc = scalar_adc([3, 2], [-1, 1, 0], [-2, 0, 2, -5, 5])
    codes = np.array([[0, 0], [1, 1], [2, 1], [9, 255]], np.uint8)
    assert adc.lookup(codes).tolist() == [[-2, -5], [0, 5], [2, 5], [2, 5]]


def test_keeps_leading_dimensions_and_refuses_wrong_shapes():
    adc = scalar_adc.uniform([8] * 4, 2)
    assert adc.quantize(np.zeros((2, 3, 4), np.float32)).shape == (2, 3, 4)
    with pytest.raises(ValueError, match="last dimension is 3, expected 4"):
        adc.quantize(np.zeros((2, 3), np.float32))
    with pytest.raises(ValueError, match="last dimension is missing, expected 4"):
        adc.lookup(np.uint8(1))


def test_refuses_senseless_banks():
    with pytest.raises(ValueError, match="got 0 ADCs"):
        scalar_adc([], [])
    for m in (0, 1, 257):
        with pytest.raises(ValueError, match=f"an ADC has {m} levels, expected 2 to 256"):
            scalar_adc([8, m], [])
    with pytest.raises(ValueError, match="got 2 thresholds, expected 3"):
        scalar_adc([4], [0, 1])
    with pytest.raises(ValueError, match="got 3 level values, expected 4"):
        scalar_adc([4], [0, 1, 2], [0, 1, 2])
    with pytest.raises(ValueError, match="threshold 1 of ADC 1 is 0.0.*no less than.*1.0"):
        scalar_adc([2, 3], [5, 1, 0])
    for bad in (np.nan, np.inf):
        with pytest.raises(ValueError, match="threshold 0 of ADC 0 is not finite"):
            scalar_adc([2], [bad])
        with pytest.raises(ValueError, match="a level value is not finite"):
            scalar_adc([2], [0], [0, bad])
    for support in (0, -1, np.inf, np.nan):
        with pytest.raises(ValueError, match="support is"):
            scalar_adc.uniform([2], support)


# -- impairments -------------------------------------------------------------------------------
def test_no_impairment_changes_nothing():
    z = np.random.default_rng(1).normal(size=(100, 4)).astype(np.float32)
    np.testing.assert_array_equal(algorithms.adc_impairments(4).apply(z), z)


def test_offsets_and_gain_errors_are_the_formula():
    faults = algorithms.adc_impairments(3, offset_deviation=0.1, gain_deviation=0.05, seed=7)
    z = np.random.default_rng(1).normal(size=(100, 3)).astype(np.float32)
    expected = (1 + faults.gain_errors.astype(float)) * z - faults.offsets
    np.testing.assert_allclose(faults.apply(z), expected, atol=1e-6)
    faults.offsets = [0, 0, 1]
    faults.gain_errors = [0, 0.5, 0]
    np.testing.assert_allclose(faults.apply(z), z * [1, 1.5, 1] - [0, 0, 1], atol=1e-6)


def test_deviations_are_as_asked():
    """4000 ADCs: the deviation of the estimate of a deviation is 1.1 %; 4 of them allowed."""
    faults = algorithms.adc_impairments(
        4000, offset_deviation=0.2, gain_deviation=0.1, jitter=0.3, noise_deviation=0.5
    )
    assert faults.offsets.std() == pytest.approx(0.2, rel=0.045)
    assert faults.gain_errors.std() == pytest.approx(0.1, rel=0.045)
    faults.offsets = faults.gain_errors = np.zeros(4000)
    z = np.concatenate([np.zeros((1, 4000)), np.full((1, 4000), 2)]).astype(np.float32)
    first, second = faults.apply(z)
    assert first.std() == pytest.approx(0.5, rel=0.045)
    assert second.std() == pytest.approx(np.hypot(0.5, 0.3 * 2), rel=0.045)
    faults.set_jitter(0)
    faults.set_noise_deviation(0)
    np.testing.assert_array_equal(faults.apply(z), z)


def test_jitter_follows_the_input_and_not_what_faults_make_of_it():
    faults = algorithms.adc_impairments(2, jitter=0.5)
    faults.offsets, faults.gain_errors = [1, 0], [0, 0.5]
    seen = faults.apply(np.full((20, 2), 2, np.float32))  # nothing moves: no jitter
    np.testing.assert_array_equal(seen, np.tile([1, 3], (20, 1)))


def test_what_is_not_finite_spoils_its_own_vector_alone():
    z = np.ones((9, 2), np.float32)
    z[3, 0], z[5, 1], z[7] = np.nan, np.inf, -np.inf
    seen = algorithms.adc_impairments(2, 0.1, 0.1, 0.5, 0.1).apply(z)
    np.testing.assert_array_equal(np.isfinite(seen), np.isfinite(z))


def test_a_seed_repeats_the_faults():
    z = np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)
    made = [algorithms.adc_impairments(4, 0.1, 0.1, 0.1, 0.1, seed).apply(z) for seed in (3, 3, 4)]
    np.testing.assert_array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


def test_impairments_refuse_senseless_values():
    with pytest.raises(ValueError, match="adcs is 0"):
        algorithms.adc_impairments(0)
    for bad in (-1, np.nan, np.inf):
        with pytest.raises(ValueError, match="noise_deviation is"):
            algorithms.adc_impairments(2, noise_deviation=bad)
        with pytest.raises(ValueError, match="jitter is"):
            algorithms.adc_impairments(2).set_jitter(bad)
    with pytest.raises(ValueError, match="got 3 offsets, expected one for each of the 2"):
        algorithms.adc_impairments(2).offsets = [0, 0, 0]
    with pytest.raises(ValueError, match="one of the gain errors is not finite"):
        algorithms.adc_impairments(2).gain_errors = [0, np.nan]
