# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the error meter counts, of messages and of streams."""

import math

import numpy as np
import pmt
import pytest
from gnuradio import blocks, fewbit, gr
from gnuradio.fewbit import algorithms
from message_bench import Bench, pdu

BITS = np.arange(20) % 2


def meter(**options):
    return Bench(fewbit.error_meter(**options), "report", "done")


def received(packet_id, wrong=0, attempt=0, crc_ok=None, length=20):
    bits = BITS.astype(np.uint8)[:length].copy()
    bits[:wrong] ^= 1
    ok = wrong == 0 if crc_ok is None else crc_ok
    return pdu(bits, packet_id=packet_id, attempt=attempt, crc_ok=ok)


def sent(packet_id, attempt=0):
    return pdu(BITS.astype(np.uint8), packet_id=packet_id, attempt=attempt)


def count(b, port, messages, **expected):
    for message in messages:
        b.post(port, message)
    b.wait(lambda: all(b.block.report()[k] == v for k, v in expected.items()))


def test_transmissions_and_blocks_are_counted_apart():
    with meter(max_attempts=2) as b:
        count(b, "sent", [sent(i) for i in range(4)], under_way=4)
        first = [received(0), received(1, 4), received(2, 2), received(3, 1)]
        count(b, "received", first, **{"first.blocks": 4, "first.block_errors": 3})
        again = [received(1, 0, 1), received(2, 3, 1)]
        count(b, "received", again, **{"attempt_1.blocks": 2})
        report = b.block.report()
        assert report["first.bler"] == 0.75 and report["first.ber"] == 7 / 80
        assert (report["after_harq.blocks"], report["after_harq.block_errors"]) == (3, 1)
        assert (report["after_harq.bits"], report["after_harq.bit_errors"]) == (60, 3)
        assert (report["under_way"], report["mean_attempts"]) == (1, 1.5)
        interval = algorithms.clopper_pearson_interval(1, 3)
        assert (report["after_harq.bler_low"], report["after_harq.bler_high"]) == (
            interval.low,
            interval.high,
        )


def test_attempts_beyond_the_last_have_a_counter_of_their_own():
    """A sender of more attempts than the meter was told of: its blocks end at the last that the
    meter knows, whatever comes later, and the report says that something came."""
    with meter(max_attempts=2) as b:
        count(b, "sent", [sent(i) for i in range(2)], under_way=2)
        wrong = [received(0, 3, attempt) for attempt in (0, 1)]
        count(b, "received", wrong, **{"after_harq.block_errors": 1})
        late = [received(0, 0, attempt) for attempt in (2, 31, 32, 2**40)]
        count(b, "received", late, beyond_max_attempts=4)
        report = b.block.report()
        assert (report["malformed"], report["late"], report["repeated"]) == (0, 0, 0)
        assert report["undetected"] == 0  # wrong, and the CRC said so
        assert (report["after_harq.blocks"], report["after_harq.block_errors"]) == (1, 1)
        count(b, "received", [received(1, 0, 1)], **{"after_harq.blocks": 2})
        count(b, "reset", [pmt.PMT_NIL], beyond_max_attempts=0)


def test_bits_that_arrive_before_their_block_was_sent_wait_for_it():
    with meter(max_attempts=1) as b:
        count(b, "received", [received(0, 5), received(1)], under_way=2)
        assert b.block.report()["first.blocks"] == 0
        count(b, "sent", [sent(1), sent(0)], under_way=0, **{"first.bit_errors": 5})


def test_copies_and_late_transmissions_do_not_count():
    with meter(max_attempts=3) as b:
        count(b, "sent", [sent(0), sent(0, 1)], under_way=1)
        messages = [received(0, 1), received(0, 1), received(0, 0, 1), received(0, 0, 1)]
        count(b, "received", messages, repeated=2)
        count(b, "received", [received(0, 9, 2)], late=1)
        report = b.block.report()
        assert (report["after_harq.blocks"], report["after_harq.block_errors"]) == (1, 0)


def test_blocks_that_never_end_are_lost_blocks():
    with meter(max_attempts=2, table_size=10) as b:
        count(b, "sent", [sent(i) for i in range(25)], lost=15, under_way=10)
        assert b.block.report()["after_harq.block_errors"] == 15
        assert math.isnan(b.block.report()["after_harq.ber"])


def test_what_the_crc_missed_is_an_error_and_said_so():
    with meter(max_attempts=1) as b:
        count(b, "sent", [sent(0), sent(1)], under_way=2)
        messages = [received(0, 2, crc_ok=True), received(1, length=15)]
        count(b, "received", messages, undetected=2)
        assert b.block.report()["after_harq.block_errors"] == 2
        assert b.block.report()["after_harq.bit_errors"] == 2 + 5  # missing bits are wrong


def test_verdicts_alone_are_enough():
    with meter(max_attempts=2, compare=False) as b:
        verdicts = [(0, 0, True), (1, 0, False), (1, 1, True), (2, 0, False), (2, 1, False)]
        messages = [pmt.to_pmt(dict(packet_id=i, attempt=a, crc_ok=ok)) for i, a, ok in verdicts]
        count(b, "received", messages, **{"after_harq.blocks": 3})
        report = b.block.report()
        assert (report["first.bler"], report["after_harq.bler"]) == (2 / 3, 1 / 3)


def test_messages_that_cannot_be_read_are_counted():
    bad = [pmt.PMT_NIL, pmt.intern("x"), pdu(BITS.astype(np.uint8)), pdu(np.zeros(3), packet_id=1)]
    with meter(max_attempts=2) as b:
        count(b, "sent", bad, malformed=4)
        count(b, "received", [*bad, received(0, attempt=-1)], malformed=9)


@pytest.mark.parametrize(
    ("rule", "blocks_needed"),
    [(dict(min_errors=3), 6), (dict(max_blocks=5), 5), (dict(relative_width=1.5), None)],
)
def test_it_stops_when_it_knows_enough(rule, blocks_needed):
    with meter(max_attempts=1, report_every=2, **rule) as b:
        count(b, "sent", [sent(i) for i in range(200)], under_way=200)
        for i in range(200):  # every second one is wrong
            b.post("received", received(i, i % 2))
        b.take("done")
        b.wait(b.block.is_done)
        report = b.block.report()
        if blocks_needed:
            assert report["after_harq.blocks"] == blocks_needed
        else:
            width = report["after_harq.bler_high"] - report["after_harq.bler_low"]
            assert width <= 1.5 * report["after_harq.bler"]
        messages = b.recorders["report"].messages
        # the recorder of the reports is another thread than that of `done`
        b.wait(
            lambda: (
                len(messages) >= 2
                and pmt.to_python(messages[-1])["after_harq.blocks"] == report["after_harq.blocks"]
            )
        )
        b.post("reset", pmt.PMT_NIL)
        b.wait(lambda: not b.block.is_done())
        assert b.block.report()["after_harq.blocks"] == 0


def streams(a, b, plots=False, **options):
    top, block = gr.top_block(), fewbit.error_meter(max_attempts=1, **options)
    for port, items in enumerate((a, b)):
        top.connect(blocks.vector_source_b(items.astype(np.uint8).tolist()), (block, port))
    sink = blocks.vector_sink_f()
    if plots:
        top.connect((block, 2), sink)
        for port in range(2):
            top.connect((block, port), blocks.null_sink(gr.sizeof_float))
    top.run()
    return block.report(), np.array(sink.data())


def test_streams_of_bits_are_counted_in_blocks():
    rng = np.random.default_rng(3)
    a = rng.integers(0, 2, 100_000)
    errors = rng.random(a.size) < 1e-3
    report, _ = streams(a, a ^ errors, block_bits=250)
    assert report["first.bits"] == a.size and report["first.bit_errors"] == errors.sum()
    assert report["first.block_errors"] == errors.reshape(-1, 250).any(axis=1).sum()


def test_a_stream_ends_exactly_at_the_block_that_meets_the_rule():
    a = np.zeros(1_000_000)
    b = np.tile(np.r_[np.zeros(999), 1], 1000)
    report, _ = streams(a, b, block_bits=500, min_errors=7)
    assert (report["first.blocks"], report["first.block_errors"]) == (14, 7)


def test_a_plot_stream_follows_the_rate():
    a = np.zeros(3_000_000)
    _, values = streams(a, a + 1, plots=True, block_bits=100, window=10, stream_rate=1e4)
    assert values.size > 0 and values[-1] == pytest.approx(1.0)


def test_one_stream_alone_is_refused():
    top, block = gr.top_block(), fewbit.error_meter()
    top.connect(blocks.vector_source_b([0, 1]), (block, 0))
    with pytest.raises(RuntimeError):
        top.start()


def test_refuses_bad_parameters_in_one_sentence():
    for bad in (
        dict(max_attempts=0),
        dict(max_attempts=33),
        dict(table_size=0),
        dict(block_bits=0),
        dict(window=0),
        dict(relative_width=-1.0),
        dict(stream_rate=float("nan")),
    ):
        with pytest.raises(ValueError, match="expected") as caught:
            fewbit.error_meter(**bad)
        assert "\n" not in str(caught.value)
