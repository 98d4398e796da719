# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shipped soft-bit codecs store and lose over fading that they were not trained on.

    python3 benchmarks/softbit_generalisation.py [--bits-per-symbol 4 6 8] [--snr 19]

Packets of 648 LLRs over 9 MHz, exact demapper, each packet of unit mean power, at the SNR of about
one block error in ten. Each row has its own channels, the same for all codecs. `stored` is whole
bytes of a packet's body, 8 bytes / 648; `lost` is E[KL(sigmoid(L) || sigmoid(L~))], in bits per
LLR. Behind each mean stands its standard error over packets; they are the same channels for the
three codecs, so that differences along a row are known better than that.

`trained` says which share of the context codec's training packets had this very fading: they are
drawn from the mixture of its configuration at the subcarrier spacing used here (one fifth is flat
fading, close to `15 kHz apart`), over a range of SNRs and not normalised.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from gnuradio.fewbit import algorithms

CODED, SPAN, FFT_LENGTH, SAMPLE_RATE = 648, 600, 1024, 15.36e6
SNR_DB = {4: 8.5, 6: 13.0, 8: 17.0}
#: The configurations' mixture: epa, epa, eva, etu, flat.
TRAINED = {"EPA": "2/5", "EVA": "1/5", "ETU": "1/5"}
PROFILES = ("EPA", "EVA", "ETU", "TDL-A", "TDL-B", "TDL-C", "TDL-D", "TDL-E")
CLOSE = "EPA, 15 kHz apart"
IID = "iid"


@dataclass(frozen=True)
class Mean:
    """A mean over packets and its standard error."""

    mean: float
    error: float

    @classmethod
    def of(cls, values: np.ndarray) -> Mean:
        return cls(float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(len(values))))

    def __str__(self) -> str:
        digits = 5 if self.mean < 0.1 else 3
        return f"{self.mean:.{digits}f} ± {self.error:.{digits}f}"


def gains_of(fading: str, subcarriers: int, packets: int, seed: int) -> np.ndarray:
    """Frequency responses complex64 [packets, subcarriers], each of unit mean power."""
    if fading == IID:
        rng = np.random.default_rng(seed)
        parts = rng.standard_normal((2, packets, subcarriers))
        gains = parts[0] + 1j * parts[1]
        power = np.mean(np.abs(gains) ** 2, axis=1, keepdims=True)
        return (gains / np.sqrt(power)).astype(np.complex64)
    offsets = algorithms.subcarrier_map(subcarriers, SPAN, FFT_LENGTH).offsets(SAMPLE_RATE)
    if fading == CLOSE:
        offsets = 15e3 * np.arange(subcarriers)
    profile = fading.split(",")[0]
    return algorithms.tdl_channel(profile, seed=seed, offsets=offsets).draw(packets)


def llrs_of(gains: np.ndarray, bits_per_symbol: int, snr_db: float, seed: int) -> np.ndarray:
    """LLRs float32 [packets, 648] of random bits over these gains."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (len(gains), CODED), dtype=np.uint8)
    sent = algorithms.qam_mapper(bits_per_symbol).map(bits)
    variance = 10.0 ** (-snr_db / 10.0)
    received = algorithms.awgn(seed).add(gains * sent, variance)
    return algorithms.soft_demapper(bits_per_symbol, "exact").demap(received, gains, variance)


def divergence(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Bits of information lost per LLR, a value a packet."""
    before, after = before.astype(float), after.astype(float)
    one = 0.5 + 0.5 * np.tanh(0.5 * before)
    if_one = np.logaddexp(0.0, -after) - np.logaddexp(0.0, -before)
    if_zero = np.logaddexp(0.0, after) - np.logaddexp(0.0, before)
    return np.mean(one * if_one + (1.0 - one) * if_zero, axis=1) / np.log(2.0)


def codecs(bits_per_symbol: int) -> dict[str, str]:
    k = bits_per_symbol
    return {
        "learned": f"learned:softbit_k{k}.safetensors",
        "learned, contexts": f"learned:softbit_k{k}_context.safetensors",
        "I/Q .5, CSI 1.5 dB": f"iq-csi:bits_per_symbol={k},step=0.5,csi=1.5",
    }


def table(bits_per_symbol: int, snr_db: float, packets: int, seed: int) -> Iterator[str]:
    """The table of one modulation, line by line."""
    made = {
        name: algorithms.make_softbit_codec(text) for name, text in codecs(bits_per_symbol).items()
    }
    ids = ", ".join(f"{name} {codec.id:08x}" for name, codec in made.items())
    yield f"{2**bits_per_symbol}-QAM, {snr_db:g} dB, {packets} packets a row; ids: {ids}\n"
    columns = [f"{name}: {what}" for name in made for what in ("stored", "lost")]
    yield f"| fading | trained | {' | '.join(columns)} |"
    yield "|-" * (2 + len(columns)) + "|"
    for number, fading in enumerate((*PROFILES, CLOSE, IID)):
        row = [fading, TRAINED.get(fading, "")]
        gains = gains_of(fading, CODED // bits_per_symbol, packets, seed + 1000 * number)
        llrs = llrs_of(gains, bits_per_symbol, snr_db, seed + 1000 * number + 1)
        for codec in made.values():
            after, sizes = codec.round_trip(llrs)
            row += [str(Mean.of(8.0 * sizes / CODED)), str(Mean.of(divergence(llrs, after)))]
        yield f"| {' | '.join(row)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bits-per-symbol", type=int, nargs="+", default=[6], choices=[4, 6, 8])
    parser.add_argument("--snr", type=float, help="dB, in place of that of one error in ten")
    parser.add_argument("--packets", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for bits_per_symbol in options.bits_per_symbol:
        snr_db = SNR_DB[bits_per_symbol] if options.snr is None else options.snr
        for line in table(bits_per_symbol, snr_db, options.packets, options.seed):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
