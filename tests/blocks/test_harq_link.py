# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A HARQ link of messages that loses, reorders, repeats and corrupts them, and is cut off.

Whatever the order in which threads run, the link must go on, every block must be accounted for, and
what is delivered must be what was sent. No rate is asserted closely, so no outcome depends on timing.
"""

import time

import numpy as np
import pmt
import pytest
from gnuradio import fewbit, gr
from gnuradio.fewbit import algorithms

USERS, PROCESSES, PAYLOAD, CODED = 2, 4, 300, 648
FLOAT_BODY = 4 * CODED + algorithms.harq_store.record_overhead


def with_vector(message, vector, **metadata):
    meta = pmt.car(message)
    for key, value in metadata.items():
        meta = pmt.dict_add(meta, pmt.intern(key), pmt.to_pmt(value))
    return pmt.cons(meta, vector)


def number(message, key):
    meta = pmt.car(message) if pmt.is_uniform_vector(pmt.cdr(message)) else message
    return pmt.to_python(pmt.dict_ref(meta, pmt.intern(key), pmt.PMT_NIL))


class sender_phy(gr.basic_block):
    """CRC, LDPC, interleaver, BPSK over white Gaussian noise, LLRs: bits in, LLRs out."""

    def __init__(self, snr_db, seed=1, interleaver_seed=1):
        gr.basic_block.__init__(self, "sender_phy", None, None)
        self.crc, self.code = algorithms.crc("CRC-24A"), algorithms.ldpc_encoder()
        self.interleaver = algorithms.interleaver(CODED, interleaver_seed)
        self.noise_variance = 10 ** (-snr_db / 10)
        self.rng = np.random.default_rng(seed)
        self.message_port_register_in(pmt.intern("bits"))
        self.message_port_register_out(pmt.intern("llrs"))
        self.set_msg_handler(pmt.intern("bits"), self.handle)

    def handle(self, message):
        bits = np.array(pmt.u8vector_elements(pmt.cdr(message)), np.uint8)
        coded = self.code.encode(self.crc.append(bits))
        sent = 2.0 * self.interleaver.interleave(coded, number(message, "rv")) - 1
        received = sent + self.rng.normal(0, self.noise_variance**0.5, CODED)
        llrs = (2 / self.noise_variance * received).astype(np.float32)
        vector = pmt.init_f32vector(CODED, llrs.tolist())
        self.message_port_pub(pmt.intern("llrs"), with_vector(message, vector))


class decoder(gr.basic_block):
    """LDPC decoder and CRC check: combined LLRs in codeword order in, bits and crc_ok out."""

    def __init__(self):
        gr.basic_block.__init__(self, "decoder", None, None)
        self.crc, self.code = algorithms.crc("CRC-24A"), algorithms.ldpc_decoder()
        self.message_port_register_in(pmt.intern("llrs"))
        self.message_port_register_out(pmt.intern("bits"))
        self.set_msg_handler(pmt.intern("llrs"), self.handle)

    def handle(self, message):
        llrs = np.array(pmt.f32vector_elements(pmt.cdr(message)), np.float32)
        bits = np.asarray(self.code.decode(llrs)[0], np.uint8)[: PAYLOAD + 24]
        ok = bool(self.crc.check(bits))
        vector = pmt.init_u8vector(PAYLOAD, bits[:PAYLOAD].tolist())
        self.message_port_pub(pmt.intern("bits"), with_vector(message, vector, crc_ok=ok))


class sink(gr.basic_block):
    def __init__(self):
        gr.basic_block.__init__(self, "sink", None, None)
        self.messages = []
        self.message_port_register_in(pmt.intern("in"))
        self.set_msg_handler(pmt.intern("in"), self.handle)

    def handle(self, message):  # a handler is looked up by its name, so it is a method
        self.messages.append(message)


class receiver:
    """Buffer, decoder and a record of what was delivered, as one flowgraph's receiving half."""

    def __init__(self, budget=1 << 20, codec="float", **options):
        self.buffer = fewbit.harq_buffer(
            USERS, PROCESSES, CODED, codec=codec, budget_bytes=budget, **options
        )
        self.decoder, self.delivered, self.feedback = decoder(), sink(), sink()

    def connect(self, top):
        top.msg_connect(self.buffer, "combined", self.decoder, "llrs")
        top.msg_connect(self.decoder, "bits", self.buffer, "decoded")
        top.msg_connect(self.buffer, "delivered", self.delivered, "in")
        top.msg_connect(self.buffer, "feedback", self.feedback, "in")

    def payloads(self):
        return {
            number(m, "packet_id"): bytes(pmt.u8vector_elements(pmt.cdr(m)))
            for m in self.delivered.messages
        }

    def check_accounts(self):
        c = self.buffer.counters()
        combine = sum(v for k, v in c.items() if k.startswith("combine."))
        assert c["llrs"] == c["malformed"] + c["in_decoding"] + combine
        decoding = c["combine.first"] + c["combine.combined"] + c["combine.restarted"]
        verdicts = c["verdicts"] - c["malformed_verdicts"] - c["unmatched_verdicts"]
        assert decoding == verdicts + c["undecoded"] + c["pending"]
        assert c["delivered"] == len(self.delivered.messages)
        ids = [number(m, "packet_id") for m in self.delivered.messages]
        assert len(set(ids)) == len(ids)  # each once
        assert self.buffer.peak_bytes() <= self.buffer.counters().get("budget", 1 << 30)


class link:
    """A sender that lives on, and receivers that come and go."""

    def __init__(self, n_packets, snr_db=-1.0, forward=None, backward=None, **options):
        options = {"max_attempts": 8, "timeout_ms": 100.0, "seed": 5, **options}
        self.sender = fewbit.harq_transmitter(
            USERS, PROCESSES, PAYLOAD, n_packets=n_packets, **options
        )
        self.phy, self.sent, self.done = sender_phy(snr_db), sink(), sink()
        self.forward = fewbit.pdu_impairments(**(forward or {}))
        self.backward = fewbit.pdu_impairments(**(backward or {}))

    def top(self, receiver):
        top = gr.top_block("HARQ link", catch_exceptions=False)
        top.msg_connect(self.sender, "pdus", self.sent, "in")
        top.msg_connect(self.sender, "pdus", self.phy, "bits")
        top.msg_connect(self.sender, "done", self.done, "in")
        top.msg_connect(self.phy, "llrs", self.forward, "in")
        top.msg_connect(self.forward, "out", receiver.buffer, "llrs")
        top.msg_connect(receiver.buffer, "feedback", self.backward, "in")
        top.msg_connect(self.backward, "out", self.sender, "feedback")
        receiver.connect(top)
        return top

    def run(self, receiver, until, seconds=60):
        top, give_up = self.top(receiver), time.monotonic() + seconds
        top.start()
        while not until() and time.monotonic() < give_up:
            time.sleep(0.01)
        reached = until()
        time.sleep(0.05)  # what is still in queues
        top.stop()
        top.wait()
        return reached

    def payloads(self):
        return {
            number(m, "packet_id"): bytes(pmt.u8vector_elements(pmt.cdr(m)))
            for m in self.sent.messages
        }

    def check_accounts(self, n_packets, *receivers):
        c = self.sender.counters()
        assert c["sent"] == n_packets == c["acknowledged"] + c["failed"] + c["in_flight"]
        assert c["in_flight"] == 0 and self.sender.complete()
        assert len(self.done.messages) == 1
        useful = c["feedback"] - c["late_feedback"] - c["malformed_feedback"]
        assert useful == c["acknowledged"] + c["nacks"] + c["resynchronised"]
        for wire in (self.forward, self.backward):
            w = wire.counters()
            assert w["in"] + w["duplicated"] == w["out"] + w["dropped"] + w["waiting"]
        sent, delivered = self.payloads(), {}
        for r in receivers:
            r.check_accounts()
            for packet_id, bits in r.payloads().items():
                assert bits == sent[packet_id]
                delivered[packet_id] = bits
        # An ACK only ever answers a delivered block, and every block has one of the two fates.
        assert c["acknowledged"] <= len(delivered) <= n_packets
        return c


def test_a_clean_link_delivers_everything_and_gains_from_combining():
    n = 60
    l, r = link(n, snr_db=-3.0, timeout_ms=0.0), receiver()  # -3 dB: hopeless in one transmission
    assert l.run(r, l.sender.complete)
    c = l.check_accounts(n, r)
    assert c["acknowledged"] == n and c["timeouts"] == 0
    assert c["transmissions"] == n + c["nacks"] >= 2 * n - 2
    assert r.buffer.counters()["combine.combined"] >= n - 2
    assert r.buffer.bytes_in_use() == 0


@pytest.mark.parametrize("storage", ["combined", "per_transmission"])
def test_a_link_that_loses_repeats_reorders_and_corrupts_goes_on(storage):
    n = 60
    forward = dict(drop=0.1, duplicate=0.2, reorder=0.2, corrupt=0.2, truncate=0.05, seed=2)
    backward = dict(drop=0.3, duplicate=0.2, reorder=0.2, corrupt=0.1, seed=3)
    l = link(n, snr_db=-2.0, forward=forward, backward=backward, max_attempts=16, timeout_ms=40.0)
    r = receiver(storage=storage, max_transmissions=8)
    assert l.run(r, l.sender.complete)
    c = l.check_accounts(n, r)
    assert c["acknowledged"] > n // 2 and c["timeouts"] > 0
    counters = r.buffer.counters()
    assert counters["combine.duplicate"] > 0 and counters["combine.wrong_length"] > 0
    assert l.backward.counters()["dropped"] > 0 and c["malformed_feedback"] > 0


def test_a_store_a_tenth_of_the_size_needed_slows_the_link_and_no_more():
    n, budget = 60, int(0.1 * USERS * PROCESSES * FLOAT_BODY + 0.3 * FLOAT_BODY)
    l, r = link(n, snr_db=-1.5, max_attempts=32, timeout_ms=0.0), receiver(budget=budget)
    assert l.run(r, l.sender.complete)
    c = l.check_accounts(n, r)
    assert c["acknowledged"] > 0
    assert r.buffer.counters()["keep.full"] > 0
    assert 0 < r.buffer.peak_bytes() <= budget
    full = [m for m in r.feedback.messages if number(m, "outcome") == "full"]
    assert len(full) == r.buffer.counters()["keep.full"] and not any(number(m, "ack") for m in full)


def test_a_receiver_killed_and_started_anew_takes_up_the_link():
    n = 90
    l = link(n, backward=dict(drop=0.3, seed=4), max_attempts=32, timeout_ms=40.0)
    receivers = []
    for share in (1, 2):
        receivers.append(receiver())
        target = share * n // 3
        l.run(receivers[-1], lambda: l.sender.counters()["acknowledged"] >= target)
    receivers.append(receiver())
    assert l.run(receivers[-1], l.sender.complete)
    c = l.check_accounts(n, *receivers)
    assert all(r.delivered.messages for r in receivers)
    assert c["acknowledged"] + c["failed"] == n


def test_a_sender_started_anew_catches_up_with_its_receiver():
    r, n = receiver(), 40
    first = link(n, snr_db=3.0, seed=1)
    assert first.run(r, first.sender.complete)
    first.check_accounts(n, r)
    r.delivered.messages.clear()
    second = link(n // 4, snr_db=3.0, seed=2, timeout_ms=0.0)
    assert second.run(r, second.sender.complete)
    c = second.sender.counters()
    assert c["acknowledged"] == n // 4 and c["resynchronised"] > 0
    assert r.payloads() == second.payloads()


def test_the_codec_is_swapped_while_blocks_are_stored():
    n, l, r = 60, link(60, snr_db=-3.0), receiver()
    codecs = ["float", "uniform:bits=4,clip=8"]
    try:
        r.buffer.set_codec(codecs[1])
    except ValueError:
        pytest.skip("the uniform codec is not built")
    swaps = iter(range(10_000))

    def swap_and_ask():
        r.buffer.set_codec(codecs[next(swaps) % 2])
        return l.sender.complete()

    assert l.run(r, swap_and_ask)
    c = l.check_accounts(n, r)
    assert c["acknowledged"] == n
    assert r.buffer.counters()["codec_changes"] > 2 and r.buffer.counters()["undecodable"] == 0
