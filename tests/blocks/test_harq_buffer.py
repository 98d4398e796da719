# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the HARQ buffer answers to each kind of message."""

import time

import numpy as np
import pmt
import pytest
from gnuradio import blocks, fewbit, gr
from gnuradio.fewbit import algorithms
from message_bench import Bench, pdu

N = 48
ORDER = np.asarray(algorithms.interleaver(N, 1).permutation)


def buffer(**options):
    options = {"users": 2, "processes": 2, "n_llrs": N, **options}
    return fewbit.harq_buffer(**options)


def harq_bench(**options):
    return Bench(buffer(**options), "combined", "feedback", "delivered", "stats")


def meta(user=0, process=0, ndi=0, rv=0, attempt=0, **more):
    return dict(user=user, process=process, ndi=ndi, rv=rv, attempt=attempt, **more)


def llrs(value, **where):
    return pdu(np.full(N, float(value)), **meta(**where))


def verdict(ok, **where):
    return pdu(np.zeros(4, np.uint8), **meta(**where), crc_ok=ok)


def test_a_block_is_combined_stored_released_and_acknowledged_again():
    with harq_bench() as b:
        b.post("llrs", pdu(np.arange(N, dtype=float), **meta(packet_id=7, note="kept")))
        [(sent, values)] = b.take("combined")
        assert sent == meta(packet_id=7, note="kept")
        np.testing.assert_array_equal(values[ORDER], np.arange(N))
        b.post("decoded", verdict(False, packet_id=7))
        [(feedback, _)] = b.take("feedback")
        assert feedback == dict(
            user=0, process=0, ndi=0, attempt=0, packet_id=7, ack=False, stored=True, outcome="kept"
        )
        assert b.block.bytes_in_use() == 4 * N + algorithms.harq_store.record_overhead
        assert b.block.bits_per_llr() == 8 * b.block.bytes_in_use() / N

        b.post("llrs", llrs(1, rv=2, attempt=1))
        [(_, values)] = b.take("combined")
        np.testing.assert_array_equal(values[ORDER], np.arange(N) + 1)
        b.post("decoded", verdict(True, rv=2, attempt=1))
        [(feedback, _)] = b.take("feedback")
        assert (feedback["ack"], feedback["stored"], feedback["outcome"]) == (
            True,
            False,
            "released",
        )
        assert len(b.take("delivered")) == 1
        assert b.block.bytes_in_use() == 0

        b.post("llrs", llrs(1, rv=3, attempt=2))  # its ACK was lost
        [(feedback, _)] = b.take("feedback")
        assert (feedback["ack"], feedback["outcome"]) == (True, "duplicate")
        assert b.nothing()


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        (llrs(1, user=2), "unknown_user"),
        (llrs(1, process=2), "unknown_process"),
        (llrs(1, rv=4), "invalid_version"),
        (llrs(1, attempt=32), "invalid_version"),
        (pdu(np.zeros(N - 1), **meta()), "wrong_length"),
        (pdu(np.zeros(0), **meta()), "wrong_length"),
    ],
)
def test_refusals_are_reported_to_the_sender(message, outcome):
    with harq_bench() as b:
        b.post("llrs", message)
        [(feedback, _)] = b.take("feedback")
        assert (feedback["ack"], feedback["stored"], feedback["outcome"]) == (False, False, outcome)
        assert b.block.counters()["combine." + outcome] == 1
        assert b.nothing()


def test_a_stale_transmission_is_answered_with_the_newest_indicator():
    with harq_bench() as b:
        b.post("llrs", llrs(1, ndi=9))
        b.take("combined")
        b.post("decoded", verdict(True, ndi=9))
        b.take("feedback")
        b.post("llrs", llrs(1, ndi=8))
        [(feedback, _)] = b.take("feedback")
        assert (feedback["ack"], feedback["outcome"], feedback["newest_ndi"]) == (False, "stale", 9)


def test_messages_that_cannot_be_read_are_counted_and_dropped():
    bad = [
        pmt.PMT_NIL,
        pmt.intern("text"),
        pmt.cons(pmt.intern("a"), pmt.intern("b")),
        pmt.from_long(3),
        pmt.to_pmt(meta()),
        pdu(np.zeros(N, np.uint8), **meta()),
        pdu(np.zeros(N), user=0, process=0, ndi=0, rv=0),
        pdu(np.zeros(N), **{**meta(), "ndi": 256}),
        pdu(np.zeros(N), **{**meta(), "user": -1}),
        pdu(np.zeros(N), **{**meta(), "user": "zero"}),
        pdu(np.zeros(N), **{**meta(), "rv": 0.5}),
    ]
    with harq_bench() as b:
        for message in bad:
            b.post("llrs", message)
            b.post("decoded", message)
        b.post("decoded", pdu(np.zeros(4, np.uint8), **meta(), crc_ok=1))  # not a truth value
        b.wait(lambda: b.block.counters()["malformed"] == len(bad))
        b.wait(lambda: b.block.counters()["malformed_verdicts"] == len(bad) + 1)
        b.post("llrs", llrs(1))
        assert len(b.take("combined")) == 1  # and it still works
        assert b.nothing()


@pytest.mark.parametrize("spoilt", [{"attempt": 32}, {"rv": 4}, {"user": 2}, {"process": 2}])
def test_a_verdict_on_what_cannot_be_acknowledges_nothing(spoilt):
    """The sender would take an ACK for delivered, and the block would be lost."""
    with harq_bench() as b:
        b.post("llrs", llrs(1))
        b.take("combined")
        b.post("decoded", verdict(True, **spoilt))
        b.wait(lambda: b.block.counters()["malformed_verdicts"] == 1)
        assert b.nothing()
        b.post("decoded", verdict(True))
        [(feedback, _)] = b.take("feedback")
        assert feedback["ack"] and len(b.take("delivered")) == 1


def test_copies_of_a_transmission_do_not_count_twice():
    with harq_bench() as b:
        b.post("llrs", llrs(1))
        b.post("llrs", llrs(1))  # while the first is in decoding
        b.take("combined")
        # Ports are not served in order of arrival: the verdict could overtake the copy.
        b.wait(lambda: b.block.counters()["in_decoding"] == 1)
        b.post("decoded", verdict(False))
        b.take("feedback")
        b.post("llrs", llrs(1))  # and after it was stored
        [(feedback, _)] = b.take("feedback")
        assert (feedback["ack"], feedback["stored"], feedback["outcome"]) == (
            False,
            True,
            "repeated",
        )
        b.post("llrs", llrs(1, attempt=1))
        [(_, values)] = b.take("combined")
        np.testing.assert_array_equal(values, np.full(N, 2.0))
        counters = b.block.counters()
        assert counters["in_decoding"] == counters["combine.repeated"] == 1
        b.post("decoded", verdict(True, attempt=1))
        b.post("decoded", verdict(True, attempt=1))
        outcomes = [f["outcome"] for f, _ in b.take("feedback", 2)]
        assert outcomes == ["released", "duplicate"]
        assert len(b.take("delivered")) == 1 and b.nothing()


def test_a_failure_after_another_attempt_passed_is_acknowledged():
    """The latest feedback may be the only one that arrives: it must not ask for the block again."""
    with harq_bench() as b:
        b.post("llrs", llrs(1))
        b.post("llrs", llrs(1, attempt=1))
        b.take("combined", 2)
        b.post("decoded", verdict(True, attempt=1))
        b.post("decoded", verdict(False))
        answers = [(f["ack"], f["stored"], f["outcome"]) for f, _ in b.take("feedback", 2)]
        assert answers == [(True, False, "released"), (True, False, "duplicate")]
        assert len(b.take("delivered")) == 1 and b.block.bytes_in_use() == 0


def test_verdicts_that_never_come_give_way_to_new_blocks():
    with harq_bench(max_pending=1) as b:
        b.post("llrs", llrs(1))
        b.post("llrs", llrs(2, process=1))
        [(feedback, _)] = b.take("feedback")
        assert (feedback["process"], feedback["ack"], feedback["stored"]) == (0, False, True)
        assert feedback["outcome"] == "undecoded"
        b.post("decoded", verdict(False))  # too late to matter
        b.wait(lambda: b.block.counters()["unmatched_verdicts"] == 1)
        b.take("combined", 2)
        b.post("decoded", verdict(True))  # a pass always matters
        [(feedback, _)] = b.take("feedback")
        assert (feedback["ack"], feedback["outcome"]) == (True, "released")
        assert len(b.take("delivered")) == 1


def test_a_block_given_up_by_the_sender_that_decodes_after_all_is_delivered_once():
    with harq_bench() as b:
        b.post("llrs", llrs(1, ndi=0))
        b.post("llrs", llrs(1, ndi=1))
        b.take("combined", 2)
        b.post("decoded", verdict(True, ndi=1))
        b.post("decoded", verdict(True, ndi=0))
        b.post("decoded", verdict(True, ndi=0))
        outcomes = [f["outcome"] for f, _ in b.take("feedback", 3)]
        assert outcomes == ["released", "stale", "stale"]
        assert [m["ndi"] for m, _ in b.take("delivered", 2)] == [1, 0]
        assert b.nothing("delivered")


def test_a_user_that_was_forgotten_may_use_the_same_indicators_again():
    with harq_bench() as b:
        b.post("decoded", verdict(True, ndi=0))
        b.post("decoded", verdict(True, user=1, ndi=0))
        assert len(b.take("delivered", 2)) == 2
        b.block.forget(0)
        b.block.forget(99)  # nobody
        b.take("feedback", 2)
        for ndi in (1, 0):  # new blocks; the first is late
            b.post("decoded", verdict(True, ndi=ndi))
        assert [m["ndi"] for m, _ in b.take("delivered", 2)] == [1, 0]
        outcomes = [f["outcome"] for f, _ in b.take("feedback", 2)]
        assert outcomes == ["released", "stale"]
        b.post("decoded", verdict(True, user=1, ndi=0))  # another user's are remembered
        assert b.take("feedback")[0][0]["outcome"] == "duplicate"
        assert b.nothing("delivered")


def test_a_full_store_is_reported_and_the_block_still_decodes_alone():
    with harq_bench(budget_bytes=0) as b:
        b.post("llrs", llrs(1))
        b.take("combined")
        b.post("decoded", verdict(False))
        [(feedback, _)] = b.take("feedback")
        assert (feedback["ack"], feedback["stored"], feedback["outcome"]) == (False, False, "full")
        b.post("llrs", llrs(1, attempt=1))
        b.take("combined")
        b.post("decoded", verdict(True, attempt=1))
        [(feedback, _)] = b.take("feedback")
        assert feedback["ack"] and len(b.take("delivered")) == 1


def test_stats_tell_occupancy_and_outcomes():
    with harq_bench(stats_every=2) as b:
        b.post("llrs", llrs(1))
        b.take("combined")
        b.post("decoded", verdict(False))
        b.take("feedback")
        b.post("llrs", llrs(1, user=1))
        [(stats, _)] = b.take("stats")
        assert stats["bytes_in_use"] == stats["peak_bytes"] == b.block.bytes_in_use() > 0
        assert stats["combine.first"] == 2 and stats["keep.kept"] == 1 and stats["codec"] == "float"
        assert stats["bits_per_llr"] == pytest.approx(b.block.bits_per_llr())


def test_occupancy_and_bits_per_llr_are_streams_too():
    block, top = buffer(stream_rate=1000.0), gr.top_block()
    probes = [blocks.probe_signal_f() for _ in range(2)]
    for port, probe in enumerate(probes):
        top.connect((block, port), probe)
    top.msg_connect(block, "combined", block, "decoded")  # a decoder that always fails
    top.start()
    block.to_basic_block()._post(pmt.intern("llrs"), pdu(np.ones(N), **meta(), crc_ok=False))
    give_up = time.monotonic() + 10
    while 0 in [p.level() for p in probes] and time.monotonic() < give_up:
        time.sleep(0.01)
    body = 4 * N + algorithms.harq_store.record_overhead
    assert (probes[0].level(), probes[1].level()) == (body, pytest.approx(8 * body / N))
    top.stop()
    top.wait()


def test_the_streams_show_no_time_before_the_start():
    block, sink = buffer(stream_rate=1000.0), blocks.vector_sink_f()
    for _ in range(2):
        time.sleep(0.5)
        top, begin, before = gr.top_block(), time.monotonic(), len(sink.data())
        top.connect(block, sink)
        top.start()
        time.sleep(0.05)
        top.stop()
        top.wait()
        assert 0 < len(sink.data()) - before <= 1000 * (time.monotonic() - begin) + 2


def test_refuses_bad_parameters_in_one_sentence():
    for bad in (dict(users=0), dict(codec="nonsense"), dict(storage="x"), dict(stream_rate=0.0)):
        with pytest.raises(ValueError) as caught:
            buffer(**bad)
        assert "\n" not in str(caught.value)
    block = buffer()
    with pytest.raises(ValueError):
        block.set_codec("nonsense")
    assert block.codec() == "float"
