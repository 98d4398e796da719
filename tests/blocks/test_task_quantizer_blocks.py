# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Combiner, ADC and detector as blocks: item for item what the classes give."""

import numpy as np
import pmt
import pytest
from gnuradio import blocks, fewbit, gr
from gnuradio.fewbit import algorithms
from message_bench import Recorder
from stream_bench import Gate, rows, run, seen, sink, source, tag
from task_quantizer_oracle import random_bundle

H = np.exp(-np.abs(np.subtract.outer(np.arange(12), np.arange(4))))


@pytest.fixture
def bundle(tmp_path):
    """Writes a bundle of random weights: bundle(seed=2, digital="affine", ...) -> its path."""

    def write(**how):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.safetensors"
        random_bundle(path, **how)
        return str(path)

    return write


def vectors_of(n, length, seed=3):
    return np.random.default_rng(seed).normal(size=(n, length)).astype(np.float32)


# ---------------------------------------------------------------- the chain


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


# ---------------------------------------------------------------- settings


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


def scatter_seed(seed):
    """Not the seed itself, of which the offsets and gain errors are drawn."""
    return 2**64 - 1 - seed


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


# ---------------------------------------------------------------- bad input


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


# ---------------------------------------------------------------- messages


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


# ---------------------------------------------------------------- design tags


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
