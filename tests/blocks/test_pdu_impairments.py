# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the unkind wire does to messages."""

import numpy as np
import pmt
import pytest
from gnuradio import fewbit
from message_bench import Bench, pdu, read


def through(messages, **options):
    block = fewbit.pdu_impairments(**options)
    with Bench(block, "out") as b:
        for message in messages:
            b.post("in", message)
        b.wait(lambda: block.counters()["in"] == len(messages))
        b.wait(lambda: len(b.recorders["out"].messages) == block.counters()["out"])
        return block.counters(), b.recorders["out"].messages


def numbered(n):
    return [pdu(np.full(4, i % 2, np.uint8), number=i) for i in range(n)]


def numbers(messages):
    return [read(m)[0]["number"] for m in messages]


def test_a_kind_wire_passes_everything_on():
    messages = [*numbered(5), pmt.PMT_NIL, pmt.intern("text")]
    counters, out = through(messages)
    assert all(pmt.eqv(a, b) for a, b in zip(messages, out, strict=True))
    assert counters["in"] == counters["out"] == 7


@pytest.mark.parametrize("impairment", ["drop", "duplicate", "corrupt", "truncate"])
def test_each_impairment_happens_as_often_as_it_should(impairment):
    n, p = 2000, 0.3
    names = dict(drop="dropped", duplicate="duplicated", corrupt="corrupted", truncate="truncated")
    counters, out = through(numbered(n), **{impairment: p}, seed=5)
    count = counters[names[impairment]]
    assert abs(count - n * p) < 4 * np.sqrt(n * p * (1 - p))  # four standard deviations
    assert counters["in"] + counters["duplicated"] == counters["out"] + counters["dropped"]
    if impairment in ("drop", "duplicate"):
        assert numbers(out) == sorted(numbers(out))
        assert len(out) == n - count if impairment == "drop" else n + count
    changed = sum(list(read(m)[1]) != [read(m)[0]["number"] % 2] * 4 for m in out)
    assert changed == (count if impairment in ("corrupt", "truncate") else 0)


def test_reordering_delays_by_one_message_and_loses_none():
    n = 1000
    counters, out = through(numbered(n), reorder=0.3)
    order = numbers(out)
    assert counters["reordered"] > 100
    assert len(order) == n - counters["waiting"]
    assert len(set(order)) == len(order)
    assert order != sorted(order)
    assert max(abs(place - number) for place, number in enumerate(order)) == 1


def test_a_corrupted_message_is_a_copy():
    original = pdu(np.linspace(-1, 1, 8))
    before = list(pmt.f32vector_elements(pmt.cdr(original)))
    for seed in range(20):
        _, [out] = through([original], corrupt=1.0, seed=seed)
        changed = np.array(pmt.f32vector_elements(pmt.cdr(out)), np.float32)
        differs = changed.view(np.uint32) ^ np.array(before, np.float32).view(np.uint32)
        assert np.count_nonzero(differs) == 1  # one bit of one element
        assert bin(int(differs.max())).count("1") == 1
    assert list(pmt.f32vector_elements(pmt.cdr(original))) == before


def test_feedback_is_corrupted_in_one_value():
    feedback = {"user": 1, "ndi": 2, "ack": True}
    _, [out] = through([pmt.to_pmt(feedback)], corrupt=1.0)
    differing = [k for k, v in pmt.to_python(out).items() if v != feedback[k]]
    assert len(differing) == 1 and pmt.to_python(out)[differing[0]] == "corrupted"


def test_the_same_seed_does_the_same():
    options = dict(drop=0.2, duplicate=0.2, reorder=0.2, corrupt=0.2, truncate=0.2)
    runs = [through(numbered(200), **options, seed=seed)[1] for seed in (1, 1, 2)]
    texts = [[pmt.serialize_str(m) for m in run] for run in runs]
    assert texts[0] == texts[1] != texts[2]


def test_messages_that_cannot_be_impaired_pass():
    odd = [pmt.PMT_NIL, pmt.cons(pmt.intern("a"), pmt.intern("b")), pmt.from_long(1)]
    odd += [pmt.make_dict(), pdu(np.zeros(0, np.uint8)), pmt.init_f32vector(1, [1.0])]
    pairs = pmt.list1(pmt.cons(pmt.intern("a"), pmt.from_long(2)))  # looks like a dict, is none
    odd += [pairs, pmt.cons(pairs, pmt.init_u8vector(2, [0, 1]))]
    counters, out = through(odd, corrupt=1.0, truncate=1.0)
    assert len(out) == len(odd) and counters["corrupted"] == counters["truncated"] == 0


@pytest.mark.parametrize("bad", [-0.1, 1.1, float("nan")])
def test_refuses_what_is_no_probability(bad):
    with pytest.raises(ValueError, match="drop is"):
        fewbit.pdu_impairments(drop=bad)
    block = fewbit.pdu_impairments()
    with pytest.raises(ValueError, match="reorder is"):
        block.set_reorder(bad)
