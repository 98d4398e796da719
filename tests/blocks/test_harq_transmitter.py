# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HARQ transmitter's protocol, answered by hand."""

import time

import numpy as np
import pmt
import pytest
from gnuradio import fewbit
from message_bench import Bench, pdu


def harq_bench(users=1, processes=1, **options):
    options = {"payload_bits": 16, "timeout_ms": 0.0, **options}
    return Bench(fewbit.harq_transmitter(users, processes, **options), "pdus", "done")


def answer(b, to, ack, **more):
    fields = {k: to[k] for k in ("user", "process", "ndi", "attempt")}
    b.post("feedback", pmt.to_pmt({**fields, "ack": ack, **more}))


def test_every_process_sends_one_block_and_waits():
    with harq_bench(users=2, processes=3) as b:
        sent = b.take("pdus", 6)
        assert {(m["user"], m["process"]) for m, _ in sent} == {
            (u, p) for u in range(2) for p in range(3)
        }
        assert [m["packet_id"] for m, _ in sent] == list(range(6))
        assert all(m["ndi"] == m["rv"] == m["attempt"] == 0 for m, _ in sent)
        assert all(set(bits) <= {0, 1} and len(bits) == 16 for _, bits in sent)
        assert b.nothing()
        answer(b, sent[4][0], True)
        [(m, _)] = b.take("pdus")
        assert (m["user"], m["process"]) == (sent[4][0]["user"], sent[4][0]["process"])
        assert (m["packet_id"], m["ndi"]) == (6, 1)
        assert b.nothing()


def test_a_refused_block_is_sent_again_with_the_next_version_until_it_fails():
    with harq_bench(max_attempts=6, rv_sequence=[0, 2, 3, 1]) as b:
        [(m, first_bits)] = b.take("pdus")
        for attempt, rv in enumerate([2, 3, 1, 0, 2], 1):
            answer(b, m, False, stored=True)
            [(m, bits)] = b.take("pdus")
            assert (m["attempt"], m["rv"], m["ndi"], m["packet_id"]) == (attempt, rv, 0, 0)
            np.testing.assert_array_equal(bits, first_bits)
        answer(b, m, False, stored=True)
        [(m, bits)] = b.take("pdus")
        assert (m["attempt"], m["rv"], m["ndi"], m["packet_id"]) == (0, 0, 1, 1)
        assert (bits != first_bits).any()
        c = b.block.counters()
        assert (c["sent"], c["failed"], c["in_flight"], c["nacks"]) == (2, 1, 1, 6)


def test_versions_begin_again_when_the_receiver_stored_nothing():
    with harq_bench() as b:
        [(m, _)] = b.take("pdus")
        answer(b, m, False, stored=True)
        [(m, _)] = b.take("pdus")
        answer(b, m, False, stored=False)
        [(m, _)] = b.take("pdus")
        assert (m["attempt"], m["rv"]) == (2, 0)


def test_feedback_for_anything_but_the_latest_transmission_is_late():
    with harq_bench() as b:
        [(first, _)] = b.take("pdus")
        answer(b, first, False)
        [(second, _)] = b.take("pdus")
        answer(b, first, False)  # a copy of the NACK
        b.wait(lambda: b.block.counters()["late_feedback"] == 1)
        assert b.nothing()
        answer(b, first, True)  # any attempt's ACK ends the block
        [(third, _)] = b.take("pdus")
        assert third["ndi"] == 1
        answer(b, second, True)
        b.wait(lambda: b.block.counters()["late_feedback"] == 2)
        assert b.nothing()
        assert b.block.counters()["acknowledged"] == 1


def test_feedback_that_cannot_be_read_is_counted_and_dropped():
    good = {"user": 0, "process": 0, "ndi": 0, "ack": True}
    bad = [pmt.PMT_NIL, pmt.from_long(1), pmt.cons(pmt.intern("a"), pmt.intern("b"))]
    bad += [pmt.to_pmt({k: v for k, v in good.items() if k != key}) for key in good]
    bad += [pmt.to_pmt({**good, "user": 1}), pmt.to_pmt({**good, "process": 1})]
    bad += [pmt.to_pmt({**good, "ndi": "corrupted"}), pmt.to_pmt({**good, "ack": 1})]
    with harq_bench() as b:
        b.take("pdus")
        for message in bad:
            b.post("feedback", message)
        b.wait(lambda: b.block.counters()["malformed_feedback"] == len(bad))
        assert b.nothing()
        b.post("feedback", pmt.to_pmt(good))
        b.take("pdus")


def test_silence_sends_a_block_again_and_then_gives_it_up():
    with harq_bench(timeout_ms=20.0, max_attempts=3, n_packets=1) as b:
        attempts = [m["attempt"] for m, _ in b.take("pdus", 3)]
        assert attempts == [0, 1, 2]
        b.take("done")
        c = b.block.counters()
        assert (c["failed"], c["timeouts"], c["in_flight"]) == (1, 3, 0)
        assert b.block.complete() and b.nothing()


def test_it_stops_at_once_and_goes_on_where_it_was():
    block = fewbit.harq_transmitter(1, 1, 16, timeout_ms=60_000.0)
    begin = time.monotonic()
    with Bench(block, "pdus") as b:
        [(m, _)] = b.take("pdus")
    assert time.monotonic() - begin < 10  # not the ticker's 15 s
    b.top.start()
    answer(b, m, True)
    [(m, _)] = b.take("pdus")
    assert m["packet_id"] == 1
    b.top.stop()
    b.top.wait()


def test_a_sender_behind_its_receiver_jumps_ahead_once():
    with harq_bench() as b:
        [(m, bits)] = b.take("pdus")
        answer(b, m, False, outcome="stale", newest_ndi=200)
        [(m, again)] = b.take("pdus")
        assert (m["ndi"], m["attempt"], m["packet_id"]) == (201, 0, 0)
        np.testing.assert_array_equal(bits, again)
        answer(b, m, False, outcome="stale", newest_ndi=250)
        [(m, _)] = b.take("pdus")
        assert (m["ndi"], m["attempt"]) == (201, 1)


def test_payloads_come_from_the_port_with_their_metadata():
    with harq_bench(payload_bits=0, n_packets=2) as b:
        assert b.nothing()
        b.post("payloads", pmt.intern("no PDU"))
        b.post("payloads", pdu(np.array([1, 0, 1], np.uint8), note="kept", user=77))
        [(m, bits)] = b.take("pdus")
        assert (m["note"], m["user"]) == ("kept", 0)
        np.testing.assert_array_equal(bits, [1, 0, 1])
        b.post("payloads", pdu(np.array([0], np.uint8)))
        b.wait(lambda: b.block.counters()["queued"] == 1)
        answer(b, m, True)
        [(m, bits)] = b.take("pdus")
        assert len(bits) == 1
        answer(b, m, True)
        b.take("done")
        assert b.block.counters()["malformed_payloads"] == 1


def test_a_payload_of_another_length_is_sent_back_and_holds_no_process():
    """Without feedback or timeout: a process that took it would never send again."""
    block = fewbit.harq_transmitter(1, 1, payload_bits=16, timeout_ms=0.0, random=False)
    with Bench(block, "pdus", "refused") as b:
        assert b.nothing()  # no random payloads were asked for
        for length in (15, 17, 0):
            b.post("payloads", pdu(np.ones(length, np.uint8), note=length))
        refused = b.take("refused", 3)
        assert [(m["reason"], m["note"], len(bits)) for m, bits in refused] == [
            ("wrong_length", length, length) for length in (15, 17, 0)
        ]
        b.post("payloads", pdu(np.ones(16, np.uint8)))
        [(m, bits)] = b.take("pdus")
        assert (m["packet_id"], len(bits)) == (0, 16)
        c = block.counters()
        assert (c["wrong_length_payloads"], c["sent"], c["malformed_payloads"]) == (3, 1, 0)


def test_a_payload_of_another_length_is_refused_beside_random_ones():
    with harq_bench(payload_bits=16) as b:
        [(m, random_bits)] = b.take("pdus")
        b.post("payloads", pdu(np.ones(8, np.uint8)))
        b.post("payloads", pdu(np.ones(16, np.uint8)))
        b.wait(lambda: b.block.counters()["queued"] == 1)
        answer(b, m, True)
        [(m, bits)] = b.take("pdus")
        assert bits.all() and not random_bits.all()
        assert b.block.counters()["wrong_length_payloads"] == 1


def test_a_full_queue_sends_payloads_back():
    block = fewbit.harq_transmitter(1, 1, payload_bits=1, timeout_ms=0.0, random=False)
    with Bench(block, "pdus", "refused") as b:
        for _ in range(4096 + 2):  # one is under way
            b.post("payloads", pdu(np.ones(1, np.uint8)))
        [(m, _)] = b.take("refused")
        assert m["reason"] == "queue_full"
        c = block.counters()
        assert (c["queued"], c["refused_payloads"], c["sent"]) == (4096, 1, 1)


@pytest.mark.parametrize("random", [False, True])
def test_payloads_beyond_the_blocks_to_send_are_sent_back(random):
    block = fewbit.harq_transmitter(1, 1, payload_bits=8, n_packets=3, timeout_ms=0, random=random)
    with Bench(block, "pdus", "refused", "done") as b:
        sent = b.take("pdus") if random else []
        for note in range(4):
            b.post("payloads", pdu(np.ones(8, np.uint8), note=note))
        sent = sent or b.take("pdus")
        wanted = 2 if random else 3
        refused = b.take("refused", 4 - wanted)
        assert [(m["reason"], m["note"]) for m, _ in refused] == [
            ("surplus", note) for note in range(wanted, 4)
        ]
        for _ in range(2):
            answer(b, sent[-1][0], True)
            sent += b.take("pdus")
        assert [m["note"] for m, _ in sent[-wanted:]] == list(range(wanted))
        answer(b, sent[-1][0], True)
        b.take("done")
        b.post("payloads", pdu(np.ones(8, np.uint8), note="late"))
        [(m, _)] = b.take("refused")
        assert (m["reason"], m["note"]) == ("surplus", "late")
        assert block.counters()["surplus_payloads"] == len(refused) + 1


def test_random_payloads_depend_on_seed_and_number_alone():
    def payloads(seed, users):
        with harq_bench(users=users, payload_bits=64, seed=seed) as b:
            return {m["packet_id"]: bits.tobytes() for m, bits in b.take("pdus", users)}

    few, many = payloads(1, 3), payloads(1, 100)
    assert all(many[k] == v for k, v in few.items())
    assert len(set(many.values())) == 100
    assert payloads(2, 3)[0] != few[0]
    ones = sum(np.frombuffer(v, np.uint8).astype(int).sum() for v in many.values())
    assert abs(ones - 3200) < 5 * 40  # 6400 fair bits: standard deviation 40


def test_refuses_bad_parameters_in_one_sentence():
    for bad in (
        dict(users=0, processes=1),
        dict(users=1, processes=0),
        dict(users=1 << 16, processes=1 << 16),
        dict(users=1, processes=1, max_attempts=0),
        dict(users=1, processes=1, max_attempts=33),
        dict(users=1, processes=1, rv_sequence=[]),
        dict(users=1, processes=1, rv_sequence=[0, 4]),
        dict(users=1, processes=1, timeout_ms=-1.0),
        dict(users=1, processes=1, timeout_ms=float("nan")),
    ):
        with pytest.raises(ValueError, match="expected") as caught:
            fewbit.harq_transmitter(**bad)
        assert "\n" not in str(caught.value)
