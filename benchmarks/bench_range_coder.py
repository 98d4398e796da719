# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The range coder beside torchac, as it is installed and rebuilt at -O3; ns a symbol, one core.

A packet is 324 symbols of 64 levels (108 subcarriers, 3 latents each with a CDF of its own). They
are coded one a call, 300 different ones in turn (the same one again and again would be learnt by
the branch predictor), and 300 in one call and one stream. All are called from Python. A value is
the least of interleaved rounds, in time of the thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torchac_backends
from gnuradio.fewbit import algorithms
from timing import Candidate, least, time_rounds

LEVELS = 64
PACKET = 324
PACKETS = 300

Call = Callable[[], object]


def rows(quick: bool = False) -> list[dict[str, Any]]:
    """Encode and decode, a packet and a batch."""
    torch.set_num_threads(1)
    backends = {
        f"{torchac_backends.INSTALLED} {built}": backend
        for built, backend in torchac_backends.backends().items()
    }
    found = []
    for what, packets in (("packet by packet", 1), (f"{PACKETS} packets a call", PACKETS)):
        encoders, decoders = _candidates(packets, backends)
        for verb, candidates in (("encode", encoders), ("decode", decoders)):
            timed = {name: Candidate(call, PACKETS * PACKET) for name, call in candidates.items()}
            values = least(time_rounds(timed, 3 if quick else 15, time.thread_time), 1e-9)
            found.append(
                {
                    "name": f"range coder, {verb}, {what}",
                    "unit": "ns/symbol",
                    "ours": {"scalar": values.pop("ours")},
                    "peers": values,
                    "limit": None,
                }
            )
    return found


def _latent_cdfs() -> np.ndarray:
    """Three bell-shaped CDFs, as the latents of the soft-bit codec have them: about 5 bits."""
    places = np.linspace(-1, 1, LEVELS)
    cdfs = []
    for width in (0.25, 0.35, 0.5):
        density = np.exp(-0.5 * (places / width) ** 2)
        counts = 1 + np.floor(density / density.sum() * (65536 - LEVELS)).astype(np.int64)
        counts[LEVELS // 2] += 65536 - counts.sum()
        cdfs.append(np.concatenate([[0], np.cumsum(counts)]))
    return np.array(cdfs, dtype=np.int32)


def _candidates(packets: int, backends: dict[str, Any]) -> tuple[dict[str, Call], dict[str, Call]]:
    """What encodes, and what decodes, PACKETS packets, so many in a call."""
    n = packets * PACKET
    cdfs = _latent_cdfs()
    each = cdfs[np.arange(n) % 3]
    counts = np.random.default_rng(324).integers(0, 65536, size=(PACKETS // packets, n, 1))
    symbols = (each[:, 1:-1] <= counts).sum(axis=2).astype(np.int16)
    tables = [algorithms.cdf_table(cdf) for cdf in cdfs]
    streams = [algorithms.range_encode(row, tables) for row in symbols]
    theirs = torch.from_numpy(each.astype(np.uint16).view(np.int16))
    tensors = list(torch.from_numpy(symbols))

    encoders: dict[str, Call] = {
        "ours": lambda: [algorithms.range_encode(row, tables) for row in symbols]
    }
    decoders: dict[str, Call] = {
        "ours": lambda: [algorithms.range_decode(stream, tables, n) for stream in streams]
    }
    for name, backend in backends.items():
        encoders[name] = lambda b=backend: [b.encode_cdf(theirs, row) for row in tensors]
        decoders[name] = lambda b=backend: [b.decode_cdf(theirs, stream) for stream in streams]
    for name in encoders:
        if encoders[name]() != streams:
            raise RuntimeError(f"{name} writes another stream: nothing to compare")
        if not np.array_equal(np.stack([np.asarray(row) for row in decoders[name]()]), symbols):
            raise RuntimeError(f"{name} reads other symbols: nothing to compare")
    return encoders, decoders
