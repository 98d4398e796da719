# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What int8 costs: block error rates of both LDPC decoders on the same words and noise.

    python benchmarks/ldpc_bler.py [WORDS]

BPSK over white noise, and over Rayleigh fading that is independent from bit to bit (known at the
receiver). The loss in dB is the distance of the two curves at a block error rate of 1e-2.
"""

from __future__ import annotations

import sys

import numpy as np
from gnuradio.fewbit import algorithms

BATCH = 2000


def errors(ebn0_db: float, fading: bool, count: int) -> dict[str, float]:
    """Block error rate by algorithm."""
    decoders = {
        name: algorithms.ldpc_decoder(algorithm=name) for name in ("sum-product", "min-sum")
    }
    wrong = dict.fromkeys(decoders, 0)
    rng = np.random.default_rng(7)
    encoder = algorithms.ldpc_encoder()
    variance = 10 ** (-ebn0_db / 10)  # rate 1/2: Es = Eb/2
    for _ in range(count // BATCH):
        bits = rng.integers(0, 2, (BATCH, 324), dtype=np.uint8)
        sent = 2.0 * encoder.encode(bits) - 1
        gain = rng.rayleigh(0.5**0.5, sent.shape) if fading else 1.0
        received = gain * sent + rng.normal(size=sent.shape) * variance**0.5
        llrs = (2 * gain * received / variance).astype(np.float32)
        for name, decoder in decoders.items():
            wrong[name] += int((decoder.decode(llrs)[0] != bits).any(axis=1).sum())
    return {name: n / (count // BATCH * BATCH) for name, n in wrong.items()}


def snr_at(rate: float, snrs: list[float], rates: list[float]) -> float:
    """Where a curve crosses the rate, straight lines between the logarithms."""
    return float(np.interp(-np.log(rate), -np.log(rates), snrs))


def main(count: int) -> None:
    for channel, fading, snrs in (
        ("white noise", False, [1.7, 1.9, 2.1]),
        ("fading", True, [3.8, 4.1, 4.4]),
    ):
        found = [errors(snr, fading, count) for snr in snrs]
        for name in ("sum-product", "min-sum"):
            rates = [point[name] for point in found]
            cells = "  ".join(f"{s:.1f} dB {r:.5f}" for s, r in zip(snrs, rates, strict=True))
            print(f"{channel:12} {name:12} {cells}  1e-2 at {snr_at(0.01, snrs, rates):.3f} dB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000)
