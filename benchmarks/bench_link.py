# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The link's classes, microseconds a packet on one core: 108 subcarriers, 64-QAM, 1096 samples.

The value is the least of seven rounds of 1,000 packets. The demapper is timed on every instruction
set that this processor has.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from gnuradio.fewbit import algorithms

PACKETS, NOISE_VARIANCE = 1000, 0.06


def microseconds(call: Callable[[], object], packets: int = PACKETS) -> float:
    rounds = []
    for _ in range(7):
        began = time.perf_counter()
        call()
        rounds.append(time.perf_counter() - began)
    return 1e6 * min(rounds) / packets


def main() -> None:
    bits = np.random.default_rng(1).integers(0, 2, (PACKETS, 648), dtype=np.uint8)
    mapper = algorithms.qam_mapper(6)
    channel, noise = algorithms.tdl_channel("EPA"), algorithms.awgn(1)
    jakes = algorithms.tdl_channel("EPA", "jakes", 10.0)
    gains = channel.draw(PACKETS)
    received = noise.add(gains * mapper.map(bits), NOISE_VARIANCE)
    samples = np.ones(PACKETS * 1096, np.complex64)
    rows = {
        "qam_mapper.map": lambda: mapper.map(bits),
        "tdl_channel.draw, block": lambda: channel.draw(PACKETS),
        "tdl_channel.draw, jakes": lambda: jakes.draw(PACKETS, 1e-3),
        "tdl_channel.filter, EPA": lambda: channel.filter(samples),
        "awgn.add, subcarriers": lambda: noise.add(received, NOISE_VARIANCE),
        "awgn.add, samples": lambda: noise.add(samples, NOISE_VARIANCE),
    }
    for name, call in rows.items():
        print(f"{name:32s} {microseconds(call):8.2f}")
    for instruction_set in algorithms.instruction_sets():
        algorithms.use_instruction_set(instruction_set)
        for method in ("exact", "max_log"):
            demapper = algorithms.soft_demapper(6, method)
            took = microseconds(lambda d=demapper: d.demap(received, gains, NOISE_VARIANCE))
            print(f"{'soft_demapper, ' + method + ', ' + instruction_set:32s} {took:8.2f}")
    algorithms.use_instruction_set("")


if __name__ == "__main__":
    main()
