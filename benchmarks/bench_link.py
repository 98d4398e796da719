# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The link's classes, microseconds a packet on one core: 108 subcarriers, 64-QAM, 1096 samples.

A value is the least of seven rounds of 1,000 packets, called from Python. The demapper is timed on
every instruction set that this processor has. There is no peer: no packaged one does the same work.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from gnuradio.fewbit import algorithms
from timing import Candidate, least, on_every_set, time_rounds

PACKETS, NOISE_VARIANCE = 1000, 0.06
ROUNDS = 7


def rows(quick: bool = False) -> list[dict]:
    """Every class that a packet passes; all of it takes seconds, so `quick` changes nothing."""
    bits = np.random.default_rng(1).integers(0, 2, (PACKETS, 648), dtype=np.uint8)
    mapper = algorithms.qam_mapper(6)
    channel, noise = algorithms.tdl_channel("EPA"), algorithms.awgn(1)
    jakes = algorithms.tdl_channel("EPA", "jakes", 10.0)
    gains = channel.draw(PACKETS)
    received = noise.add(gains * mapper.map(bits), NOISE_VARIANCE)
    samples = np.ones(PACKETS * 1096, np.complex64)
    portable = {
        "qam_mapper.map, 648 bits": lambda: mapper.map(bits),
        "tdl_channel.draw, 108 gains, block": lambda: channel.draw(PACKETS),
        "tdl_channel.draw, 108 gains, jakes": lambda: jakes.draw(PACKETS, 1e-3),
        "tdl_channel.filter, 1096 samples, EPA": lambda: channel.filter(samples),
        "awgn.add, 108 values": lambda: noise.add(received, NOISE_VARIANCE),
        "awgn.add, 1096 samples": lambda: noise.add(samples, NOISE_VARIANCE),
    }
    found = [row(name, {"portable": Candidate(c, PACKETS)}) for name, c in portable.items()]
    for method in ("exact", "max_log"):
        demapper = algorithms.soft_demapper(6, method)
        found.append(
            row(
                f"soft_demapper.demap, 648 LLRs, {method}",
                on_every_set(lambda d=demapper: d.demap(received, gains, NOISE_VARIANCE), PACKETS),
            )
        )
    return found


def row(name: str, ours: Mapping[str, Candidate]) -> dict:
    found = least(time_rounds(ours, ROUNDS))
    return {"name": f"link, {name}", "unit": "us", "ours": found, "peers": {}, "limit": None}


if __name__ == "__main__":
    for found in rows():
        timings = "  ".join(f"{key} {value:.2f}" for key, value in found["ours"].items())
        print(f"{found['name']:45s} {timings}")
