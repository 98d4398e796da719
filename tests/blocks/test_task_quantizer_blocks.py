# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Combiner, ADC and detector as blocks: item for item what the classes give."""

import numpy as np
import pytest
from gnuradio import blocks, fewbit, gr
from gnuradio.fewbit import algorithms
from quantizer_bench import vectors_of
from stream_bench import Gate, rows, run, seen, sink, source, tag


def test_a_million_vectors_give_the_codes_and_bits_of_the_class(bundle, tmp_path):
    """10^6 vectors through the flowgraph, with files at its ends for speed."""
    n = 1_000_000
    path = bundle()
    x = vectors_of(n, 12)
    x.tofile(tmp_path / "x")
    graph = gr.top_block()
    adc = fewbit.learned_adc(path)
    graph.connect(blocks.file_source(48, str(tmp_path / "x")), fewbit.hybrid_combiner(path), adc)
    graph.connect(adc, blocks.file_sink(4, str(tmp_path / "codes")))
    for output, size in (("bits", 4), ("llrs", 16), ("posteriors", 64)):
        detector = fewbit.digital_detector(path, output)
        graph.connect(adc, detector, blocks.file_sink(size, str(tmp_path / output)))
    graph.run()
    chain = algorithms.task_quantizer(path)
    codes = np.fromfile(tmp_path / "codes", np.uint8).reshape(n, 4)
    np.testing.assert_array_equal(codes, chain.codes(x)[0])
    bits = np.fromfile(tmp_path / "bits", np.uint8).reshape(n, 4)
    np.testing.assert_array_equal(bits, chain.decide(x))
    llrs = np.fromfile(tmp_path / "llrs", np.float32).reshape(n, 4)
    np.testing.assert_array_equal(llrs, chain.llrs(x))
    posteriors = np.fromfile(tmp_path / "posteriors", np.float32).reshape(n, 16)
    np.testing.assert_array_equal(posteriors, chain.posteriors(x))


@pytest.mark.parametrize("type", ["float", "complex"])
@pytest.mark.parametrize("agc, powers", [("fixed", 1), ("block", 1), ("block", 3)])
def test_estimates_with_the_agcs_gain_are_those_of_the_class(bundle, type, agc, powers):
    path = bundle(task="estimation", digital="affine", inputs=10, outputs=6, agc=agc, powers=powers)
    x = vectors_of(2000, 10) * np.repeat([0.3, 1, 4, 2], 500)[:, None]
    x = x.astype(np.float32)
    sent = (x[:, :5] + 1j * x[:, 5:]).astype(np.complex64) if type == "complex" else x
    graph, found, complexes = gr.top_block(), sink("f", 6), sink("c", 3)
    adc = fewbit.learned_adc(path)
    graph.connect(source(sent), fewbit.hybrid_combiner(path, type, 20), adc)
    graph.connect(adc, fewbit.digital_detector(path, "estimates"), found)
    graph.connect(adc, fewbit.digital_detector(path, "complex"), complexes)
    graph.run()
    expected = algorithms.task_quantizer(path).estimate(x, 20)
    np.testing.assert_array_equal(rows(found, "f", 6), expected)
    np.testing.assert_array_equal(rows(complexes, "c", 3), expected[:, :3] + 1j * expected[:, 3:])
    gains = seen(found, "agc_gain")
    if agc == "fixed":
        assert not gains
    else:
        assert [offset for offset, _ in gains] == list(range(0, 2000, 20))
        np.testing.assert_array_equal(
            [g for _, g in gains], algorithms.task_quantizer(path).codes(x, 20)[1][::20]
        )


@pytest.mark.parametrize("kind", ["lookup", "network"])
def test_posterior_means_are_estimates_of_a_detector(bundle, kind):
    path = bundle(digital=kind)
    codes = algorithms.task_quantizer(path).codes(vectors_of(300, 12))[0]
    found, _ = run(codes, fewbit.digital_detector(path, "estimates"), "f", 4)
    digital = algorithms.task_quantizer(path).digital
    np.testing.assert_array_equal(found, digital.estimate(codes))


def test_blocks_of_parts_are_those_of_a_bundle(bundle):
    chain = algorithms.task_quantizer(bundle(agc="block"))
    x = vectors_of(600, 12)
    graph, found = gr.top_block(), sink("u", 4)
    graph.connect(
        source(x),
        fewbit.hybrid_combiner(chain.analog, "float", 6),
        fewbit.learned_adc(chain.adc),
        fewbit.digital_detector(chain.digital),
        found,
    )
    graph.run()
    np.testing.assert_array_equal(rows(found, "u", 4), chain.decide(x, 6))


def test_tags_stay_on_their_item_and_a_partial_agc_block_waits(bundle):
    path = bundle(agc="block")
    tags = [tag(i, "mark", i) for i in (0, 7, 8, 95, 99)]
    found, kept = run(vectors_of(103, 12), fewbit.hybrid_combiner(path, "float", 8), "f", 4, tags)
    assert len(found) == 96
    assert seen(kept, "mark") == [(0, 0), (7, 7), (8, 8), (95, 95)]


@pytest.mark.parametrize("first", ["block", "fixed"])
def test_a_change_of_agc_while_running_tells_the_gain_of_every_item(bundle, first):
    n, at, block_len = 6000, 2000, 10
    other = "fixed" if first == "block" else "block"
    path = bundle(agc=first)
    combiner = fewbit.hybrid_combiner(path, "float", block_len)
    analog = algorithms.task_quantizer(path).analog
    analog = algorithms.analog_map(analog.layers, analog.gain)  # g = 1
    x = vectors_of(n, 12)
    graph, kept = gr.top_block(), sink("f", 4)
    gate = Gate(12, at, lambda: combiner.set_agc(other))
    graph.connect(source(x), gate, combiner, kept)
    graph.run()
    told = dict(seen(kept, "agc_gain"))
    gains = np.ones(n)
    for item in range(n):
        gains[item] = told.get(item, gains[item - 1] if item else 1.0)
    expected = gains[:, None] * analog.combine(x)
    np.testing.assert_allclose(rows(kept, "f", 4), expected, rtol=1e-5, atol=1e-6)
    assert 0 < (gains == 1).sum() < n


def test_a_restart_with_a_fixed_agc_tells_no_gain(bundle):
    path = bundle(agc="block")
    combiner = fewbit.hybrid_combiner(path, "float", 10)
    run(vectors_of(100, 12), combiner, "f", 4)
    combiner.set_agc("fixed")
    assert combiner.agc() == "fixed"
    found, kept = run(vectors_of(100, 12), combiner, "f", 4)
    chain = algorithms.task_quantizer(path)
    fixed = algorithms.analog_map(chain.analog.layers, chain.analog.gain)
    np.testing.assert_array_equal(found, fixed.combine(vectors_of(100, 12)))
    assert not seen(kept, "agc_gain")
