# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""From trained networks to the deployed codec: indices, integer CDFs, bundle, honest figures.

All figures are of the hardened chain: hard quantizer, integer CDFs, float32 decoder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
from numpy.typing import NDArray

from .code_length import CDF_PRECISION, CodingTables, code_bits, count_tables
from .config import TrainingConfig, config_to_dict
from .links import draw_packets
from .softbit_codec import LATENTS, SoftBitAutoencoder

_COUNTING, _MEASURING = 3, 4
_CHUNK_PACKETS = 500


@dataclass(frozen=True)
class HardenedCodec:
    """What a bundle holds."""

    model: SoftBitAutoencoder
    tables: CodingTables
    llr_clip: float

    def encode(self, llrs: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
        """Indices ``[packets, subcarriers, 3]`` of LLRs ``[packets, subcarriers, K]``."""
        with torch.no_grad():
            soft_bits = torch.tanh(0.5 * torch.from_numpy(np.asarray(llrs, np.float32)))
            indices: NDArray[np.int64] = self.model.quantize(self.model.encode(soft_bits)).numpy()
        return indices

    def decode(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        """LLRs ``[packets, subcarriers, K]`` of indices."""
        with torch.no_grad():
            latents = self.model.codebook[torch.from_numpy(indices)]
            llrs: NDArray[np.float32] = self.model.decode(latents).numpy()
        return llrs.clip(-self.llr_clip, self.llr_clip)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Tensors of the bundle by name (docs/architecture.md)."""
        named: dict[str, NDArray[Any]] = {}
        for half, layers in (("encoder", self.model.encoder), ("decoder", self.model.decoder)):
            for number, layer in enumerate(layers):
                named[f"{half}.{number}.weight"] = layer.weight.detach().numpy().copy()
                named[f"{half}.{number}.bias"] = layer.bias.detach().numpy().copy()
        named["codebook"] = self.model.codebook.numpy().copy()
        named.update(self.tables.tensors())
        return named


def load_codec(path: str | Path) -> HardenedCodec:
    """The codec of a bundle that this trainer wrote."""
    with safetensors.safe_open(str(path), framework="numpy") as file:
        config = json.loads(file.metadata()["fewbit.config"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    model = SoftBitAutoencoder(config["bits_per_symbol"], config["levels"])
    names = model.state_dict()
    model.load_state_dict({name: torch.from_numpy(tensors[name]) for name in names})
    tables = CodingTables(
        tensors["cdf"],
        tensors.get("context_table"),
        tensors.get("context_thresholds"),
        tensors.get("context_start"),
    )
    return HardenedCodec(model, tables, config["llr_clip"])


def harden(model: SoftBitAutoencoder, config: TrainingConfig) -> HardenedCodec:
    """Counts the indices of fresh training channels into integer CDFs."""
    link = config.link
    rng = np.random.default_rng([config.seed, _COUNTING])
    empty = count_tables(np.zeros((1, 1, LATENTS), np.int64), config.codec.levels, contexts=1)
    codec = HardenedCodec(model, empty, config.codec.llr_clip)
    indices: list[NDArray[np.int64]] = []
    shares = np.array_split(np.arange(config.hardening.packets), len(link.profiles))
    for profile, share in zip(link.profiles, shares, strict=True):
        for start in range(0, share.size, _CHUNK_PACKETS):
            drawn = draw_packets(
                rng, link.bits_per_symbol, profile, min(_CHUNK_PACKETS, share.size - start),
                link.subcarriers, link.snr_db, link.spacing_hz, link.normalise,
            )  # fmt: skip
            indices.append(codec.encode(drawn.llrs))
    tables = count_tables(np.concatenate(indices), config.codec.levels, config.codec.contexts)
    return HardenedCodec(model, tables, config.codec.llr_clip)


def mutual_information_loss(
    bits: NDArray[np.uint8],
    before: NDArray[np.floating[Any]],
    after: NDArray[np.floating[Any]],
) -> float:
    """Bits per LLR lost: mean log2(1 + exp(-(2b-1) L)) after, less that before."""
    sign = 2.0 * bits - 1.0
    lost = np.logaddexp(0.0, -sign * after) - np.logaddexp(0.0, -sign * before)
    return float(lost.mean() / np.log(2.0))


def divergence_bits(before: NDArray[np.floating[Any]], after: NDArray[np.floating[Any]]) -> float:
    """The expectation of `mutual_information_loss` given exact LLRs ``before``: less noise."""
    one = 1.0 / (1.0 + np.exp(-np.clip(before, -500.0, 500.0)))
    if_one = np.logaddexp(0.0, -after) - np.logaddexp(0.0, -before)
    if_zero = np.logaddexp(0.0, after) - np.logaddexp(0.0, before)
    return float((one * if_one + (1.0 - one) * if_zero).mean() / np.log(2.0))


def measure(codec: HardenedCodec, config: TrainingConfig) -> list[dict[str, float]]:
    """Rate and information loss over EPA at each SNR, packets normalised to unit mean power.

    ``coded_bits_per_llr`` is of the range coder's bytes where torchac is installed: whole bytes
    per packet, its end included.
    """
    bits_per_symbol = config.link.bits_per_symbol
    subcarriers = 648 // bits_per_symbol
    figures = []
    for snr_db in config.hardening.measure_snr_db:
        rng = np.random.default_rng([config.seed, _MEASURING])
        drawn = draw_packets(
            rng, bits_per_symbol, "epa", config.hardening.measure_packets, subcarriers,
            (snr_db, snr_db), config.link.spacing_hz, normalise=True,
        )  # fmt: skip
        indices = codec.encode(drawn.llrs)
        bits = code_bits(codec.tables, indices)
        llrs_per_packet = subcarriers * bits_per_symbol
        figure = {
            "snr_db": snr_db,
            "information_loss": divergence_bits(drawn.llrs, codec.decode(indices)),
            "ideal_bits_per_llr": float(bits.sum(axis=(1, 2)).mean() / llrs_per_packet),
        }
        coded = coded_bytes(codec.tables, indices)
        if coded is not None:
            figure["coded_bits_per_llr"] = float(8.0 * np.mean(coded) / llrs_per_packet)
        figures.append({key: round(value, 5) for key, value in figure.items()})
    return figures


def summary(measured: list[dict[str, float]]) -> list[str]:
    """The figures of `measure` in lines to print."""
    return [
        f"{figure['snr_db']:5.1f} dB  "
        f"{figure.get('coded_bits_per_llr', figure['ideal_bits_per_llr']):.3f} bits/LLR  "
        f"{figure['information_loss']:.5f} bits lost/LLR"
        for figure in measured
    ]


def coded_bytes(tables: CodingTables, indices: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Bytes of each packet's range-coded body by torchac; None where it is not installed."""
    try:
        import torchac
    except ImportError:
        return None
    from .code_length import context_of_index

    contexts = context_of_index(tables, indices)
    latent = np.arange(LATENTS)
    lengths = []
    for packet, chosen in zip(indices, contexts, strict=True):
        rows = tables.cdf[latent, chosen].reshape(-1, tables.cdf.shape[-1])
        # torchac keeps 65536 as 0 in 16 bits.
        cdf = torch.from_numpy(rows.astype(np.uint16).view(np.int16))
        symbols = torch.from_numpy(packet.reshape(-1).astype(np.int16))
        lengths.append(len(torchac.encode_int16_normalized_cdf(cdf, symbols)))
    return np.array(lengths)


def bundle_config(
    codec: HardenedCodec, config: TrainingConfig, measured: list[dict[str, float]]
) -> dict[str, Any]:
    """The JSON that stands in the bundle's metadata."""
    link = config.link
    profiles = ", ".join(link.profiles)
    return {
        "bits_per_symbol": link.bits_per_symbol,
        "hidden": 4 * link.bits_per_symbol,
        "latents": LATENTS,
        "levels": config.codec.levels,
        "contexts": codec.tables.contexts,
        "llr_sign": "positive_is_1",
        "llr_clip": codec.llr_clip,
        "cdf_precision": CDF_PRECISION,
        "snr_db": list(link.snr_db),
        "seed": config.seed,
        "alpha": config.loss.alpha,
        "data": (
            f"{config.schedule.packets} packets of {link.subcarriers} symbols, "
            f"Rayleigh fading ({profiles}), exact LLRs"
        ),
        "measured": measured,
        "training": config_to_dict(config),
    }
