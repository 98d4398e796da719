# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What combiner, ADC and detector take while they run, by setter and by message."""

import numpy as np
import pmt
import pytest
from gnuradio import blocks, fewbit, gr
from gnuradio.fewbit import algorithms
from quantizer_bench import vectors_of
from stream_bench import run


def test_gain_of_the_combiner_can_be_set(bundle):
    path = bundle()
    combiner = fewbit.hybrid_combiner(path)
    combiner.set_gain([1, 2, 3, 4])
    x = vectors_of(50, 12)
    found, _ = run(x, combiner, "f", 4)
    analog = algorithms.task_quantizer(path).analog
    expected = algorithms.analog_map(analog.layers, [1, 2, 3, 4]).combine(x)
    np.testing.assert_array_equal(found, expected)
    assert combiner.gain() == [1, 2, 3, 4]


def test_thresholds_and_maps_can_be_set(bundle):
    path = bundle(task="estimation", digital="affine", outputs=3)
    chain = algorithms.task_quantizer(path)
    adc = fewbit.learned_adc(path)
    thresholds = np.tile(np.linspace(-1, 1, 7), 4)
    adc.set_thresholds(thresholds.tolist())
    z = vectors_of(200, 4)
    codes, _ = run(z, adc, "u", 4)
    other = algorithms.scalar_adc([8] * 4, thresholds, chain.adc.values)
    np.testing.assert_array_equal(codes, other.quantize(z))
    detector = fewbit.digital_detector(path, "estimates")
    weight, bias = np.arange(12) / 7, np.ones(3)
    detector.set_affine(weight.tolist(), bias.tolist())
    found, _ = run(codes, detector, "f", 3)
    changed = algorithms.digital_map.affine(chain.adc, weight.reshape(1, 3, 4), bias[None])
    np.testing.assert_array_equal(found, changed.estimate(codes))


def test_a_lookup_can_be_set(bundle):
    path = bundle()
    chain = algorithms.task_quantizer(path)
    detector = fewbit.digital_detector(path, "llrs")
    table = -np.random.default_rng(9).gamma(2, 1, (32, 16)).astype(np.float32)
    detector.set_log_likelihood(table.ravel().tolist())
    codes, _ = chain.codes(vectors_of(100, 12))
    found, _ = run(codes, detector, "f", 4)
    expected = algorithms.digital_map.lookup(chain.adc, 4, table).llrs(codes)
    np.testing.assert_array_equal(found, expected)


def dict_of(**settings):
    message = pmt.make_dict()
    for key, value in settings.items():
        if isinstance(value, list):
            value = pmt.init_f32vector(len(value), value)
        elif not isinstance(value, pmt.pmt_base):
            value = pmt.to_pmt(value)
        message = pmt.dict_add(message, pmt.intern(key), value)
    return message


def send(block, *messages):
    """Start the block in a flowgraph, and wait until it has handled the messages."""
    graph = gr.top_block()
    size = block.input_signature().sizeof_stream_item(0)
    out = block.output_signature().sizeof_stream_item(0)
    graph.connect(blocks.null_source(size), blocks.head(size, 1), block, blocks.null_sink(out))
    for message in messages:
        block.to_basic_block()._post(pmt.intern("control"), message)
    graph.run()


def test_settings_come_by_message_too(bundle):
    path = bundle()
    combiner, adc = fewbit.hybrid_combiner(path), fewbit.learned_adc(path)
    send(combiner, dict_of(gain=[1.0, 2.0, 3.0, 4.0], agc=pmt.intern("block")))
    assert combiner.gain() == [1, 2, 3, 4] and combiner.agc() == "block"
    send(adc, dict_of(thresholds=[0.5] * 28, offsets=[1.0] * 4), dict_of(noise=1, jitter=0.5))
    assert adc.thresholds() == [0.5] * 28 and adc.offsets() == [1] * 4
    send(adc, dict_of(offsets=pmt.init_f64vector(4, [2.0] * 4)))
    assert adc.offsets() == [2] * 4
    estimation = bundle(task="estimation", digital="affine", outputs=2)
    detector = fewbit.digital_detector(estimation, "estimates")
    send(detector, dict_of(weight=[1.0] * 8, bias=[2.0, 3.0], refit=pmt.intern("on")))
    np.testing.assert_array_equal(detector.map().weight, np.ones((1, 2, 4)))
    np.testing.assert_array_equal(detector.map().bias, [[2, 3]])
    send(detector, dict_of(design=pmt.intern(estimation)))
    assert detector.counters()["designs"] == 1
    assert not any(v for k, v in detector.counters().items() if k.startswith("bad"))


@pytest.mark.parametrize(
    "message",
    [
        pmt.intern("hello"),
        pmt.cons(pmt.make_dict(), pmt.init_u8vector(1, [0])),
        pmt.from_double(1.0),
        dict_of(noise=pmt.intern("loud")),
        dict_of(thresholds=3.0),
        dict_of(volume=11),
        dict_of(design=pmt.PMT_T),
        pmt.dict_add(pmt.make_dict(), pmt.from_long(1), pmt.PMT_T),
    ],
)
def test_messages_that_cannot_be_read_are_counted_and_change_nothing(bundle, message):
    adc = fewbit.learned_adc(bundle())
    before = adc.thresholds()
    send(adc, message, message, pmt.make_dict())
    assert adc.counters()["bad_control"] == 2
    assert adc.thresholds() == before


def test_what_a_setter_refuses_is_counted_as_such(bundle):
    adc = fewbit.learned_adc(bundle())
    send(adc, dict_of(thresholds=[1.0, 0.0] * 14, noise=0.25, design=pmt.intern("no")))
    counters = adc.counters()
    assert (counters["bad_control"], counters["bad_setting"], counters["bad_design"]) == (0, 1, 1)
