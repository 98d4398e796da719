# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The coding blocks in flowgraphs: what goes in, what comes out, and what is refused."""

import time
from functools import partial

import numpy as np
import pmt
import pytest
from gnuradio import blocks, fewbit, gr
from gnuradio.fewbit import algorithms


def bits_pdu(bits, **meta):
    items = np.asarray(bits, np.uint8)
    return pmt.cons(pmt.to_pmt(meta), pmt.init_u8vector(len(items), items.tolist()))


def llrs_pdu(llrs, **meta):
    items = np.asarray(llrs, np.float32)
    return pmt.cons(pmt.to_pmt(meta), pmt.init_f32vector(len(items), items.tolist()))


def served_by(block) -> int:
    """PDUs that the block has dealt with, passed or refused."""
    return sum(
        n for cause, n in block.counters().items() if cause not in ("failed", "not_converged")
    )


def run_through(chain, messages, expected):
    """Post messages into the chain and return the PDUs that come out, as (meta, array)."""
    top = gr.top_block()
    sink = blocks.message_debug()
    for one, next_ in zip(chain, chain[1:], strict=False):
        top.msg_connect(one, "pdus", next_, "pdus")
    top.msg_connect(chain[-1], "pdus", sink, "store")
    top.start()
    try:
        for message in messages:
            chain[0].to_basic_block()._post(pmt.intern("pdus"), message)
        deadline = time.monotonic() + 10
        served = partial(served_by, chain[0])
        while time.monotonic() < deadline and (
            sink.num_messages() < expected or served() < len(messages)
        ):
            time.sleep(0.005)
    finally:
        top.stop()
        top.wait()
    out = [sink.get_message(i) for i in range(sink.num_messages())]
    assert len(out) == expected
    return [(pmt.to_python(pmt.car(m)) or {}, np.array(pmt.to_python(pmt.cdr(m)))) for m in out]


def test_a_payload_survives_the_whole_chain_with_its_metadata():
    rng = np.random.default_rng(1)
    payloads = rng.integers(0, 2, (8, 300), dtype=np.uint8)
    sender = [fewbit.crc_append(), fewbit.ldpc_encoder(), fewbit.interleaver(648, 9)]
    sent = run_through(
        sender, [bits_pdu(p, rv=i % 4, note="kept", user=i) for i, p in enumerate(payloads)], 8
    )
    codewords = algorithms.ldpc_encoder().encode(algorithms.crc().append(payloads))
    scheme = algorithms.interleaver(648, 9)
    for i, (meta, bits) in enumerate(sent):
        assert meta == {"rv": i % 4, "note": "kept", "user": i}
        assert (bits == scheme.interleave(codewords[i], i % 4)).all()

    llrs = [4 * (2.0 * bits - 1) + rng.normal(size=648) * 2 for _, bits in sent]
    receiver = [fewbit.deinterleaver(648, 9), fewbit.ldpc_decoder(), fewbit.crc_check()]
    received = run_through(
        receiver, [llrs_pdu(x, **m) for x, (m, _) in zip(llrs, sent, strict=True)], 8
    )
    for (meta, bits), payload in zip(received, payloads, strict=True):
        assert (bits == payload).all()
        assert meta["crc_ok"] is True and meta["ldpc_converged"] is True
        assert meta["ldpc_iterations"] >= 0 and meta["note"] == "kept"


def test_the_decoder_block_gives_what_the_class_gives():
    rng = np.random.default_rng(2)
    llrs = rng.normal(size=(6, 648)).astype(np.float32) * 3
    for algorithm in ("min-sum", "sum-product"):
        block = fewbit.ldpc_decoder(algorithm=algorithm, max_iterations=7)
        out = run_through([block], [llrs_pdu(x) for x in llrs], 6)
        bits, iterations, converged = algorithms.ldpc_decoder(
            algorithm=algorithm, max_iterations=7
        ).decode(llrs)
        assert all((b == expected).all() for (_, b), expected in zip(out, bits, strict=True))
        assert [m["ldpc_iterations"] for m, _ in out] == iterations.tolist()
        assert [m["ldpc_converged"] for m, _ in out] == converged.tolist()
        assert block.counters()["not_converged"] == (~converged).sum()


def test_a_wrong_crc_is_told_or_dropped():
    word = algorithms.crc().append(np.ones(50, np.uint8))
    wrong = word.copy()
    wrong[3] ^= 1
    check = fewbit.crc_check()
    out = run_through([check], [bits_pdu(word), bits_pdu(wrong, crc_ok=True)], 2)
    assert [m["crc_ok"] for m, _ in out] == [True, False]
    assert [len(b) for _, b in out] == [50, 50]
    assert check.counters()["failed"] == 1

    check = fewbit.crc_check(drop_failed=True)
    assert check.drop_failed()
    out = run_through([check], [bits_pdu(wrong), bits_pdu(word)], 1)
    assert out[0][0]["crc_ok"] is True
    assert check.counters()["failed"] == 1 and check.counters()["passed"] == 2


def test_a_packet_of_erasures_does_not_pass_the_crc():
    # All zeros would be a codeword with a right CRC.
    for algorithm in ("min-sum", "sum-product"):
        chain = [fewbit.ldpc_decoder(algorithm=algorithm), fewbit.crc_check()]
        for value in (0.0, float("nan")):
            ((meta, _),) = run_through(chain, [llrs_pdu(np.full(648, value))], 1)
            assert meta["crc_ok"] is False and meta["ldpc_converged"] is False


ODD = {
    "not_a_pdu": [
        pmt.intern("x"),
        pmt.PMT_NIL,
        pmt.make_dict(),
        pmt.cons(pmt.intern("x"), pmt.init_u8vector(4, [0] * 4)),
        pmt.cons(pmt.cons(pmt.from_long(1), pmt.from_long(2)), pmt.init_u8vector(4, [0] * 4)),
        pmt.cons(pmt.make_dict(), pmt.intern("x")),
        pmt.cons(pmt.PMT_NIL, pmt.make_vector(4, pmt.from_long(1))),
    ],
    "wrong_type": [
        pmt.cons(pmt.make_dict(), pmt.init_c32vector(2, [1j, 2])),
        pmt.cons(pmt.PMT_NIL, pmt.init_s16vector(648, [0] * 648)),
    ],
}


@pytest.mark.parametrize(
    ("make", "good"),
    [
        (fewbit.crc_append, bits_pdu(np.zeros(10))),
        (fewbit.crc_check, bits_pdu(np.zeros(24))),
        (fewbit.ldpc_encoder, bits_pdu(np.zeros(324))),
        (fewbit.ldpc_decoder, llrs_pdu(np.ones(648))),
        (fewbit.interleaver, bits_pdu(np.zeros(648))),
        (fewbit.deinterleaver, llrs_pdu(np.zeros(648))),
    ],
)
def test_odd_messages_are_counted_and_the_block_goes_on(make, good):
    block = make()
    odd = ODD["not_a_pdu"] + ODD["wrong_type"]
    run_through([block], [*odd, good, *odd, good], 2)
    counters = block.counters()
    assert counters["passed"] == 2
    assert counters["not_a_pdu"] == 2 * len(ODD["not_a_pdu"])
    assert counters["wrong_type"] == 2 * len(ODD["wrong_type"])


@pytest.mark.parametrize(
    ("make", "pdu", "lengths"),
    [
        (fewbit.crc_check, bits_pdu, (0, 23)),
        (fewbit.ldpc_encoder, bits_pdu, (0, 323, 325, 648)),
        (fewbit.ldpc_decoder, llrs_pdu, (0, 324, 647, 649)),
        (fewbit.interleaver, bits_pdu, (0, 647, 1296)),
        (fewbit.deinterleaver, llrs_pdu, (0, 647, 1296)),
    ],
)
def test_wrong_lengths_are_counted(make, pdu, lengths):
    block = make()
    run_through([block], [pdu(np.zeros(n)) for n in lengths], 0)
    assert block.counters()["wrong_length"] == len(lengths)


def test_an_empty_pdu_gets_a_crc_and_gives_it_back():
    ((meta, bits),) = run_through([fewbit.crc_append(), fewbit.crc_check()], [bits_pdu([])], 1)
    assert len(bits) == 0 and meta["crc_ok"] is True


@pytest.mark.parametrize("rv", [-1, 4, 1.5, "0", True, 2**40])
def test_a_redundancy_version_that_is_none_is_refused(rv):
    for block, pdu in ((fewbit.interleaver(), bits_pdu), (fewbit.deinterleaver(), llrs_pdu)):
        run_through([block], [pdu(np.zeros(648), rv=rv)], 0)
        assert block.counters()["bad_rv"] == 1


def test_max_iterations_changes_while_running_and_is_checked():
    block = fewbit.ldpc_decoder()
    block.set_max_iterations(3)
    assert block.max_iterations() == 3
    for wrong in (0, 1001):
        with pytest.raises(ValueError, match="expected 1 to 1000"):
            block.set_max_iterations(wrong)
    llrs = np.random.default_rng(3).normal(size=648)
    ((meta, _),) = run_through([block], [llrs_pdu(llrs)], 1)
    assert meta["ldpc_iterations"] == 3


def test_constructors_refuse_what_is_unknown():
    for make in (fewbit.crc_append, fewbit.crc_check):
        with pytest.raises(ValueError, match="choose one of"):
            make("CRC-8")
    with pytest.raises(ValueError, match="no built-in code"):
        fewbit.ldpc_encoder("turbo")
    with pytest.raises(ValueError, match="no algorithm 'magic'"):
        fewbit.ldpc_decoder(algorithm="magic")
    with pytest.raises(ValueError, match="expected 1 to 1048576"):
        fewbit.interleaver(0)
