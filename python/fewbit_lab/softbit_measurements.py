# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the soft-bit figures measure in a batch of packets. Run in worker processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from fewbit_lab.confidence import jackknife_interval
from fewbit_lab.errors import LabError
from fewbit_lab.softbit_link import LinkSetting, SoftbitLink
from fewbit_lab.softbit_schemes import Scheme


@dataclass(frozen=True)
class BlockErrors:
    """Block errors and stored bytes of every scheme on the same packets.

    Counts: `packets`; `errors`, `bytes` and `coded_bytes`, a list with an entry for each scheme;
    `reference_errors`, those of the first scheme, for stop rules.
    """

    setting: LinkSetting
    schemes: tuple[Scheme, ...]
    packets: int
    """In a batch, where `coordinates["packets"]` does not say otherwise."""

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        link = link_of(self.setting)
        snr_db, packets = coordinates["snr_db"], coordinates.get("packets", self.packets)
        reception = link.receive(packets, snr_db, seed)
        errors, stored, coded = [], [], []
        for scheme in self.schemes:
            llrs, body = codec_of(scheme.at(snr_db)).round_trip(reception.llrs)
            errors.append(int(np.sum(link.block_errors(reception, llrs))))
            stored.append(int(np.sum(body, dtype=np.int64)))
            coded.append(_coded_bytes(scheme.coded_at(snr_db), reception.llrs, stored[-1]))
        return {
            "packets": packets,
            "errors": errors,
            "bytes": stored,
            "coded_bytes": coded,
            "reference_errors": errors[0],
        }


@dataclass(frozen=True)
class StoredBytes:
    """Stored bytes alone, and the entropy of the learned codecs' indices: no decoding.

    Counts: `packets`, `bytes`, `coded_bytes` as in BlockErrors; `histograms`, for each learned
    scheme the occurrences of every index of every latent, [latents, levels].
    """

    setting: LinkSetting
    schemes: tuple[Scheme, ...]
    packets: int

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        link = link_of(self.setting)
        snr_db = coordinates["snr_db"]
        llrs = link.receive(self.packets, snr_db, seed).llrs
        stored, coded, histograms = [], [], {}
        for scheme in self.schemes:
            codec = codec_of(scheme.at(snr_db))
            stored.append(int(np.sum(codec.round_trip(llrs)[1], dtype=np.int64)))
            coded.append(_coded_bytes(scheme.coded_at(snr_db), llrs, stored[-1]))
            if scheme.family == "learned":
                histograms[scheme.name] = _histogram(codec, llrs)
        return {
            "packets": self.packets,
            "bytes": stored,
            "coded_bytes": coded,
            "histograms": histograms,
        }


def _coded_bytes(specification: str | None, llrs: np.ndarray, stored: int) -> int:
    if specification is None:
        return stored
    return int(np.sum(codec_of(specification).round_trip(llrs)[1], dtype=np.int64))


def _histogram(codec: Any, llrs: np.ndarray) -> list[list[int]]:
    """How often each index occurred, per latent."""
    indices = np.asarray(codec.indices(llrs)).reshape(-1, 3)
    return [np.bincount(indices[:, latent], minlength=64).tolist() for latent in range(3)]


@lru_cache(maxsize=4)
def link_of(setting: LinkSetting) -> SoftbitLink:
    """One link for all batches that a process runs."""
    return SoftbitLink(setting)


@lru_cache(maxsize=512)
def codec_of(specification: str) -> Any:
    """One codec for all batches that a process runs."""
    from gnuradio.fewbit import algorithms

    return algorithms.make_softbit_codec(specification)


def need_codecs(schemes: Iterable[Scheme], snr_db: Iterable[float]) -> list[int]:
    """The identities of all codecs of some schemes at some SNRs.

    Raises LabError, before anything is measured, where a codec cannot be made.
    """
    ids = []
    points = list(snr_db)
    for scheme in schemes:
        texts = {scheme.at(snr) for snr in points} | {scheme.coded_at(snr) for snr in points}
        for text in sorted(filter(None, texts)):
            try:
                ids.append(codec_of(text).id)
            except (ValueError, RuntimeError) as error:
                raise LabError(f"{scheme.name}: {error}") from error
    return ids


def entropy_bits(histogram: np.ndarray) -> float:
    """Sum over the latents of the entropy of their indices, in bits a symbol."""
    counts = np.asarray(histogram, float)
    share = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1.0)
    return float(-np.sum(share * np.log2(np.where(share > 0.0, share, 1.0))))


def entropy_interval(histograms: np.ndarray) -> tuple[float, float, float]:
    """entropy_bits() of batches [batches, latents, levels] taken together, with 95 % limits."""
    histograms = np.asarray(histograms)
    total = histograms.sum(axis=0)
    left_out = [entropy_bits(total - one) for one in histograms]
    return jackknife_interval(entropy_bits(total), left_out)
