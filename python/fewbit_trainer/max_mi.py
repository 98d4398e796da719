# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scalar quantizers of LLRs that lose the least mutual information, and their bundles.

An LLR L = log P(b=1)/P(b=0) says everything about its bit: P(b=1 | L) = 1/(1 + exp(-L)). A
quantizer puts L into one of M cells; of the bit's mutual information with L it keeps

    I(b; cell) = H(b) - sum_c P(c) h2(P(b=1 | c)),

with h2 the binary entropy. The best quantizer has intervals as cells (Kurkoski and Yagi,
"Quantization of Binary-Input Discrete Memoryless Channels", IEEE Trans. Inf. Theory 60(8), 2014),
so that dynamic programming over a fine histogram finds it exactly. A cell is decoded to its own
LLR, log P(b=1 | c)/P(b=0 | c).

The LLRs are simulated: Gray QAM over Rayleigh fading, independent from symbol to symbol, the exact
demapper. Every bit position and every SNR gets a codebook of its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

CDF_TOTAL = 1 << 16


@dataclass(frozen=True)
class MaxMiConfig:
    """What a set of codebooks is designed for."""

    bits_per_symbol: int = 6  #: K: 2, 4, 6 or 8
    bits: int = 3  #: an LLR's index has this many bits before entropy coding, 1 to 8
    snr_db: tuple[float, ...] = tuple(float(snr) for snr in range(8, 19))
    symbols: int = 200_000  #: simulated symbols for each SNR
    bins: int = 1024  #: cells of the histogram that the dynamic programme joins
    seed: int = 1

    def __post_init__(self) -> None:
        if self.bits_per_symbol not in (2, 4, 6, 8):
            raise ValueError(f"bits_per_symbol is {self.bits_per_symbol}; use 2, 4, 6 or 8")
        if not 1 <= self.bits <= 8:
            raise ValueError(f"bits is {self.bits}; use 1 to 8")
        if not self.snr_db or not np.all(np.isfinite(self.snr_db)):
            raise ValueError(f"snr_db is {self.snr_db}; give at least one finite SNR")
        if self.bins < 2**self.bits:
            raise ValueError(f"bins is {self.bins}; it must be at least 2**bits")


@dataclass(frozen=True)
class LlrHistogram:
    """Where the LLRs of one bit position lie, and what they say about the bit.

    `edges` [bins + 1] ascend from -inf to inf; `ones` and `zeros` [bins] are the joint
    probabilities of a bin with b = 1 and b = 0.
    """

    edges: np.ndarray
    ones: np.ndarray
    zeros: np.ndarray


@dataclass(frozen=True)
class ScalarCodebook:
    """The tensors of a `scalar_codebook` bundle, S SNRs by K bit positions by M cells.

    An LLR's index is the number of thresholds below it.
    """

    thresholds: np.ndarray  #: float32 [S, K, M-1], ascending
    levels: np.ndarray  #: float32 [S, K, M], the LLR of each cell
    cdf: np.ndarray  #: int32 [S, K, M+1], from 0 to 65536, strictly increasing
    snr_db: np.ndarray  #: float32 [S], ascending
    measured: Mapping[str, list[float]] = field(default_factory=dict)


def pam_constellation(bits_per_symbol: int) -> tuple[np.ndarray, np.ndarray]:
    """One dimension of 3GPP Gray QAM (TS 38.211, 5.1) of unit mean energy.

    Returns the amplitudes [2**(K/2)] and their bits [2**(K/2), K/2]: 64-QAM's is
    (1 - 2 b0)(4 - (1 - 2 b1)(2 - (1 - 2 b2))) / sqrt(42).
    """
    n_bits = bits_per_symbol // 2
    bits = (np.arange(2**n_bits)[:, None] >> np.arange(n_bits - 1, -1, -1)) & 1
    amplitudes = np.ones(len(bits))
    for j in range(n_bits - 1, 0, -1):
        amplitudes = 2 ** (n_bits - j) - (1 - 2 * bits[:, j]) * amplitudes
    amplitudes = (1 - 2 * bits[:, 0]) * amplitudes
    return amplitudes / np.sqrt(2 * np.mean(amplitudes**2)), bits


def pam_llrs(y: np.ndarray, gain_to_noise: np.ndarray, bits_per_symbol: int) -> np.ndarray:
    """Exact LLRs [..., K/2] of one dimension's equalised symbols.

    `gain_to_noise` is |h|^2 / E|n|^2 of the complex subcarrier: y = a + n / h has noise variance
    1 / (2 gain_to_noise) in this dimension.
    """
    amplitudes, bits = pam_constellation(bits_per_symbol)
    metrics = [-gain_to_noise * (y - a) ** 2 for a in amplitudes]
    return np.stack(
        [
            _log_sum_exp([m for m, b in zip(metrics, column, strict=True) if b])
            - _log_sum_exp([m for m, b in zip(metrics, column, strict=True) if not b])
            for column in bits.T
        ],
        axis=-1,
    )


def _log_sum_exp(terms: Sequence[np.ndarray]) -> np.ndarray:
    largest = np.maximum.reduce(terms)
    return largest + np.log(sum(np.exp(term - largest) for term in terms))


def rayleigh_llrs(
    bits_per_symbol: int, snr_db: float, symbols: int, rng: np.random.Generator
) -> np.ndarray:
    """LLRs [symbols, K] of random symbols over independent Rayleigh fading of unit mean power."""
    amplitudes, bits = pam_constellation(bits_per_symbol)
    gain_to_noise = rng.exponential(10 ** (snr_db / 10), (symbols, 1))
    sent = amplitudes[rng.integers(0, len(bits), (symbols, 2))]
    y = sent + rng.normal(size=sent.shape) / np.sqrt(2 * gain_to_noise)
    llrs = pam_llrs(y, np.broadcast_to(gain_to_noise, y.shape), bits_per_symbol)
    return llrs.swapaxes(1, 2).reshape(symbols, bits_per_symbol)


def llr_histogram(llrs: np.ndarray, bins: int, symmetric: bool = False) -> LlrHistogram:
    """Histogram of consistent LLRs, with as many bins of tanh(L/4) as equally probable ones.

    `symmetric` adds each LLR's negative: true of the bits that choose a dimension's sign.
    """
    llrs = np.clip(llrs, -500, 500)  # exp() of more overflows
    llrs = np.concatenate([llrs, -llrs]) if symmetric else llrs
    even = 4 * np.arctanh(np.linspace(-1, 1, bins // 2 + 1)[1:-1])
    probable = np.quantile(llrs, np.linspace(0, 1, bins // 2 + 2)[1:-1])
    if symmetric:
        probable = (probable - probable[::-1]) / 2
    inner = np.unique(np.concatenate([even, probable]))
    index = np.searchsorted(inner, llrs, side="left")
    n_bins = len(inner) + 1
    ones = np.bincount(index, 1 / (1 + np.exp(-llrs)), n_bins) / len(llrs)
    zeros = np.bincount(index, 1 / (1 + np.exp(llrs)), n_bins) / len(llrs)
    return LlrHistogram(np.concatenate([[-np.inf], inner, [np.inf]]), ones, zeros)


def _entropy_term(ones: np.ndarray, zeros: np.ndarray) -> np.ndarray:
    """(ones + zeros) h2(ones / (ones + zeros)) in bits; 0 log 0 is 0."""

    def xlogx(x: np.ndarray) -> np.ndarray:
        return x * np.log2(np.where(x > 0, x, 1))

    return xlogx(ones + zeros) - xlogx(ones) - xlogx(zeros)


def mutual_information(ones: np.ndarray, zeros: np.ndarray) -> float:
    """I(b; cell) in bits from the joint probabilities of the cells with b = 1 and b = 0."""
    ones, zeros = np.asarray(ones, float), np.asarray(zeros, float)
    total = _entropy_term(ones.sum(), zeros.sum())
    return float(total - _entropy_term(ones, zeros).sum())


def max_mi_cells(ones: np.ndarray, zeros: np.ndarray, levels: int) -> np.ndarray:
    """Join ordered bins into `levels` intervals of the greatest mutual information.

    Returns the first bin of each interval and, last, the number of bins: [levels + 1]. Exact, in
    O(levels * bins^2).
    """
    n = len(ones)
    if levels > n:
        raise ValueError(f"{levels} levels were asked of {n} bins; use no more levels than bins")
    sum_ones = np.concatenate([[0.0], np.cumsum(ones)])
    sum_zeros = np.concatenate([[0.0], np.cumsum(zeros)])
    cost = _entropy_term(
        np.maximum(sum_ones[None, :] - sum_ones[:, None], 0),
        np.maximum(sum_zeros[None, :] - sum_zeros[:, None], 0),
    )
    cost[np.tril_indices(n + 1)] = np.inf  # an interval holds at least one bin
    best = cost[0]
    choices = []
    for _ in range(levels - 1):
        candidates = best[:, None] + cost
        choices.append(np.argmin(candidates, axis=0))
        best = np.min(candidates, axis=0)
    bounds = [n]
    for choice in reversed(choices):
        bounds.append(int(choice[bounds[-1]]))
    return np.array([0, *bounds[:0:-1], n])


def integer_cdf(probabilities: np.ndarray, total: int = CDF_TOTAL) -> np.ndarray:
    """Integer cumulative counts [n + 1] from 0 to `total`; each symbol counts at least 1."""
    probabilities = np.asarray(probabilities, float) / np.sum(probabilities)
    counts = 1 + np.floor(probabilities * (total - len(probabilities))).astype(np.int64)
    counts[np.argmax(counts)] += total - counts.sum()
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def design_position(histogram: LlrHistogram, levels: int) -> tuple[np.ndarray, ...]:
    """Thresholds, levels, integer CDF and the mutual information kept, of one bit position."""
    bounds = max_mi_cells(histogram.ones, histogram.zeros, levels)
    ones = np.add.reduceat(histogram.ones, bounds[:-1])
    zeros = np.add.reduceat(histogram.zeros, bounds[:-1])
    tiny = 1e-12  # far below the weight of one sample: an empty cell gets a finite level
    llrs = np.log((ones + tiny) / (zeros + tiny))
    return (
        histogram.edges[bounds[1:-1]],
        llrs,
        integer_cdf(ones + zeros),
        mutual_information(ones, zeros),
        mutual_information(histogram.ones, histogram.zeros),
        -np.sum((ones + zeros) * np.log2(np.maximum(ones + zeros, tiny))),
    )


def design(config: MaxMiConfig) -> ScalarCodebook:
    """Simulate each SNR's LLRs and design a codebook for each bit position.

    The two dimensions of a symbol have the same statistics and share their samples.
    """
    rng = np.random.default_rng(config.seed)
    levels = 2**config.bits
    entries: list[list[tuple[np.ndarray, ...]]] = []
    snr_db = np.sort(np.asarray(config.snr_db, float))
    for snr in snr_db:
        llrs = rayleigh_llrs(config.bits_per_symbol, snr, config.symbols, rng)
        positions = []
        for j in range(0, config.bits_per_symbol, 2):
            pooled = llrs[:, j : j + 2].ravel()
            histogram = llr_histogram(pooled, config.bins, symmetric=j == 0)
            positions += [design_position(histogram, levels)] * 2
        entries.append(positions)

    def tensor(item: int, dtype: type) -> np.ndarray:
        return np.array([[position[item] for position in entry] for entry in entries], dtype)

    def mean(item: int) -> list[float]:
        return [round(float(x), 5) for x in tensor(item, float).mean(axis=1)]

    return ScalarCodebook(
        tensor(0, np.float32),
        tensor(1, np.float32),
        tensor(2, np.int32),
        snr_db.astype(np.float32),
        {"mi_kept": mean(3), "mi_unquantized": mean(4), "entropy_bits_per_llr": mean(5)},
    )


def write_codebook(path: str | Path, codebook: ScalarCodebook, config: MaxMiConfig) -> Path:
    """Write a `scalar_codebook` bundle (docs/architecture.md)."""
    text = {
        "bits_per_symbol": config.bits_per_symbol,
        "bits": config.bits,
        "llr_sign": "positive_is_1",
        "cdf_precision": 16,
        "seed": config.seed,
        "data": (
            f"exact LLRs of {config.symbols} symbols for each SNR, Gray QAM, independent "
            "Rayleigh fading"
        ),
        "design": asdict(config),
        "measured": dict(codebook.measured),
    }
    tensors = {
        "thresholds": codebook.thresholds,
        "levels": codebook.levels,
        "cdf": codebook.cdf,
        "snr_db": codebook.snr_db,
    }
    from .bundle import write_bundle  # needs safetensors, which a design does not

    return write_bundle(path, "scalar_codebook", tensors, text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Design codebooks and write their bundle (`python -m fewbit_trainer.max_mi OUT`)."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--bits-per-symbol", type=int, default=6)
    parser.add_argument("--bits", type=int, default=3)
    parser.add_argument("--snr-db", type=float, nargs="+", default=MaxMiConfig.snr_db)
    parser.add_argument("--symbols", type=int, default=MaxMiConfig.symbols)
    parser.add_argument("--seed", type=int, default=MaxMiConfig.seed)
    chosen = parser.parse_args(arguments)
    config = MaxMiConfig(
        bits_per_symbol=chosen.bits_per_symbol,
        bits=chosen.bits,
        snr_db=tuple(chosen.snr_db),
        symbols=chosen.symbols,
        seed=chosen.seed,
    )
    write_codebook(chosen.out, design(config), config)


if __name__ == "__main__":
    main()
