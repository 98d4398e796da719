# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vectors, settings and designs that combiner, ADC and detector refuse."""

import numpy as np
import pytest
from gnuradio import fewbit, gr
from gnuradio.fewbit import algorithms
from quantizer_bench import vectors_of
from stream_bench import rows, sink, source


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_vectors_that_are_not_finite_are_counted_and_spoil_no_other(bundle, bad):
    path = bundle()
    chain = algorithms.task_quantizer(path)
    x = vectors_of(500, 12)
    x[[3, 77, 499], [0, 5, 11]] = bad
    combiner = fewbit.hybrid_combiner(path)
    graph, found = gr.top_block(), sink("u", 4)
    graph.connect(
        source(x), combiner, fewbit.learned_adc(path), fewbit.digital_detector(path), found
    )
    graph.run()
    np.testing.assert_array_equal(rows(found, "u", 4), chain.decide(x))
    assert combiner.counters()["not_finite"] == 3
    assert combiner.counters()["vectors"] == 500


def test_settings_of_other_sizes_or_senseless_ones_are_refused_and_counted(bundle):
    path, other = bundle(), bundle(levels=(8,) * 5)
    estimation = bundle(task="estimation", digital="affine")
    combiner, adc = fewbit.hybrid_combiner(path), fewbit.learned_adc(path)
    detector = fewbit.digital_detector(path)
    before = (combiner.gain(), adc.thresholds(), detector.map().log_likelihood)
    refusals = {
        combiner: {
            "bad_design": [lambda: combiner.set_design(other), lambda: combiner.set_design("no")],
            "bad_setting": [
                lambda: combiner.set_agc("slow"),
                lambda: combiner.set_gain([1, 1]),
                lambda: combiner.set_gain([]),
                lambda: combiner.set_gain([1, 1, -1, 1]),
                lambda: combiner.set_gain([1, 1, np.nan, 1]),
            ],
        },
        adc: {
            "bad_design": [lambda: adc.set_design(other)],
            "bad_setting": [
                lambda: adc.set_thresholds([0.0]),
                lambda: adc.set_thresholds(np.linspace(1, -1, 28).tolist()),
                lambda: adc.set_thresholds([np.nan] * 28),
                lambda: adc.set_offset_deviation(-1),
                lambda: adc.set_threshold_deviation(np.nan),
                lambda: adc.set_gain_deviation(np.inf),
                lambda: adc.set_jitter(-0.1),
                lambda: adc.set_noise(np.nan),
                lambda: adc.set_offsets([0.0]),
                lambda: adc.set_gain_errors([np.nan] * 4),
            ],
        },
        detector: {
            "bad_design": [
                lambda: detector.set_design(other),
                lambda: detector.set_design(estimation),
            ],
            "bad_setting": [
                lambda: detector.set_log_likelihood([0.0]),
                lambda: detector.set_log_likelihood([np.nan] * 512),
                lambda: detector.set_affine([0.0] * 16, [0.0] * 4),
                lambda: detector.set_refit("often"),
                lambda: detector.set_refit_pilots(0),
                lambda: detector.set_forgetting(0.0),
                lambda: detector.set_forgetting(1.1),
                lambda: detector.set_forgetting(np.nan),
            ],
        },
    }
    for block, causes in refusals.items():
        for cause, calls in causes.items():
            for call in calls:
                with pytest.raises((ValueError, RuntimeError)) as refusal:
                    call()
                assert "\n" not in str(refusal.value)
            assert block.counters()[cause] == len(calls), cause
    assert combiner.gain() == before[0] and adc.thresholds() == before[1]
    np.testing.assert_array_equal(detector.map().log_likelihood, before[2])


def test_constructors_refuse_what_does_not_fit(bundle):
    odd = bundle(inputs=11)
    estimation = bundle(task="estimation", digital="affine", outputs=3)
    for make in (
        lambda: fewbit.hybrid_combiner(odd, "complex"),
        lambda: fewbit.hybrid_combiner(odd, "short"),
        lambda: fewbit.hybrid_combiner(odd, "float", 0),
        lambda: fewbit.hybrid_combiner(odd, "float", 1 << 20),
        lambda: fewbit.digital_detector(odd, "symbols"),
        lambda: fewbit.digital_detector(estimation, "bits"),
        lambda: fewbit.digital_detector(estimation, "complex"),
        lambda: fewbit.digital_detector(odd, "bits", "sometimes"),
        lambda: fewbit.digital_detector(odd, "bits", "on", 0),
        lambda: fewbit.digital_detector(odd, "bits", "on", 10, 1.5),
        lambda: fewbit.learned_adc(odd, -0.1),
        lambda: fewbit.learned_adc(odd, 0.1, -0.1),
    ):
        with pytest.raises(ValueError):
            make()
    for block in (fewbit.hybrid_combiner, fewbit.learned_adc, fewbit.digital_detector):
        with pytest.raises(algorithms.bundle_error):
            block("softbit_k6.safetensors")
        with pytest.raises(algorithms.bundle_error):
            block("no such file")


def test_a_design_for_real_antennas_is_not_given_complex_ones(bundle):
    real = bundle(change=lambda tensors, config, metadata: config.update(complex_inputs=False))
    for block in (fewbit.hybrid_combiner, fewbit.task_quantizer):
        with pytest.raises(ValueError, match="inputs.* are real, expected 'float'"):
            block(real, "complex")
        block(real, "float")
        running = block(bundle(), "complex")
        with pytest.raises(ValueError, match="are real"):
            running.set_design(real)
        assert running.counters()["bad_design"] == 1


def test_a_block_of_another_length_cannot_be_connected(bundle):
    graph = gr.top_block()
    with pytest.raises((ValueError, RuntimeError), match="itemsize"):
        graph.connect(fewbit.hybrid_combiner(bundle()), fewbit.learned_adc(bundle(levels=(8,) * 5)))
