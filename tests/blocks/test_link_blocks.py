# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The link's blocks: against the classes with the same seeds, and against numpy's own DFT."""

import threading
import time

import numpy as np
import pmt
import pytest
from gnuradio import blocks, fewbit, gr
from gnuradio.fewbit import algorithms

SAMPLES = 1096  # of an OFDM symbol


class Collector(gr.basic_block):
    """Keeps every PDU it is sent and tells when there are enough."""

    def __init__(self, enough):
        gr.basic_block.__init__(self, "collector", None, None)
        self.message_port_register_in(pmt.intern("pdus"))
        self.set_msg_handler(pmt.intern("pdus"), self.take)
        self.pdus, self.enough, self.done = [], enough, threading.Event()

    def take(self, message):
        self.pdus.append((pmt.to_python(pmt.car(message)), pmt.cdr(message)))
        if len(self.pdus) >= self.enough:
            self.done.set()


def post(block, meta, vector):
    block.to_basic_block()._post(pmt.intern("pdus"), pmt.cons(pmt.to_pmt(meta), vector))


def random_bits(n, k=648, seed=1):
    return np.random.default_rng(seed).integers(0, 2, (n, k), dtype=np.uint8)


def source(array, vlen, tags=()):
    flat = np.asarray(array).ravel()
    make = {"u": blocks.vector_source_b, "c": blocks.vector_source_c}[flat.dtype.kind]
    return make(flat.tolist(), False, vlen, list(tags))


def tag(offset, key, value):
    one = gr.tag_t()
    one.offset, one.key, one.value = offset, pmt.intern(key), pmt.to_pmt(value)
    return one


def seen(sink):
    return [(t.offset, pmt.symbol_to_string(t.key), pmt.to_python(t.value)) for t in sink.tags()]


# ---------------------------------------------------------------- the whole chain


def test_chain_of_pdus_gives_what_the_classes_give_in_order_and_without_loss():
    n, noise_variance, seed = 250, 0.05, 7
    bits = random_bits(n)
    graph = gr.top_block()
    to_frame = fewbit.pdu_to_frame("byte", 648)
    channel = fewbit.tdl_channel(profile="EPA", noise_variance=noise_variance, seed=seed)
    demodulator, demapper = fewbit.ofdm_demodulator(), fewbit.soft_demapper(noise_variance=99.0)
    collector = Collector(n)
    to_pdu = fewbit.frame_to_pdu("float", 648)
    graph.connect(
        to_frame, fewbit.qam_mapper(648, 6), fewbit.ofdm_modulator(), channel, demodulator
    )
    graph.connect(demodulator, (demapper, 0))
    graph.connect((channel, 1), (demapper, 1))
    graph.connect(demapper, to_pdu)
    graph.msg_connect(to_pdu, "pdus", collector, "pdus")
    graph.start()
    for i, row in enumerate(bits):
        post(to_frame, {"packet_id": i, "note": f"n{i}"}, pmt.init_u8vector(648, row.tolist()))
        if i == 100:
            time.sleep(0.1)  # an idle link between bursts
    assert collector.done.wait(20)
    graph.stop()
    graph.wait()

    # The same by the classes and numpy's DFT: grid, prefix, channel, noise, window, demapper.
    grid = algorithms.subcarrier_map()
    model = algorithms.tdl_channel("EPA", seed=seed)
    noise = algorithms.awgn(seed + 1)
    symbols = algorithms.qam_mapper(6).map(bits)
    assert len(collector.pdus) == n
    for i, (meta, vector) in enumerate(collector.pdus):
        assert meta == {"packet_id": i, "note": f"n{i}"}
        spectrum = np.zeros(1024, complex)
        spectrum[grid.indices] = symbols[i]
        wave = np.fft.ifft(spectrum, norm="ortho")
        wave = np.concatenate([wave[-72:], wave])
        received = noise.add(model.filter(wave), noise_variance)
        window = np.fft.fft(received[64 : 64 + 1024], norm="ortho")[grid.indices]
        window *= np.exp(2j * np.pi * 8 * grid.indices / 1024)
        expected = algorithms.soft_demapper(6).demap(window, model.response, noise_variance)
        np.testing.assert_allclose(pmt.f32vector_elements(vector), expected, rtol=1e-3, atol=5e-3)
        model.step()
    assert to_frame.counters() == {**to_frame.counters(), "passed": n, "wrong_length": 0}


def test_chain_sees_the_noise_variance_that_the_channel_adds():
    """y - H x over 300 packets: its power within 4 deviations of the noise variance."""
    n, noise_variance = 300, 0.02
    symbols = algorithms.qam_mapper(6).map(random_bits(n))
    graph = gr.top_block()
    channel = fewbit.tdl_channel(profile="EVA", noise_variance=noise_variance, seed=3)
    received, responses = blocks.vector_sink_c(108), blocks.vector_sink_c(108)
    graph.connect(source(symbols, 108), fewbit.ofdm_modulator(), channel)
    graph.connect(channel, fewbit.ofdm_demodulator(), received)
    graph.connect((channel, 1), responses)
    graph.run()
    y = np.array(received.data()).reshape(n, 108)
    h = np.array(responses.data()).reshape(n, 108)
    np.testing.assert_allclose(np.mean(np.abs(h) ** 2, 1), 1.0, rtol=1e-4)
    power = np.mean(np.abs(y - h * symbols) ** 2)
    assert power == pytest.approx(noise_variance, rel=4 / np.sqrt(n * 108))


# ---------------------------------------------------------------- OFDM


@pytest.mark.parametrize(
    "n, span, fft, prefix", [(108, 600, 1024, 72), (81, 600, 1024, 0), (52, 52, 64, 16)]
)
def test_modulator_is_numpys_unitary_dft(n, span, fft, prefix):
    rng = np.random.default_rng(2)
    symbols = (rng.normal(size=(5, n)) + 1j * rng.normal(size=(5, n))).astype(np.complex64)
    graph, sink, back = gr.top_block(), blocks.vector_sink_c(), blocks.vector_sink_c(n)
    modulator = fewbit.ofdm_modulator(n, span, fft, prefix)
    tags = [tag(0, "a", 1), tag(3, "b", 2)]
    graph.connect(source(symbols, n, tags), modulator, sink)
    graph.connect(modulator, fewbit.ofdm_demodulator(n, span, fft, prefix, prefix // 2), back)
    graph.run()
    spectrum = np.zeros((5, fft), complex)
    spectrum[:, algorithms.subcarrier_map(n, span, fft).indices] = symbols
    waves = np.fft.ifft(spectrum, norm="ortho")
    waves = np.concatenate([waves[:, fft - prefix :], waves], 1)
    np.testing.assert_allclose(np.array(sink.data()).reshape(5, -1), waves, atol=1e-5)
    np.testing.assert_allclose(np.array(back.data()).reshape(5, -1), symbols, atol=1e-5)
    assert seen(sink) == [(0, "a", 1), (3 * (fft + prefix), "b", 2)]
    assert seen(back) == [(0, "a", 1), (3, "b", 2)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: fewbit.ofdm_modulator(108, 601),
        lambda: fewbit.ofdm_modulator(108, 100),
        lambda: fewbit.ofdm_modulator(108, 600, 512),
        lambda: fewbit.ofdm_modulator(cyclic_prefix=1025),
        lambda: fewbit.ofdm_demodulator(cyclic_prefix=72, window_advance=73),
        lambda: fewbit.qam_mapper(0, 6),
        lambda: fewbit.qam_mapper(647, 6),
        lambda: fewbit.qam_mapper(648, 5),
        lambda: fewbit.soft_demapper(0),
        lambda: fewbit.soft_demapper(108, 6, "best"),
        # Frames whose bytes are a small number modulo 2^32.
        lambda: fewbit.soft_demapper((1 << 29) + 1, 6),
        lambda: fewbit.soft_demapper((1 << 61) + 1, 8),
        lambda: fewbit.qam_mapper((1 << 32) + 2, 2),
        lambda: fewbit.qam_mapper((1 << 30) + 2, 2),
        lambda: fewbit.tdl_channel(block_length=0),
        lambda: fewbit.tdl_channel(block_length=1 << 30),
        lambda: fewbit.tdl_channel(profile="EPB"),
        lambda: fewbit.tdl_channel(fading="fast"),
        lambda: fewbit.tdl_channel(noise_variance=-0.1),
        lambda: fewbit.tdl_channel(noise_variance=float("nan")),
        lambda: fewbit.pdu_to_frame("int", 648),
        lambda: fewbit.pdu_to_frame("byte", 0),
        lambda: fewbit.frame_to_pdu("float", 1 << 40),
    ],
)
def test_refuses_senseless_parameters(make):
    with pytest.raises(ValueError):
        make()


# ---------------------------------------------------------------- channel


def run_channel(channel, samples, tags=(), with_response=True):
    graph, out, responses = gr.top_block(), blocks.vector_sink_c(), blocks.vector_sink_c(108)
    graph.connect(source(samples, 1, tags), channel, out)
    if with_response:
        graph.connect((channel, 1), responses)
    graph.run()
    return np.array(out.data()), out, responses


@pytest.mark.parametrize("fading", ["block", "jakes"])
def test_channel_block_is_the_class_block_by_block(fading):
    rng = np.random.default_rng(4)
    x = rng.normal(size=7 * 500) + 1j * rng.normal(size=7 * 500)
    block = fewbit.tdl_channel(500, "ETU", 0.3, fading, 300.0, seed=9)
    y, _, responses = run_channel(block, x.astype(np.complex64))
    model, noise = algorithms.tdl_channel("ETU", fading, 300.0, seed=9), algorithms.awgn(10)
    expected, expected_responses = [], []
    for part in x.reshape(7, 500):
        expected.append(noise.add(model.filter(part), 0.3))
        expected_responses.append(model.response)
        model.step(500 / 15.36e6)
    np.testing.assert_allclose(y, np.concatenate(expected), atol=1e-5)
    np.testing.assert_allclose(
        np.array(responses.data()).reshape(7, 108), expected_responses, atol=1e-5
    )


def test_channel_keeps_tags_on_their_samples_and_off_the_response():
    tags = [tag(i, f"k{i}", i) for i in (0, 1, 99, 100, 350, 399)]
    block = fewbit.tdl_channel(100, "awgn", 0.0)
    y, out, responses = run_channel(block, np.ones(450, np.complex64), tags)
    assert len(y) == 400  # the rest fills no block
    assert seen(out) == [(i, f"k{i}", i) for i in (0, 1, 99, 100, 350, 399)]
    assert seen(responses) == [(0, "noise_variance", 0.0)]


def test_channel_tells_its_noise_again_when_it_is_started_again():
    block = fewbit.tdl_channel(100, "awgn", 0.25)
    for _ in range(2):
        _, _, responses = run_channel(block, np.ones(300, np.complex64))
        assert seen(responses) == [(0, "noise_variance", 0.25)]


def test_channel_tells_new_noise_from_the_block_on_that_has_it():
    """What no tag tells, the demapper takes for what it was: LLRs too large or too small."""
    graph, out, responses = gr.top_block(), blocks.vector_sink_c(), blocks.vector_sink_c(108)
    block, pace = fewbit.tdl_channel(100, "awgn", 0.25), blocks.throttle(gr.sizeof_gr_complex, 1e6)
    graph.connect(blocks.null_source(gr.sizeof_gr_complex), pace, block, out)
    graph.connect((block, 1), responses)

    def run_on():
        enough, give_up = len(out.data()) + 10_000, time.monotonic() + 20
        while len(out.data()) < enough and time.monotonic() < give_up:
            time.sleep(0.01)

    graph.start()
    run_on()
    block.set_noise_variance(1.0)
    run_on()
    graph.stop()
    graph.wait()
    told = seen(responses)
    place = told[-1][0]
    assert told == [(0, "noise_variance", 0.25), (place, "noise_variance", 1.0)]
    # The mean of 100 squared magnitudes has a deviation of a tenth: the bound is 5 and more away.
    power = (np.abs(np.array(out.data())) ** 2).reshape(-1, 100).mean(1)
    assert place >= 100 and (power[:place] < 0.45).all() and (power[place:] > 0.45).all()


def test_channel_works_with_its_response_left_open():
    y, _, _ = run_channel(
        fewbit.tdl_channel(100, "awgn", 0.0), np.ones(300, np.complex64), (), False
    )
    np.testing.assert_allclose(np.abs(y[:90]), 1.0, atol=2e-2)
    assert len(y) == 300


def test_channel_setters():
    block = fewbit.tdl_channel()
    block.set_snr_db(20)
    assert block.noise_variance() == pytest.approx(0.01)
    block.set_profile("TDL-C")
    block.set_max_doppler(5.0)
    for refuse in (
        lambda: block.set_snr_db(float("nan")),
        lambda: block.set_noise_variance(-1.0),
        lambda: block.set_max_doppler(-1.0),
        lambda: block.set_profile("nowhere"),
    ):
        with pytest.raises(ValueError):
            refuse()
    assert block.noise_variance() == pytest.approx(0.01)


# ---------------------------------------------------------------- demapper


def run_demapper(demapper, y, h, tags=((), ())):
    graph, sink = gr.top_block(), blocks.vector_sink_f(6 * 4)
    graph.connect(source(y, 4, tags[0]), (demapper, 0))
    graph.connect(source(h, 4, tags[1]), (demapper, 1))
    graph.connect(demapper, sink)
    graph.run()
    return np.array(sink.data(), np.float32).reshape(-1, 24), sink


def test_demapper_takes_the_noise_variance_of_tags_from_their_item_on():
    rng = np.random.default_rng(6)
    y, h = (
        (rng.normal(size=(30, 4)) + 1j * rng.normal(size=(30, 4))).astype(np.complex64)
        for _ in range(2)
    )
    noise = np.full(30, 0.5)
    noise[5:], noise[12:], noise[17:], noise[20:] = 0.25, 1.0, 2.0, 0.125
    unsigned = tag(17, "noise_variance", 0)
    unsigned.value = pmt.from_uint64(2)
    tags = (
        [tag(5, "noise_variance", 0.25), tag(20, "noise_variance", 0.125)],
        [
            tag(12, "noise_variance", 1),
            tag(13, "noise_variance", "loud"),
            tag(14, "other", 3.0),
            tag(15, "noise_variance", 1j),
            unsigned,
        ],
    )
    block = fewbit.soft_demapper(4, 6, "exact", 0.5)
    llrs, sink = run_demapper(block, y, h, tags)
    demapper = algorithms.soft_demapper(6)
    expected = [demapper.demap(y[i], h[i], noise[i]) for i in range(30)]
    np.testing.assert_array_equal(llrs, expected)
    assert block.noise_variance() == 0.125 and block.bad_tags() == 2
    assert (14, "other", 3.0) in seen(sink)


def test_demapper_erases_and_counts_what_is_not_finite():
    y = np.full((3, 4), 1 + 0.3j, np.complex64)
    y[1, 2] = np.nan
    block = fewbit.soft_demapper(4, 6, "max_log", 0.1)
    llrs, _ = run_demapper(block, y, np.ones((3, 4), np.complex64))
    assert block.erased() == 1 and not llrs[1, 12:18].any() and llrs[1, :12].all()
    block.set_noise_variance(0.3)
    assert block.noise_variance() == pytest.approx(0.3)


# ---------------------------------------------------------------- frames

VECTORS = {
    "byte": (pmt.init_u8vector, pmt.u8vector_elements, [1, 2, 255]),
    "float": (pmt.init_f32vector, pmt.f32vector_elements, [1.5, -2.0, 0.25]),
    "complex": (pmt.init_c32vector, pmt.c32vector_elements, [1j, -2.0, 0.25 + 1j]),
}


@pytest.mark.parametrize("kind", VECTORS)
def test_frames_keep_vector_and_metadata_and_refuse_the_rest(kind):
    pack, unpack, values = VECTORS[kind]
    graph, collector = gr.top_block(), Collector(301)
    to_frame, to_pdu = fewbit.pdu_to_frame(kind, 3), fewbit.frame_to_pdu(kind, 3)
    graph.connect(to_frame, to_pdu)
    graph.msg_connect(to_pdu, "pdus", collector, "pdus")
    for i in range(300):  # before the start: a burst larger than the scheduler's own limit
        post(to_frame, {"i": i}, pack(3, values))
    other = VECTORS["float" if kind == "byte" else "byte"]
    post(to_frame, {}, pack(2, values[:2]))
    post(to_frame, {}, pack(0, []))
    post(to_frame, {}, other[0](3, other[2]))
    to_frame.to_basic_block()._post(pmt.intern("pdus"), pmt.intern("no pdu"))
    post(to_frame, {"last": True}, pack(3, values))
    graph.start()
    assert collector.done.wait(20)
    graph.stop()
    graph.wait()
    assert [meta for meta, _ in collector.pdus] == [{"i": i} for i in range(300)] + [{"last": True}]
    for _, vector in collector.pdus:
        assert list(unpack(vector)) == values
    counters = to_frame.counters()
    assert (counters["passed"], counters["wrong_length"]) == (301, 2)
    assert (counters["wrong_type"], counters["not_a_pdu"]) == (1, 1)


def test_frames_without_metadata_get_an_empty_dict():
    graph, collector = gr.top_block(), Collector(3)
    to_pdu = fewbit.frame_to_pdu("byte", 2)
    tags = [tag(1, "pdu_meta", {"a": 1}), tag(2, "other", 1), tag(2, "pdu_meta", 5)]
    graph.connect(source(np.arange(6, dtype=np.uint8), 2, tags), to_pdu)
    graph.msg_connect(to_pdu, "pdus", collector, "pdus")
    graph.run()
    assert collector.done.wait(5)
    assert [meta or {} for meta, _ in collector.pdus] == [{}, {"a": 1}, {}]
    assert [list(pmt.u8vector_elements(v)) for _, v in collector.pdus] == [[0, 1], [2, 3], [4, 5]]


def test_idle_frames_sleep_and_stop_at_once():
    graph = gr.top_block()
    graph.connect(fewbit.pdu_to_frame("byte", 648), blocks.null_sink(648))
    graph.start()
    time.sleep(0.1)
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.1  # a spinning work() would use all of it
    stopped = time.monotonic()
    graph.stop()
    graph.wait()
    assert time.monotonic() - stopped < 5
