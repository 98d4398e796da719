# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A HARQ link of messages that loses, reorders, repeats and corrupts them, and is cut off.

Whatever the order in which threads run, the link must go on, every block must be accounted for,
and what is delivered must be what was sent. No rate is asserted closely: no outcome depends on
timing.
"""

import itertools
import time

import numpy as np
import pmt
import pytest
from gnuradio import fewbit, gr
from gnuradio.fewbit import algorithms

USERS, PROCESSES, PAYLOAD, CODED = 2, 4, 300, 648
FLOAT_BODY = 4 * CODED + algorithms.harq_store.record_overhead


def number(message, key):
    meta = pmt.car(message) if pmt.is_uniform_vector(pmt.cdr(message)) else message
    return pmt.to_python(pmt.dict_ref(meta, pmt.intern(key), pmt.PMT_NIL))


class Air(gr.basic_block):
    """BPSK over white Gaussian noise and its LLRs: coded bits in, LLRs out, in the same order."""

    def __init__(self, snr_db, seed=1):
        gr.basic_block.__init__(self, "air", None, None)
        self.noise_variance = 10 ** (-snr_db / 10)
        self.rng = np.random.default_rng(seed)
        self.message_port_register_in(pmt.intern("bits"))
        self.message_port_register_out(pmt.intern("llrs"))
        self.set_msg_handler(pmt.intern("bits"), self.handle)

    def handle(self, message):
        sent = 2.0 * np.array(pmt.u8vector_elements(pmt.cdr(message))) - 1
        received = sent + self.rng.normal(0, self.noise_variance**0.5, CODED)
        llrs = 2 / self.noise_variance * received
        vector = pmt.init_f32vector(CODED, llrs.tolist())
        self.message_port_pub(pmt.intern("llrs"), pmt.cons(pmt.car(message), vector))


class Sink(gr.basic_block):
    def __init__(self):
        gr.basic_block.__init__(self, "sink", None, None)
        self.messages, self.taken = [], 0
        self.message_port_register_in(pmt.intern("in"))
        self.set_msg_handler(pmt.intern("in"), self.handle)

    def handle(self, message):  # a handler is looked up by its name, so it is a method
        self.messages.append(message)
        self.taken += 1


class Receiver:
    """Buffer, decoder and a record of what was delivered, as one flowgraph's receiving half."""

    def __init__(self, budget=1 << 20, codec="float", **options):
        self.buffer = fewbit.harq_buffer(
            USERS, PROCESSES, CODED, codec=codec, budget_bytes=budget, **options
        )
        self.decoder, self.check = fewbit.ldpc_decoder(), fewbit.crc_check()
        self.delivered, self.feedback = Sink(), Sink()

    def connect(self, top):
        top.msg_connect(self.buffer, "combined", self.decoder, "pdus")
        top.msg_connect(self.decoder, "pdus", self.check, "pdus")
        top.msg_connect(self.check, "pdus", self.buffer, "decoded")
        top.msg_connect(self.buffer, "delivered", self.delivered, "in")
        top.msg_connect(self.buffer, "feedback", self.feedback, "in")

    def payloads(self):
        return {
            number(m, "packet_id"): bytes(pmt.u8vector_elements(pmt.cdr(m)))
            for m in self.delivered.messages
        }

    def answers(self):
        """How many feedback messages the buffer's counters stand for."""
        c = self.buffer.counters()
        calls = sum(v for k, v in c.items() if k.startswith(("combine.", "keep.", "release.")))
        return calls - c["combine.first"] - c["combine.combined"] - c["combine.restarted"]

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


class Link:
    """A sender that lives on, and receivers that come and go."""

    def __init__(self, n_packets, snr_db=-1.0, forward=None, backward=None, **options):
        options = {"max_attempts": 8, "timeout_ms": 100.0, "seed": 5, **options}
        self.sender = fewbit.harq_transmitter(
            USERS, PROCESSES, PAYLOAD, n_packets=n_packets, **options
        )
        self.chain = [fewbit.crc_append(), fewbit.ldpc_encoder(), fewbit.interleaver(CODED, 1)]
        self.air, self.sent, self.done = Air(snr_db), Sink(), Sink()
        self.forward = fewbit.pdu_impairments(**(forward or {}))
        self.backward = fewbit.pdu_impairments(**(backward or {}))
        self.watchers = []  # called with each flowgraph, to connect more to it

    def top(self, receiver):
        top = gr.top_block("HARQ link", catch_exceptions=False)
        top.msg_connect(self.sender, "pdus", self.sent, "in")
        for one, after in itertools.pairwise([self.sender, *self.chain]):
            top.msg_connect(one, "pdus", after, "pdus")
        top.msg_connect(self.chain[-1], "pdus", self.air, "bits")
        top.msg_connect(self.sender, "done", self.done, "in")
        top.msg_connect(self.air, "llrs", self.forward, "in")
        top.msg_connect(self.forward, "out", receiver.buffer, "llrs")
        top.msg_connect(receiver.buffer, "feedback", self.backward, "in")
        top.msg_connect(self.backward, "out", self.sender, "feedback")
        receiver.connect(top)
        for watch in self.watchers:
            watch(top)
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
        self.drain(receiver)
        return reached

    def drain(self, receiver):
        """Let the sinks take what was in their queues when the flowgraph was stopped."""
        due = {
            self.sent: self.sender.counters()["transmissions"],
            receiver.delivered: receiver.buffer.counters()["delivered"],
            receiver.feedback: receiver.answers(),
        }
        top, silent = gr.top_block("drain", catch_exceptions=False), fewbit.pdu_impairments()
        for sink in due:
            top.msg_connect(silent, "out", sink, "in")
        give_up = time.monotonic() + 20
        top.start()
        while any(s.taken < n for s, n in due.items()) and time.monotonic() < give_up:
            time.sleep(0.002)
        top.stop()
        top.wait()
        assert {s: s.taken for s in due} == due

    def acknowledged(self):
        return self.sender.counters()["acknowledged"]

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
    link, r = (
        Link(n, snr_db=-3.0, timeout_ms=0.0),
        Receiver(),
    )  # -3 dB: hopeless in one transmission
    assert link.run(r, link.sender.complete)
    c = link.check_accounts(n, r)
    assert c["acknowledged"] == n and c["timeouts"] == 0
    assert c["transmissions"] == n + c["nacks"] >= 2 * n - 2
    assert r.buffer.counters()["combine.combined"] >= n - 2
    assert r.buffer.bytes_in_use() == 0


@pytest.mark.parametrize("storage", ["combined", "per_transmission"])
def test_a_link_that_loses_repeats_reorders_and_corrupts_goes_on(storage):
    n = 60
    forward = dict(drop=0.1, duplicate=0.2, reorder=0.2, corrupt=0.2, truncate=0.05, seed=2)
    backward = dict(drop=0.3, duplicate=0.2, reorder=0.2, corrupt=0.1, seed=3)
    link = Link(
        n, snr_db=-2.0, forward=forward, backward=backward, max_attempts=16, timeout_ms=40.0
    )
    r = Receiver(storage=storage, max_transmissions=8)
    assert link.run(r, link.sender.complete)
    c = link.check_accounts(n, r)
    assert c["acknowledged"] > n // 2 and c["timeouts"] > 0
    counters = r.buffer.counters()
    assert counters["combine.duplicate"] > 0 and counters["combine.wrong_length"] > 0
    assert link.backward.counters()["dropped"] > 0 and c["malformed_feedback"] > 0


def test_a_store_a_tenth_of_the_size_needed_slows_the_link_and_no_more():
    n, budget = 60, int(0.1 * USERS * PROCESSES * FLOAT_BODY + 0.3 * FLOAT_BODY)
    link, r = Link(n, snr_db=-1.5, max_attempts=32, timeout_ms=0.0), Receiver(budget=budget)
    assert link.run(r, link.sender.complete)
    c = link.check_accounts(n, r)
    assert c["acknowledged"] > 0
    assert r.buffer.counters()["keep.full"] > 0
    assert 0 < r.buffer.peak_bytes() <= budget
    full = [m for m in r.feedback.messages if number(m, "outcome") == "full"]
    assert len(full) == r.buffer.counters()["keep.full"] and not any(number(m, "ack") for m in full)


def test_a_receiver_killed_and_started_anew_takes_up_the_link():
    n = 90
    link = Link(n, backward=dict(drop=0.3, seed=4), max_attempts=32, timeout_ms=40.0)
    receivers = []
    for share in (1, 2):
        receivers.append(Receiver())
        target = share * n // 3
        assert link.run(receivers[-1], lambda target=target: link.acknowledged() >= target)
    receivers.append(Receiver())
    assert link.run(receivers[-1], link.sender.complete)
    c = link.check_accounts(n, *receivers)
    assert all(r.delivered.messages for r in receivers)
    assert c["acknowledged"] + c["failed"] == n


def test_a_sender_started_anew_catches_up_with_its_receiver():
    r, n = Receiver(), 40
    first = Link(n, snr_db=3.0, seed=1)
    assert first.run(r, first.sender.complete)
    first.check_accounts(n, r)
    r.delivered.messages.clear()
    second = Link(n // 4, snr_db=3.0, seed=2, timeout_ms=0.0)
    assert second.run(r, second.sender.complete)
    c = second.sender.counters()
    assert c["acknowledged"] == n // 4 and c["resynchronised"] > 0
    assert r.payloads() == second.payloads()


def test_the_codec_is_swapped_while_blocks_are_stored():
    n, link, r = 60, Link(60, snr_db=-3.0, timeout_ms=0.0), Receiver()
    codecs = ["float", "uniform:bits=4,clip=8"]
    try:
        r.buffer.set_codec(codecs[1])
    except ValueError:
        pytest.skip("the uniform codec is not built")
    swaps = iter(range(10_000))

    def swap_and_ask():
        r.buffer.set_codec(codecs[next(swaps) % 2])
        return link.sender.complete()

    assert link.run(r, swap_and_ask)
    c = link.check_accounts(n, r)
    assert c["acknowledged"] == n
    assert r.buffer.counters()["codec_changes"] > 2 and r.buffer.counters()["undecodable"] == 0


def test_an_error_meter_sees_the_gain():
    n, link, r = 60, Link(60, snr_db=-2.5, timeout_ms=0.0), Receiver()
    meter = fewbit.error_meter(max_attempts=8, max_blocks=n)
    link.watchers.append(
        lambda top: (
            top.msg_connect(link.sender, "pdus", meter, "sent"),
            top.msg_connect(r.check, "pdus", meter, "received"),
        )
    )
    assert link.run(r, lambda: link.sender.complete() and meter.is_done())
    c, report = link.check_accounts(n, r), meter.report()
    assert report["after_harq.blocks"] == n == report["first.blocks"]
    assert report["after_harq.block_errors"] == c["failed"] == 0
    assert report["first.bler"] > 0.5 and report["undetected"] == 0
    assert report["mean_attempts"] == pytest.approx(c["transmissions"] / n)
