# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many bits the entropy coder will spend on the latents, as a loss and as the coder's tables.

Indices are coded subcarrier by subcarrier, latents 0, 1, 2 within each. Without contexts each
latent has one distribution. With contexts, latent 0 (which the warm start makes the channel
quality) is predicted from its own value on the previous subcarrier, and latents 1 and 2 (the two
axes of the symbol) from latent 0 of their subcarrier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .softbit_codec import LATENTS

CDF_PRECISION = 16


def context_values(indices: Tensor) -> Tensor:
    """The index that predicts each latent, ``[packets, subcarriers, 3]`` like ``indices``.

    The first subcarrier of a packet, which has no previous one, is given its own latent 0 here;
    the exported tables have a context of its own for it.
    """
    first = indices[..., 0]
    previous = torch.cat([first[:, :1], first[:, :-1]], dim=1)
    return torch.stack([previous, first, first], dim=-1)


class CountedRate:
    """Code length under running counts of the indices, given their contexts.

    The counts are an exponential average over batches; they carry no gradient. Between codebook
    entries the code length is interpolated linearly, which is the slope that the encoder follows.
    """

    def __init__(
        self,
        levels: int,
        conditional: bool,
        decay: float = 0.98,
        device: torch.device | str = "cpu",
    ) -> None:
        self.levels = levels
        self.conditional = conditional
        self.decay = decay
        self.contexts = levels if conditional else 1
        self.counts = torch.zeros(LATENTS, self.contexts, levels, device=device)
        self.bits = torch.full_like(self.counts, float(np.log2(levels)))

    def _cells(self, indices: Tensor) -> Tensor:
        """Flat position of the row of each index in the table of counts."""
        latent = torch.arange(LATENTS, device=indices.device) * self.contexts
        rows = latent.expand_as(indices)
        if self.conditional:
            rows = rows + context_values(indices)
        return rows * self.levels

    def update(self, indices: Tensor) -> None:
        """Counts a batch of indices ``[packets, subcarriers, 3]``."""
        cells = (self._cells(indices) + indices).reshape(-1)
        found = torch.bincount(cells, minlength=self.counts.numel()).float()
        self.counts = self.decay * self.counts + found.reshape(self.counts.shape)
        self._refresh()

    def _refresh(self) -> None:
        counts = self.counts
        if self.conditional:
            # A context seen rarely borrows from its neighbours and from the marginal.
            near = torch.roll(counts, 1, 1) + torch.roll(counts, -1, 1)
            marginal = counts.sum(1, keepdim=True)
            marginal = marginal / marginal.sum(2, keepdim=True)
            counts = counts + 0.25 * near + 5.0 * marginal
        counts = counts + 0.02
        smooth = 0.8 * counts
        smooth[..., 1:] += 0.1 * counts[..., :-1]
        smooth[..., :-1] += 0.1 * counts[..., 1:]
        self.bits = -torch.log2(smooth / smooth.sum(-1, keepdim=True))

    def __call__(self, position: Tensor, indices: Tensor) -> Tensor:
        """Bits of each latent, ``[packets, subcarriers, 3]``.

        ``position``: the latents in units of the codebook's step from its first entry, carrying
        the gradient; ``indices``: the quantized latents, which choose the contexts.
        """
        lower = position.detach().floor().clamp(0, self.levels - 2)
        share = (position - lower).clamp(0.0, 1.0)
        cell = self._cells(indices) + lower.long()
        table = self.bits.reshape(-1)
        return (1.0 - share) * table[cell] + share * table[cell + 1]

    def state_dict(self) -> dict[str, Tensor]:
        """What a checkpoint keeps."""
        return {"counts": self.counts}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Takes a checkpoint's counts back."""
        self.counts = state["counts"]
        self._refresh()


@dataclass(frozen=True)
class CodingTables:
    """The coder's tables, as the bundle holds them (docs/architecture.md)."""

    cdf: NDArray[np.int32]
    """[3, C, M + 1]"""
    context_table: NDArray[np.float32] | None
    """[3, 6, M]"""
    context_thresholds: NDArray[np.float32] | None
    """[3, C - 1]"""
    context_start: NDArray[np.float32] | None
    """[3]"""

    @property
    def contexts(self) -> int:
        return int(self.cdf.shape[1])

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """The tables by their names in the bundle."""
        named: dict[str, NDArray[np.generic]] = {"cdf": self.cdf}
        if self.context_table is not None:
            assert self.context_thresholds is not None and self.context_start is not None
            named["context_table"] = self.context_table
            named["context_thresholds"] = self.context_thresholds
            named["context_start"] = self.context_start
        return named


def integer_cdf(counts: NDArray[np.generic]) -> NDArray[np.int32]:
    """Counts ``[..., M]`` to integer CDFs ``[..., M + 1]``: 0 to 2^16, strictly increasing.

    Every symbol gets at least one part in 2^16, so that every index can be coded; the rest is
    shared in proportion to the counts, by largest remainder.
    """
    counts = np.asarray(counts, dtype=np.float64)
    if counts.ndim < 1 or not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("counts for a CDF must be finite and not negative")
    levels = counts.shape[-1]
    rows = counts.reshape(-1, levels)
    total = rows.sum(axis=1, keepdims=True)
    share = np.where(total > 0, rows / np.where(total > 0, total, 1.0), 1.0 / levels)
    free = 2**CDF_PRECISION - levels
    exact = share * free
    parts = np.floor(exact).astype(np.int64)
    missing = free - parts.sum(axis=1)
    order = np.argsort(parts - exact, axis=1, kind="stable")
    for row, count in enumerate(missing):
        parts[row, order[row, :count]] += 1
    cdf = np.zeros((rows.shape[0], levels + 1), dtype=np.int32)
    cdf[:, 1:] = np.cumsum(parts + 1, axis=1)
    return cdf.reshape(*counts.shape[:-1], levels + 1)


def bucket_of_level(counts: NDArray[np.generic], buckets: int) -> NDArray[np.int64]:
    """Groups neighbouring values of latent 0 into ``buckets`` of about equal use, ``[M]``."""
    weight = np.asarray(counts, dtype=np.float64) + 1e-9
    # Values that are hardly used share a bucket; the square root keeps the tails apart.
    weight = np.sqrt(weight)
    middle = np.cumsum(weight) - 0.5 * weight
    return np.minimum((middle / weight.sum() * buckets).astype(np.int64), buckets - 1)


def context_of_index(tables: CodingTables, indices: NDArray[np.integer]) -> NDArray[np.int64]:
    """The contexts ``[packets, subcarriers, 3]`` in which the coder codes ``indices``."""
    contexts = np.zeros(indices.shape, dtype=np.int64)
    if tables.context_table is None:
        return contexts
    assert tables.context_thresholds is not None and tables.context_start is not None
    for latent in range(LATENTS):
        rows = tables.context_table[latent]
        score = np.zeros(indices.shape[:2], dtype=np.float32)
        score[:, 0] = tables.context_start[latent]
        for j in range(LATENTS):
            score[:, 1:] += rows[j][indices[:, :-1, j]]
        for j in range(latent):
            score += rows[LATENTS + j][indices[:, :, j]]
        contexts[..., latent] = np.searchsorted(
            tables.context_thresholds[latent], score, side="right"
        )
    return contexts


def count_tables(indices: NDArray[np.integer], levels: int, contexts: int) -> CodingTables:
    """The coder's tables from indices ``[packets, subcarriers, 3]`` of training channels."""
    tables = CodingTables(np.zeros((LATENTS, 1, levels + 1), np.int32), None, None, None)
    if contexts > 1:
        buckets = contexts - 1
        used = np.bincount(indices[..., 0].reshape(-1), minlength=levels)
        bucket = bucket_of_level(used, buckets).astype(np.float32)
        table = np.zeros((LATENTS, 2 * LATENTS, levels), np.float32)
        table[0, 0] = bucket
        table[1:, LATENTS] = bucket
        thresholds = np.tile(np.arange(buckets, dtype=np.float32) + 0.5, (LATENTS, 1))
        # The last context is the first subcarrier's; only latent 0 needs one.
        start = np.array([buckets, 0, 0], np.float32)
        tables = CodingTables(
            np.zeros((LATENTS, contexts, levels + 1), np.int32), table, thresholds, start
        )
    chosen = context_of_index(tables, indices)
    counts = np.zeros((LATENTS, contexts, levels))
    for latent in range(LATENTS):
        np.add.at(counts[latent], (chosen[..., latent], indices[..., latent]), 1.0)
    marginal = counts.sum(axis=1, keepdims=True)
    counts += 2.0 * (marginal + 0.01) / (marginal + 0.01).sum(axis=2, keepdims=True)
    return CodingTables(
        integer_cdf(counts),
        tables.context_table,
        tables.context_thresholds,
        tables.context_start,
    )


def code_bits(tables: CodingTables, indices: NDArray[np.integer]) -> NDArray[np.float64]:
    """Ideal code length in bits of each index under the integer CDFs, shaped like ``indices``."""
    frequency = np.diff(tables.cdf, axis=-1)
    contexts = context_of_index(tables, indices)
    latent = np.arange(LATENTS)
    return CDF_PRECISION - np.log2(frequency[latent, contexts, indices])
