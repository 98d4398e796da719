# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Combined LLRs, or each transmission on its own? Block errors and memory of both, same packets.

    python3 benchmarks/harq_storage.py [--blocks 1000] [--snr 4 6 8] [--codecs float ...]

64-QAM x 108 subcarriers over normalised EPA, an independent channel for each transmission, 802.11n
(648,324), min-sum, CRC-24A; 32 processes, each block sent until it decodes or four times. All rows
of one SNR and sequence of versions see the same received LLRs, so their differences are sharper
than the 95 % intervals (Wilson) that stand behind each rate. Each codec's id() is printed first: it
names a bundle's very content. Where the version is always the same, a row shows the receiver that
adds equal symbols before the demapper, and so stores no soft bits at all.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field

import numpy as np
from fewbit_lab.confidence import wilson
from gnuradio.fewbit import algorithms

CODED, ATTEMPTS, PROCESSES = 648, 4, 32
SEQUENCES = {"0,2,3,1": [0, 2, 3, 1], "0,0,0,0": [0, 0, 0, 0]}
CODECS = (
    "float",
    "uniform:bits=4,clip=8",
    "learned:softbit_k6.safetensors",
    "learned:softbit_k6_context.safetensors",
    "iq-csi:bits_per_symbol=6,step=0.5,csi=1.5",
)


@dataclass(frozen=True)
class Received:
    bits: np.ndarray
    """The codewords' information bits."""
    llrs: np.ndarray
    """[attempt, block, 648] in demapper order."""
    symbols: np.ndarray | None
    """The LLRs of all symbols up to an attempt, added with the weights conj(gain) (maximum ratio
    combining) and then demapped; None where the symbols of the attempts differ."""


class Air:
    """Payload bits to the LLRs of every attempt, for all blocks of a batch."""

    def __init__(self, bits_per_symbol: int = 6) -> None:
        self.mapper = algorithms.qam_mapper(bits_per_symbol)
        self.demapper = algorithms.soft_demapper(bits_per_symbol)
        self.interleaver = algorithms.interleaver(CODED, 1)
        self.encoder, self.crc = algorithms.ldpc_encoder(), algorithms.crc()
        places = algorithms.subcarrier_map(CODED // bits_per_symbol, 600, 1024)
        self.offsets = places.offsets(15.36e6)

    def receive(self, blocks: int, snr_db: float, rvs: list[int], seed: int) -> Received:
        """Blocks of random bits, each sent in all versions."""
        rng = np.random.default_rng(seed)
        channel_seed, noise_seed = rng.integers(1, 2**63, 2).tolist()  # one would draw noise alike
        bits = self.crc.append(rng.integers(0, 2, (blocks, 300), dtype=np.uint8))
        codewords, variance = self.encoder.encode(bits), 10.0 ** (-snr_db / 10.0)
        channel = algorithms.tdl_channel("EPA", seed=channel_seed, offsets=self.offsets)
        noise, llrs, symbols = algorithms.awgn(noise_seed), [], []
        matched, power = np.complex64(0.0), np.float32(0.0)
        for rv in rvs:
            gains = channel.draw(blocks)
            sent = np.stack([self.interleaver.interleave(c, rv) for c in codewords])
            y = noise.add(gains * self.mapper.map(sent), variance)
            llrs.append(self.demapper.demap(y, gains, variance))
            matched, power = matched + np.conj(gains) * y, power + np.abs(gains) ** 2
            root = np.sqrt(power)
            added = self.demapper.demap(matched / root, root.astype(np.complex64), variance)
            symbols.append(added)
        same = len(set(rvs)) == 1
        return Received(bits, np.stack(llrs), np.stack(symbols) if same else None)


@dataclass
class Tally:
    errors: list[int] = field(default_factory=lambda: [0] * ATTEMPTS)
    bytes_stored: float = 0.0
    peak: int = 0


def run(store: algorithms.harq_store, bits: np.ndarray, llrs: np.ndarray, rvs: list[int]) -> Tally:
    """Blocks in groups of PROCESSES, one attempt of all after the other, as a scheduler would."""
    tally, decoder = Tally(), algorithms.ldpc_decoder()
    for start in range(0, len(bits), PROCESSES):
        waiting = list(range(start, min(start + PROCESSES, len(bits))))
        for attempt in range(ATTEMPTS):
            failed = []
            for block in waiting:
                tx = algorithms.harq_transmission(
                    0, block - start, start // PROCESSES % 256, rvs[attempt], attempt
                )
                received = llrs[attempt, block]
                answer, combined = store.combine(tx, received)
                if (decoder.decode(combined)[0] == bits[block]).all():
                    store.release(tx)
                    continue
                failed.append(block)
                if attempt + 1 < ATTEMPTS:  # the last one's soft bits serve nothing any more
                    store.keep(tx, received, combined, answer)
                else:
                    store.release(tx)
            tally.errors[attempt] += len(failed)
            waiting = failed
    counters = store.counters()
    stored = max(1, counters["stored_bodies"])
    tally.bytes_stored = counters["stored_bytes"] / stored
    tally.peak = store.peak_bytes
    return tally


def errors_of_added_symbols(air: Air, received: Received) -> list[int]:
    """Blocks that still fail after each attempt."""
    decoder, order = algorithms.ldpc_decoder(), np.asarray(air.interleaver.permutation)
    waiting, errors = np.ones(len(received.bits), bool), []
    for llrs in received.symbols:
        codewords = np.empty_like(llrs)
        codewords[:, order] = llrs
        waiting &= (decoder.decode(codewords)[0] != received.bits).any(axis=1)
        errors.append(int(waiting.sum()))
    return errors


def rate(errors: int, blocks: int) -> str:
    """Error rate and its interval, as the table has it."""
    low, high = wilson(errors, blocks)
    return f"{errors / blocks:.3f} ({low:.3f}-{high:.3f})"


def short(codec: str) -> str:
    """A specification as the table has it."""
    return codec.removeprefix("learned:").removesuffix(".safetensors").split(":")[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--blocks", type=int, default=1000)
    parser.add_argument("--snr", type=float, nargs="+", default=[4.0, 6.0, 8.0])
    parser.add_argument("--codecs", nargs="+", default=CODECS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    air = Air()
    for codec in options.codecs:
        print(f"{short(codec)}: {codec}, id {algorithms.make_softbit_codec(codec).id:#010x}")
    print()
    print("| SNR dB | versions | codec | storage | BLER after 1 | 2 | 3 | 4 | bytes/body | peak |")
    print("|-|-|-|-|-|-|-|-|-|-|")
    for snr_db in options.snr:
        for name, rvs in SEQUENCES.items():
            received = air.receive(options.blocks, snr_db, rvs, options.seed)
            for codec in options.codecs:
                for storage in ("combined", "per_transmission"):
                    store = algorithms.harq_store(1, PROCESSES, CODED, codec, 1 << 20, storage)
                    t = run(store, received.bits, received.llrs, rvs)
                    rates = " | ".join(rate(e, options.blocks) for e in t.errors)
                    print(
                        f"| {snr_db:g} | {name} | {short(codec)} | {storage} | {rates} "
                        f"| {t.bytes_stored:.0f} | {t.peak} |",
                        flush=True,
                    )
            if received.symbols is not None:
                errors = errors_of_added_symbols(air, received)
                rates = " | ".join(rate(e, options.blocks) for e in errors)
                print(f"| {snr_db:g} | {name} | symbols | added | {rates} | - | - |", flush=True)


if __name__ == "__main__":
    main()
