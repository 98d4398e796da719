# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""llr_compressor and llr_decompressor: the classes' bytes, and every way a packet can be bad."""

import struct
import time
import zlib
from collections.abc import Callable

import numpy as np
import pmt
import pytest
import softbit_oracle as oracle
from gnuradio import blocks, fewbit, gr

make_codec = fewbit.algorithms.make_softbit_codec


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "nothing came in 20 s"
        time.sleep(0.002)


class Bench:
    """One block with a debug sink on each message output, fed by hand."""

    def __init__(self, block, outputs) -> None:
        self.block = block
        self.top = gr.top_block()
        self.sinks = {name: blocks.message_debug() for name in outputs}
        for name, sink in self.sinks.items():
            self.top.msg_connect((block, name), (sink, "store"))

    def __enter__(self):
        self.top.start()
        return self

    def __exit__(self, *_) -> None:
        self.top.stop()
        self.top.wait()

    def send(self, message) -> None:
        self.block.to_basic_block()._post(pmt.intern("pdus"), message)

    def received(self, port: str, count: int) -> list:
        sink = self.sinks[port]
        wait_for(lambda: sink.num_messages() >= count)
        return [sink.get_message(i) for i in range(count)]

    def handled(self, counter: str, count: int) -> None:
        wait_for(lambda: self.block.counters()[counter] >= count)


def pdu(vector, **meta):
    dictionary = pmt.make_dict()
    for key, value in meta.items():
        dictionary = pmt.dict_add(dictionary, pmt.intern(key), pmt.to_pmt(value))
    return pmt.cons(dictionary, vector)


def pairs():
    """What looks like a dict but is none: pmt can add no key to it."""
    return pmt.list1(pmt.cons(pmt.intern("user"), pmt.from_long(2)))


def f32(values):
    return pmt.init_f32vector(len(values), [float(v) for v in values])


def u8(data: bytes):
    return pmt.init_u8vector(len(data), list(data))


def payload(message) -> bytes:
    return bytes(pmt.u8vector_elements(pmt.cdr(message)))


def meta_of(message, key: str):
    return pmt.to_python(pmt.dict_ref(pmt.car(message), pmt.intern(key), pmt.PMT_NIL))


def container(codec, llrs: np.ndarray) -> bytes:
    """The container as its header file describes it, without the code that writes it."""
    head = struct.pack("<BBIH", 0xFB, 0x10, codec.id, len(llrs))
    sound = head + codec.encode(llrs)
    return sound + struct.pack("<I", zlib.crc32(sound))


def some_llrs(packets: int, n: int) -> np.ndarray:
    return np.random.default_rng(7).normal(0, 6, (packets, n)).astype(np.float32)


@pytest.fixture(scope="module")
def codecs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    oracle.random_bundle(folder / "plain.safetensors", 6)
    oracle.random_bundle(folder / "contexts.safetensors", 6, contexts=8, seed=2)
    return {
        "float": "float",
        "plain": f"learned:{folder}/plain.safetensors",
        "contexts": f"learned:{folder}/contexts.safetensors",
    }


@pytest.mark.parametrize("name", ["float", "plain", "contexts"])
def test_flowgraph_and_classes_give_the_same_bytes(codecs, name) -> None:
    codec = make_codec(codecs[name])
    packets = some_llrs(20, 648)
    compressor = fewbit.llr_compressor(codecs[name], stats_every=10)
    decompressor = fewbit.llr_decompressor(codecs[name])
    with Bench(compressor, ["pdus", "stats"]) as bench, Bench(decompressor, ["pdus"]) as back:
        for i, packet in enumerate(packets):
            bench.send(pdu(f32(packet), packet_id=i, colour="red"))
        made = bench.received("pdus", len(packets))
        for message in made:
            back.send(message)
        decoded = back.received("pdus", len(packets))
        stats = [pmt.to_python(s) for s in bench.received("stats", 2)]

    total = 0
    for i, packet in enumerate(packets):
        expected = container(codec, packet)
        total += len(expected)
        assert payload(made[i]) == expected
        assert meta_of(made[i], "packet_id") == i and meta_of(made[i], "colour") == "red"
        llrs = np.array(pmt.f32vector_elements(pmt.cdr(decoded[i])), np.float32)
        assert np.array_equal(llrs, codec.decode(codec.encode(packet), 648))
        assert meta_of(decoded[i], "packet_id") == i and meta_of(decoded[i], "colour") == "red"
    assert compressor.bits_per_llr() == pytest.approx(8 * total / packets.size)
    counters = compressor.counters()
    assert (counters["passed"], counters["llrs"], counters["bytes"]) == (20, 20 * 648, total)
    assert stats[0]["passed"] == 10 and stats[1]["passed"] == 20
    assert stats[1]["bits_per_llr"] == pytest.approx(8 * total / packets.size)
    assert stats[1]["codec"] == codec.name


def test_packets_that_cannot_be_compressed_are_counted_by_cause(codecs) -> None:
    compressor = fewbit.llr_compressor(codecs["plain"])
    with Bench(compressor, ["pdus"]) as bench:
        for bad in (pmt.intern("hello"), pmt.cons(pmt.intern("x"), f32([1.0])), pmt.PMT_NIL):
            bench.send(bad)
        bench.send(pmt.cons(pairs(), f32(np.ones(648))))
        bench.send(pdu(u8(b"abcdef")))
        for n in (0, 5, 647):
            bench.send(pdu(f32(np.ones(n))))
        bench.send(pdu(f32(np.ones(648))))
        bench.handled("passed", 1)
        assert len(bench.received("pdus", 1)) == 1
        counters = compressor.counters()
    assert counters["not_a_pdu"] == 4
    assert counters["wrong_type"] == 1
    assert counters["wrong_length"] == 3
    assert counters["passed"] == 1


def test_nan_llrs_come_back_as_finite_ones(codecs) -> None:
    ugly = np.tile(np.array([np.nan, np.inf, -np.inf], np.float32), 216)
    with (
        Bench(fewbit.llr_compressor(codecs["plain"]), ["pdus"]) as bench,
        Bench(fewbit.llr_decompressor(codecs["plain"]), ["pdus"]) as back,
    ):
        bench.send(pdu(f32(ugly)))
        back.send(bench.received("pdus", 1)[0])
        llrs = pmt.f32vector_elements(pmt.cdr(back.received("pdus", 1)[0]))
    assert np.isfinite(llrs).all()


def resealed(data: bytes) -> bytes:
    """A container whose CRC-32 is right, whatever is wrong with the rest."""
    return data[:-4] + struct.pack("<I", zlib.crc32(data[:-4]))


def test_bad_containers_are_refused_with_their_reason(codecs) -> None:
    codec = make_codec(codecs["plain"])
    good = container(codec, some_llrs(1, 648)[0])
    other = container(make_codec("float"), np.ones(4, np.float32))
    flipped = bytearray(good)
    flipped[20] ^= 1
    bad = {
        "too_short": [b"", good[:5]],
        "bad_magic": [resealed(b"\0" + good[1:])],
        "bad_format": [resealed(good[:1] + b"\x7f" + good[2:])],
        "bad_crc": [bytes(flipped), good[:-1], good + b"\0"],
        "wrong_codec": [other],
        "bad_length": [container(codec, np.ones(1200, np.float32))],
        "bad_body": [
            resealed(good[:-10] + bytes(4)),  # six bytes of the body are gone
            resealed(good[:6] + struct.pack("<H", 647) + good[8:]),
        ],
    }
    decompressor = fewbit.llr_decompressor(codecs["plain"], max_llrs=1000)
    with Bench(decompressor, ["pdus", "refused"]) as bench:
        sent = [(reason, data) for reason, several in bad.items() for data in several]
        for i, (_, data) in enumerate(sent):
            bench.send(pdu(u8(data), packet_id=i))
        refused = bench.received("refused", len(sent))
        bench.send(pdu(u8(good)))
        bench.handled("passed", 1)
        assert bench.sinks["pdus"].num_messages() <= 1
        counters = decompressor.counters()
    for i, (reason, data) in enumerate(sent):
        assert meta_of(refused[i], "reason") == reason
        assert meta_of(refused[i], "packet_id") == i
        assert payload(refused[i]) == data
    for reason, several in bad.items():
        assert counters[reason] == len(several), reason
    assert counters["passed"] == 1


def test_messages_that_are_no_containers_are_refused(codecs) -> None:
    decompressor = fewbit.llr_decompressor("float")
    with Bench(decompressor, ["refused"]) as bench:
        bench.send(pmt.intern("hello"))
        bench.send(pdu(f32([1.0]), packet_id=5))
        bench.send(pmt.cons(pairs(), u8(b"abcd")))
        refused = bench.received("refused", 3)
    assert meta_of(refused[0], "reason") == "not_a_pdu" and payload(refused[0]) == b""
    assert meta_of(refused[1], "reason") == "wrong_type"
    assert meta_of(refused[1], "packet_id") == 5
    assert meta_of(refused[2], "reason") == "not_a_pdu"


def test_the_codec_can_be_changed_while_it_runs(codecs) -> None:
    packets = some_llrs(40, 648)
    names = ["float", "plain", "contexts", "float"]
    compressor = fewbit.llr_compressor(codecs["float"], stats_every=0)
    decompressor = fewbit.llr_decompressor(codecs["float"])
    with Bench(compressor, ["pdus"]) as bench, Bench(decompressor, ["pdus", "refused"]) as back:
        for turn, name in enumerate(names):
            compressor.set_codec(codecs[name])
            for packet in packets[10 * turn : 10 * turn + 10]:
                bench.send(pdu(f32(packet)))
            bench.handled("passed", 10 * (turn + 1))
        made = [payload(m) for m in bench.received("pdus", 40)]
        for data in made[10:20]:  # the decompressor still has the other codec
            back.send(pdu(u8(data)))
        back.handled("wrong_codec", 10)
        decompressor.set_codec(codecs["plain"])
        for data in made[10:20]:
            back.send(pdu(u8(data)))
        back.handled("passed", 10)
    for i, packet in enumerate(packets):
        assert made[i] == container(make_codec(codecs[names[i // 10]]), packet)
    assert decompressor.codec() == "learned-k6"


def test_a_bad_codec_leaves_the_old_one_in_place(codecs) -> None:
    for block in (fewbit.llr_compressor(codecs["plain"]), fewbit.llr_decompressor(codecs["plain"])):
        with pytest.raises(ValueError, match="not a kind of codec"):
            block.set_codec("flaot")
        assert block.codec() == "learned-k6"
    for make in (fewbit.llr_compressor, fewbit.llr_decompressor):
        with pytest.raises(ValueError, match="not a kind of codec"):
            make("flaot")
    with pytest.raises(ValueError, match="max_llrs is 0"):
        fewbit.llr_decompressor("float", 0)


def test_the_stream_is_the_bits_per_llr_of_each_packet(codecs) -> None:
    packets = some_llrs(30, 648)
    codec = make_codec(codecs["plain"])
    compressor = fewbit.llr_compressor(codecs["plain"])
    head = blocks.head(gr.sizeof_float, len(packets))
    sink = blocks.vector_sink_f()
    bench = Bench(compressor, ["pdus"])
    bench.top.connect(compressor, head, sink)
    with bench:
        for packet in packets:
            bench.send(pdu(f32(packet)))
        wait_for(lambda: len(sink.data()) == len(packets))
    expected = [8 * len(container(codec, packet)) / 648 for packet in packets]
    np.testing.assert_allclose(sink.data(), expected, rtol=1e-6)


def test_refuses_a_packet_limit_that_would_let_a_container_fill_the_memory():
    with pytest.raises(ValueError, match="expected 1 to 16777216"):
        fewbit.llr_decompressor("float", max_llrs=2**24 + 1)
