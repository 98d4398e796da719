#!/usr/bin/env python3
# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record the simulated antennas of four users as SigMF, for task_based_recording.grc.

The channel is not quite the one that the receiver was designed for: each entry of H is off by a
random factor. Two recordings are written: NAME (12 antennas, with annotated pilots) and NAME_sent
(the users' bits, to count errors).

    .venv/bin/python examples/record_detection.py detection
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from gnuradio import blocks, fewbit, gr
from gnuradio.fewbit import sigmf

USERS, ANTENNAS = 4, 12
H = np.exp(-np.abs(np.subtract.outer(np.arange(ANTENNAS), np.arange(USERS))))


def record(name: Path, vectors: int, pilots: int, snr_db: float, error: float, seed: int) -> None:
    """Send random bits through the channel into NAME; the first `pilots` vectors are pilots."""
    bits = np.random.default_rng(seed).integers(0, 2, (vectors, USERS), dtype=np.uint8)
    bits.astype("<f4").tofile(f"{name}_sent.sigmf-data")
    sigmf.write_meta(f"{name}_sent", "rf32_le", USERS, 0.0, "bits of each user, 0 or 1")

    graph = gr.top_block("record")
    graph.connect(
        blocks.vector_source_f((1 - 2.0 * bits).ravel().tolist(), False, USERS),
        fewbit.linear_channel(H, "float", 10 ** (-snr_db / 10), error, seed),
        blocks.file_sink(ANTENNAS * gr.sizeof_float, f"{name}.sigmf-data"),
    )
    graph.run()
    sigmf.write_meta(
        name,
        "rf32_le",
        ANTENNAS,
        0.0,
        f"{USERS} BPSK users at {snr_db} dB, channel errors of variance {error}",
        {i: bits[i].tolist() for i in range(pilots)},
        pilots_are_bits=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", type=Path, help="of the recording, without an ending")
    parser.add_argument("--vectors", type=int, default=100_000, help="(default %(default)s)")
    parser.add_argument("--pilots", type=int, default=1000, help="(default %(default)s)")
    parser.add_argument("--snr", type=float, default=10.0, help="dB (default %(default)s)")
    parser.add_argument(
        "--error", type=float, default=0.1, help="variance of the channel's errors (default .1)"
    )
    parser.add_argument("--seed", type=int, default=1, help="(default %(default)s)")
    options = parser.parse_args()
    record(options.name, options.vectors, options.pilots, options.snr, options.error, options.seed)
    print(f"{options.name}.sigmf-meta and {options.name}_sent.sigmf-meta")


if __name__ == "__main__":
    main()
