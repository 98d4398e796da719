# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ADC's faults for study: offsets, gains, and thresholds that scatter."""

import numpy as np
import pytest
from gnuradio import fewbit
from gnuradio.fewbit import algorithms
from quantizer_bench import scatter_seed, vectors_of
from stream_bench import run


def test_faults_of_the_adc_are_those_of_the_class(bundle):
    path = bundle()
    chain = algorithms.task_quantizer(path)
    adc = fewbit.learned_adc(path, 0.1, 0.0, 0.05, 0.02, 0.03, seed=5)
    faults = algorithms.adc_impairments(4, 0.1, 0.05, 0.02, 0.03, seed=5)
    z = vectors_of(1000, 4)
    codes, _ = run(z, adc, "u", 4)
    np.testing.assert_array_equal(codes, chain.adc.quantize(faults.apply(z)))
    np.testing.assert_array_equal(adc.offsets(), faults.offsets)
    for reset in (adc.set_offset_deviation, adc.set_gain_deviation, adc.set_jitter, adc.set_noise):
        reset(0.0)
    codes, _ = run(z, adc, "u", 4)
    np.testing.assert_array_equal(codes, chain.adc.quantize(z))


def test_drift_scales_one_draw_and_can_be_given(bundle):
    adc = fewbit.learned_adc(bundle(), seed=3)
    adc.set_offset_deviation(0.1)
    first = np.array(adc.offsets())
    adc.set_offset_deviation(0.2)
    np.testing.assert_allclose(adc.offsets(), 2 * first, rtol=1e-6)
    adc.set_offsets([1, 2, 3, 4])
    adc.set_gain_errors([0.1, 0, 0, 0])
    assert adc.offsets() == [1, 2, 3, 4] and adc.gain_errors()[0] == pytest.approx(0.1)


def test_offsets_and_single_thresholds_are_drawn_apart():
    """The same numbers would move the first threshold of an ADC twice, and both ways together."""
    given = algorithms.scalar_adc([2] * 400, np.zeros(400))
    scattered = algorithms.threshold_scatter(given, 1.0, scatter_seed(3)).thresholds
    adc = fewbit.learned_adc(given, 1.0, threshold_deviation=1.0, seed=3)
    offsets = np.array(adc.offsets())
    z = np.repeat(np.linspace(-9, 9, 3601, dtype=np.float32)[:, None], 400, axis=1)
    codes, _ = run(z, adc, "u", 400)
    moved = z[np.argmax(codes > 0, axis=0), 0]
    assert np.abs(moved - (offsets + scattered)).max() < 0.006
    assert abs(np.corrcoef(offsets, moved - offsets)[0, 1]) < 4 / np.sqrt(400)


def test_single_thresholds_scatter_and_come_back(bundle):
    path = bundle()
    given = algorithms.task_quantizer(path).adc
    adc = fewbit.learned_adc(path, threshold_deviation=0.3, seed=8)
    z = vectors_of(500, 4)
    scattered = algorithms.threshold_scatter(given, 0.3, scatter_seed(8))
    moved = np.sort(scattered.thresholds.reshape(4, 7)) - np.sort(given.thresholds.reshape(4, 7))
    assert 0.05 < moved.std() < 0.6  # 28 draws, sorted within an ADC
    np.testing.assert_array_equal(run(z, adc, "u", 4)[0], scattered.quantize(z))
    np.testing.assert_array_equal(adc.thresholds(), given.thresholds)
    adc.set_threshold_deviation(0.0)
    np.testing.assert_array_equal(run(z, adc, "u", 4)[0], given.quantize(z))
