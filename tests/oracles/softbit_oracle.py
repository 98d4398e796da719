# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle of the learned soft-bit codec: bundles of random weights, and the codec in plain numpy.

Nothing here is fast and nothing is shared with the code under test: safetensors files are
written byte by byte, networks run in float64, and the coder is the textbook's, bit by bit.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np

LATENTS = 3
DTYPES = {"float32": "F32", "int32": "I32"}


def write_safetensors(path: Path, tensors: dict[str, np.ndarray], metadata: dict) -> None:
    """One safetensors file: header length, JSON header, tensors end to end."""
    header: dict = {"__metadata__": metadata}
    offset = 0
    for name, tensor in tensors.items():
        header[name] = {
            "dtype": DTYPES[tensor.dtype.name],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + tensor.nbytes],
        }
        offset += tensor.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(np.ascontiguousarray(t).tobytes() for t in tensors.values())
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def random_cdfs(rng: np.random.Generator, contexts: int, levels: int) -> np.ndarray:
    """Strictly increasing integer CDFs [3, contexts, levels + 1], some symbols very rare."""
    weights = rng.gamma(0.4, size=(LATENTS, contexts, levels)) + 1e-9
    share = weights / weights.sum(-1, keepdims=True)
    counts = 1 + np.floor(share * (65536 - levels)).astype(np.int64)
    counts[..., levels // 2] += 65536 - counts.sum(-1)
    zeros = np.zeros((LATENTS, contexts, 1), np.int64)
    return np.concatenate([zeros, counts.cumsum(-1)], -1).astype(np.int32)


def random_bundle(
    path: Path,
    bits_per_symbol: int = 6,
    contexts: int = 1,
    levels: int = 64,
    seed: int = 1,
    change: Callable[[dict, dict], None] | None = None,
) -> dict[str, np.ndarray]:
    """Write a softbit_codec bundle of random weights; returns its tensors.

    It is a sound one unless `change`, called with the tensors and the configuration just before
    they are written, does something else with them.
    """
    rng = np.random.default_rng(seed)
    hidden = 4 * bits_per_symbol
    tensors = {}
    for part, widths in (
        ("encoder", [bits_per_symbol, *[hidden] * 4, LATENTS]),
        ("decoder", [LATENTS, *[hidden] * 4, bits_per_symbol]),
    ):
        for i, (n_in, n_out) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
            weight = rng.normal(0, (2.0 / n_in) ** 0.5, (n_out, n_in))
            tensors[f"{part}.{i}.weight"] = weight.astype(np.float32)
            tensors[f"{part}.{i}.bias"] = rng.normal(0, 0.1, n_out).astype(np.float32)
    tensors["codebook"] = np.linspace(-0.8, 0.8, levels).astype(np.float32)
    tensors["cdf"] = random_cdfs(rng, contexts, levels)
    if contexts > 1:
        table = rng.normal(0, 1, (LATENTS, 6, levels))
        for latent in range(LATENTS):
            table[latent, 3 + latent :] = 0
        thresholds = np.sort(rng.normal(0, 2, (LATENTS, contexts - 1)))
        tensors["context_table"] = table.astype(np.float32)
        tensors["context_thresholds"] = thresholds.astype(np.float32)
        tensors["context_start"] = rng.normal(0, 1, LATENTS).astype(np.float32)
    config = {
        "bits_per_symbol": bits_per_symbol,
        "hidden": hidden,
        "latents": LATENTS,
        "levels": levels,
        "contexts": contexts,
        "llr_sign": "positive_is_1",
        "llr_clip": 20.0,
        "cdf_precision": 16,
        "snr_db": [10.0, 16.0],
        "seed": seed,
        "alpha": 0.0,
        "data": "random weights, for tests",
        "measured": {},
    }
    if change:
        change(tensors, config)
    write_safetensors(
        path,
        tensors,
        {
            "fewbit.kind": "softbit_codec",
            "fewbit.format": "1",
            "fewbit.config": json.dumps(config),
        },
    )
    return tensors


def run_network(tensors: dict[str, np.ndarray], part: str, value: np.ndarray) -> np.ndarray:
    """The last layer's sums of the part's network, in float64."""
    for i in range(5):
        weight = tensors[f"{part}.{i}.weight"].astype(np.float64)
        value = value @ weight.T + tensors[f"{part}.{i}.bias"].astype(np.float64)
        if i < 4:
            value = np.maximum(value, 0)
    return value


def latents(tensors: dict[str, np.ndarray], llrs: np.ndarray, bits: int) -> np.ndarray:
    """Latents [packets, symbols, 3] of LLRs [packets, n]."""
    clean = np.where(np.isnan(llrs), 0.0, llrs).astype(np.float64)
    soft_bits = np.tanh(clean / 2).reshape(len(llrs), -1, bits)
    return np.tanh(run_network(tensors, "encoder", soft_bits))


def nearest(tensors: dict[str, np.ndarray], latent: np.ndarray) -> np.ndarray:
    """Indices of the nearest codebook points (argmin takes the lower one of equals)."""
    points = tensors["codebook"].astype(np.float64)
    return np.abs(latent[..., None] - points).argmin(-1).astype(np.uint8)


def llrs(tensors: dict[str, np.ndarray], indices: np.ndarray, clip: float = 20.0) -> np.ndarray:
    """LLRs [packets, n] of indices [packets, symbols, 3]."""
    sums = run_network(tensors, "decoder", tensors["codebook"].astype(np.float64)[indices])
    return np.clip(2 * sums, -clip, clip).reshape(len(indices), -1)


def contexts(tensors: dict[str, np.ndarray], indices: np.ndarray) -> np.ndarray:
    """Which CDF codes each index [symbols, 3] of one packet, as the bundle's tables say."""
    chosen = np.zeros(indices.shape, int)
    if "context_table" not in tensors:
        return chosen
    table = tensors["context_table"]
    for s in range(len(indices)):
        for latent in range(LATENTS):
            score = tensors["context_start"][latent]
            if s > 0:
                score = np.float32(0)
                for row in range(LATENTS):
                    score = np.float32(score + table[latent, row, indices[s - 1, row]])
            for j in range(latent):
                score = np.float32(score + table[latent, 3 + j, indices[s, j]])
            chosen[s, latent] = (tensors["context_thresholds"][latent] <= score).sum()
    return chosen


def code(symbols: list[int], cdfs: list[np.ndarray]) -> bytes:
    """Witten, Neal and Cleary's coder, 32 bits, a bit at a time."""
    low, high, pending, bits = 0, 0xFFFFFFFF, 0, []

    def put(bit: int) -> None:
        nonlocal pending
        bits.extend([bit] + [1 - bit] * pending)
        pending = 0

    for symbol, cdf in zip(symbols, cdfs, strict=True):
        span = high - low + 1
        high = low + (span * int(cdf[symbol + 1]) >> 16) - 1
        low = low + (span * int(cdf[symbol]) >> 16)
        while True:
            if high < 1 << 31:
                put(0)
            elif low >= 1 << 31:
                put(1)
                low, high = low - (1 << 31), high - (1 << 31)
            elif low >= 1 << 30 and high < 3 << 30:
                pending += 1
                low, high = low - (1 << 30), high - (1 << 30)
            else:
                break
            low, high = 2 * low, 2 * high + 1
    pending += 1
    put(0 if low < 1 << 30 else 1)
    return np.packbits(bits).tobytes()


def body(tensors: dict[str, np.ndarray], indices: np.ndarray) -> bytes:
    """The coded bytes of one packet's indices [symbols, 3]."""
    chosen = contexts(tensors, indices)
    cdfs = [tensors["cdf"][i % LATENTS, c] for i, c in enumerate(chosen.reshape(-1))]
    return code([int(i) for i in indices.reshape(-1)], cdfs)
