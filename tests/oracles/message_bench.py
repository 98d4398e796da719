# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flowgraph around one message block: post to its ports, and read what comes out of them."""

import time

import numpy as np
import pmt
from gnuradio import gr


def pdu(items, **metadata):
    """A PDU of bits (integers) or LLRs (floats)."""
    items = np.asarray(items)
    meta = pmt.make_dict()
    for key, value in metadata.items():
        meta = pmt.dict_add(meta, pmt.intern(key), pmt.to_pmt(value))
    if items.dtype.kind == "f":
        return pmt.cons(meta, pmt.init_f32vector(len(items), items.astype(float).tolist()))
    return pmt.cons(meta, pmt.init_u8vector(len(items), items.tolist()))


def read(message):
    """(metadata, items) of a PDU, or (dict, None) of a dict."""
    if pmt.is_pair(message) and pmt.is_uniform_vector(pmt.cdr(message)):
        return pmt.to_python(pmt.car(message)) or {}, np.array(pmt.to_python(pmt.cdr(message)))
    return pmt.to_python(message), None


class Recorder(gr.basic_block):
    def __init__(self):
        gr.basic_block.__init__(self, "recorder", None, None)
        self.messages = []
        self.message_port_register_in(pmt.intern("in"))
        self.set_msg_handler(pmt.intern("in"), self.handle)

    def handle(self, message):
        self.messages.append(message)


class Bench:
    def __init__(self, block, *out_ports):
        self.block, self.top = block, gr.top_block("bench", catch_exceptions=False)
        self.recorders = {port: Recorder() for port in out_ports}
        for port, record in self.recorders.items():
            self.top.msg_connect(block, port, record, "in")

    def __enter__(self):
        self.top.start()
        return self

    def __exit__(self, *_):
        self.top.stop()
        self.top.wait()

    def post(self, port, message):
        self.block.to_basic_block()._post(pmt.intern(port), message)

    def take(self, port, n=1, seconds=10.0):
        """The next n messages of a port, read."""
        messages, give_up = self.recorders[port].messages, time.monotonic() + seconds
        while len(messages) < n and time.monotonic() < give_up:
            time.sleep(0.002)
        assert len(messages) >= n, f"port {port} has {len(messages)} messages, expected {n}"
        taken = [read(m) for m in messages[:n]]
        del messages[:n]
        return taken

    def wait(self, condition, seconds=10.0):
        give_up = time.monotonic() + seconds
        while not condition() and time.monotonic() < give_up:
            time.sleep(0.002)
        assert condition()

    def nothing(self, *ports):
        """Whether nothing more has come out of any port, or of those named."""
        time.sleep(0.05)
        return not any(self.recorders[p].messages for p in ports or self.recorders)
