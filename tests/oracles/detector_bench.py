# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flowgraph around the MIMO detector's block, and what the class says in its place."""

from pathlib import Path

import numpy as np
import pmt
from gnuradio import gr
from gnuradio.fewbit import algorithms
from stream_bench import rows, sink, source

MODEL = Path(__file__).resolve().parents[2] / "models" / "kaq_admm5.safetensors"
UNFOLDED = f"unfolded:{MODEL}"
K = 4  # bits per symbol


def received(n, m=4, k=4, block_len=1, v=0.05, seed=3):
    """(bits [n, k K], y [n, m], H [n / block_len, m, k])"""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (n, k * K), dtype=np.uint8)
    x = algorithms.qam_mapper(K).map(bits)
    channel = algorithms.mimo_channel(m, k, v, block_len, seed=seed)
    return bits, *channel.apply(x)


def bits_of(labels):
    return ((labels[..., None] >> np.arange(K)[::-1]) & 1).reshape(len(labels), -1)


def answers(detector, y, h, v, block_len):
    """What the class says: (bits, labels, symbols, LLRs); v for all channels or each."""
    m, k = h.shape[1:]
    made = algorithms.make_detector(detector, m, k, K)
    made.prepare(h, v)
    labels, symbols, llrs, _ = made.detect(y, block_len)
    return {"bits": bits_of(labels), "labels": labels, "symbols": symbols, "llrs": llrs}


class Portions(gr.sync_block):
    """Passes items on in portions of random sizes."""

    def __init__(self, vlen, seed):
        item = [(np.complex64, vlen)]
        gr.sync_block.__init__(self, "portions", item, item)
        self.rng = np.random.default_rng(seed)

    def work(self, input_items, output_items):
        n = min(len(output_items[0]), int(self.rng.integers(1, 40)))
        output_items[0][:n] = input_items[0][:n]
        return n


def detect(block, y, h, output="bits", y_tags=(), h_tags=(), portions=None):
    """(output 0, LLRs, sinks of both)"""
    k = h.shape[2]
    kind = "c" if output == "symbols" else "u"
    width = k * K if output == "bits" else k
    graph, first, second = gr.top_block(), sink(kind, width), sink("f", k * K)
    between = [[], []]  # kept here: a flowgraph does not keep Python blocks alive
    if portions is not None:
        between = [[Portions(y.shape[1], portions)], [Portions(h[0].size, portions + 1)]]
    graph.connect(source(y, y_tags), *between[0], (block, 0))
    graph.connect(source(h, h_tags), *between[1], (block, 1))
    graph.connect(block, first)
    graph.connect((block, 1), second)
    graph.run()
    return rows(first, kind, width), rows(second, "f", k * K), first, second


def post(block, **settings):
    message = pmt.make_dict()
    for key, value in settings.items():
        message = pmt.dict_add(message, pmt.intern(key), pmt.to_pmt(value))
    block.to_basic_block()._post(pmt.intern("control"), message)
