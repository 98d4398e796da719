# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flowgraph around stream blocks: vectors and tags in, vectors and tags out."""

import numpy as np
import pmt
from gnuradio import blocks, gr

_SOURCES = {"u": blocks.vector_source_b, "f": blocks.vector_source_f, "c": blocks.vector_source_c}
_SINKS = {"u": blocks.vector_sink_b, "f": blocks.vector_sink_f, "c": blocks.vector_sink_c}
_TYPES = {"u": np.uint8, "f": np.float32, "c": np.complex64}


def tag(offset, key, value):
    """A stream tag; `value` may be a pmt."""
    one = gr.tag_t()
    one.offset, one.key = offset, pmt.intern(key)
    one.value = value if isinstance(value, pmt.pmt_base) else pmt.to_pmt(value)
    return one


def source(vectors, tags=(), repeat=False):
    """Plays the rows of an array of uint8, floats or complex numbers."""
    vectors = np.asarray(vectors)
    rows = vectors.reshape(len(vectors), -1)
    return _SOURCES[vectors.dtype.kind](rows.ravel().tolist(), repeat, rows.shape[1], [*tags])


def sink(kind, vlen):
    """Keeps what comes: "u", "f" or "c" items of `vlen`."""
    return _SINKS[kind](vlen)


def rows(kept, kind, vlen):
    """What a sink kept, one row an item."""
    return np.array(kept.data(), _TYPES[kind]).reshape(-1, vlen)


def seen(kept, key=None):
    """(offset, key, value) of the tags that a sink kept, or (offset, value) of one key."""
    all_tags = sorted((t.offset, pmt.symbol_to_string(t.key), _plain(t.value)) for t in kept.tags())
    return all_tags if key is None else [(o, v) for o, k, v in all_tags if k == key]


def _plain(value):
    python = pmt.to_python(value)
    return python.tolist() if isinstance(python, np.ndarray) else python


def run(vectors, block, kind, vlen, tags=()):
    """Play `vectors` through one block: (rows that came out, the sink)."""
    graph, kept = gr.top_block(), sink(kind, vlen)
    graph.connect(source(vectors, tags), block, kept)
    graph.run()
    return rows(kept, kind, vlen), kept


class Gate(gr.sync_block):
    """Passes items on, and calls `act` once, between the items before and after `at`."""

    def __init__(self, vlen, at, act):
        gr.sync_block.__init__(self, "gate", [(np.float32, vlen)], [(np.float32, vlen)])
        self.at, self.act = at, act

    def work(self, input_items, output_items):
        done = self.nitems_written(0)
        n = len(output_items[0])
        if done < self.at:
            n = min(n, self.at - done)
        elif self.act:
            self.act()
            self.act = None
        output_items[0][:n] = input_items[0][:n]
        return n
