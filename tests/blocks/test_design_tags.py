# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Designs that change at a tag: all of a vector is of one design."""

import numpy as np
import pmt
from gnuradio import fewbit, gr
from gnuradio.fewbit import algorithms
from message_bench import Recorder
from quantizer_bench import scatter_seed, vectors_of
from stream_bench import run, seen, sink, source, tag


def test_a_design_changes_at_its_tag_and_an_unknown_one_changes_nothing(bundle):
    first, second = bundle(seed=1), bundle(seed=2)
    z = vectors_of(400, 4)
    adc = fewbit.learned_adc(first)
    adc.set_design(second, 7)
    tags = [tag(50, "design", 99), tag(60, "design", "x"), tag(123, "design", 7)]
    codes, kept = run(z, adc, "u", 4, tags)
    old, new = (algorithms.task_quantizer(p).adc for p in (first, second))
    np.testing.assert_array_equal(codes[:123], old.quantize(z[:123]))
    np.testing.assert_array_equal(codes[123:], new.quantize(z[123:]))
    counters = adc.counters()
    assert counters["designs"] == 1 and counters["unknown_designs"] == 2
    assert len(seen(kept, "design")) == 3

    detector = fewbit.digital_detector(first, "llrs")
    detector.set_design(second, 7)
    found, _ = run(codes, detector, "f", 4, tags)
    old, new = (algorithms.task_quantizer(p).digital for p in (first, second))
    np.testing.assert_array_equal(found[:123], old.llrs(codes[:123]))
    np.testing.assert_array_equal(found[123:], new.llrs(codes[123:]))
    assert detector.counters()["unknown_designs"] == 2


def test_a_design_that_a_later_one_has_overtaken_is_given_up(bundle):
    paths = [bundle(seed=seed) for seed in range(3)]
    z = vectors_of(100, 4)
    adc = fewbit.learned_adc(paths[0])
    adc.set_design(paths[1], 6)
    adc.set_design(paths[2], 7)
    codes, _ = run(z, adc, "u", 4, [tag(10, "design", 7), tag(20, "design", 6)])
    np.testing.assert_array_equal(
        codes[10:], algorithms.task_quantizer(paths[2]).adc.quantize(z)[10:]
    )
    assert adc.counters()["unknown_designs"] == 1


def test_of_two_designs_with_one_number_the_later_holds(bundle):
    paths = [bundle(seed=seed) for seed in range(3)]
    z = vectors_of(100, 4)
    adc = fewbit.learned_adc(paths[0])
    adc.set_design(paths[1], 7)
    adc.set_design(paths[2], 7)
    codes, _ = run(z, adc, "u", 4, [tag(0, "design", 7)])
    np.testing.assert_array_equal(codes, algorithms.task_quantizer(paths[2]).adc.quantize(z))


def test_thresholds_scatter_in_a_design_that_waits_for_its_tag(bundle):
    first, second = bundle(seed=1), bundle(seed=2)
    z = vectors_of(400, 4)
    adc = fewbit.learned_adc(first, seed=5)
    adc.set_design(second, 7)
    adc.set_threshold_deviation(0.5)
    codes, _ = run(z, adc, "u", 4, [tag(123, "design", 7)])
    old, new = (
        algorithms.threshold_scatter(algorithms.task_quantizer(p).adc, 0.5, scatter_seed(5))
        for p in (first, second)
    )
    np.testing.assert_array_equal(codes[:123], old.quantize(z[:123]))
    np.testing.assert_array_equal(codes[123:], new.quantize(z[123:]))


def test_bad_gain_tags_are_counted_and_ignored(bundle):
    path = bundle(task="estimation", digital="affine", outputs=2, powers=2)
    digital = algorithms.task_quantizer(path).digital
    codes = np.zeros((100, 4), np.uint8)
    tags = [tag(i, "agc_gain", v) for i, v in ((10, 2.0), (20, -1.0), (30, "x"))]
    tags += [tag(i, "agc_gain", pmt.from_double(v)) for i, v in ((40, np.nan), (50, np.inf))]
    detector = fewbit.digital_detector(path, "estimates")
    found, _ = run(codes, detector, "f", 2, tags)
    gains = np.where(np.arange(100) < 10, 1, 2)
    np.testing.assert_array_equal(found, digital.estimate(codes, gains))
    assert detector.counters()["bad_gain"] == 4
    again, _ = run(codes, detector, "f", 2)  # the combiner begins anew too, without a tag
    np.testing.assert_array_equal(again, digital.estimate(codes))


def test_a_report_port_is_silent_without_pilots(bundle):
    recorder = Recorder()
    graph = gr.top_block()
    detector = fewbit.digital_detector(bundle(), "bits", "on")
    graph.connect(source(np.zeros((100, 4), np.uint8)), detector, sink("u", 4))
    graph.msg_connect(detector, "report", recorder, "in")
    graph.run()
    assert not recorder.messages
