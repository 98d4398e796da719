# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symbols of one axis: odd integers with the 3GPP Gray map, decisions, LLRs."""

from __future__ import annotations

import torch
from torch import Tensor

LLR_LIMIT = 64.0


def level_count(bits_per_symbol: int) -> int:
    """L of one axis."""
    return 1 << (bits_per_symbol // 2)


def level_energy(bits_per_symbol: int) -> float:
    """Mean square of the levels, (L^2 - 1) / 3."""
    return (level_count(bits_per_symbol) ** 2 - 1) / 3.0


def noise_variance(snr_db: Tensor, bits_per_symbol: int) -> Tensor:
    """sigma^2 per real dimension at a nominal SNR."""
    return level_energy(bits_per_symbol) * torch.pow(10.0, -0.1 * snr_db)


def thresholds(bits_per_symbol: int) -> list[int]:
    """The even integers between the levels, ascending."""
    count = level_count(bits_per_symbol)
    return list(range(2 - count, count, 2))


def level_values(bits_per_symbol: int) -> Tensor:
    """The levels, ascending, float32 [L]."""
    count = level_count(bits_per_symbol)
    return torch.arange(1 - count, count, 2, dtype=torch.float32)


def level_bits(bits_per_symbol: int) -> Tensor:
    """The axis' bits of each level, first bit first; uint8 [L, bits_per_symbol / 2].

    TS 38.211, 5.1: a level is c0 (2^(n-1) - c1 (2^(n-2) - ..)), c = 1 - 2b.
    """
    axis_bits = bits_per_symbol // 2
    count = level_count(bits_per_symbol)
    table = torch.zeros(count, axis_bits, dtype=torch.uint8)
    for number in range(count):
        bits = [number >> (axis_bits - 1 - i) & 1 for i in range(axis_bits)]
        level = 0
        for distance, bit in enumerate(reversed(bits)):
            level = (1 - 2 * bit) * ((1 << distance) - level)
        table[(level + count - 1) // 2] = torch.tensor(bits, dtype=torch.uint8)
    return table


def level_indices(o: Tensor, bits_per_symbol: int) -> Tensor:
    """The number of thresholds <= o, int64."""
    index = torch.zeros_like(o, dtype=torch.int64)
    for threshold in thresholds(bits_per_symbol):
        index += o >= threshold
    return index


def user_bits(axis_values: Tensor) -> Tensor:
    """``[..., N, n]`` by axis (first all I, then all Q) to ``[..., users * 2n]``, user by user, the
    two axes' values in turn: b0 (I), b1 (Q), b2 (I), .."""
    *rest, coordinates, n = axis_values.shape
    split = axis_values.reshape(*rest, 2, coordinates // 2, n)
    order = len(rest)
    turned = split.permute(*range(order), order + 1, order + 2, order)
    return turned.reshape(*rest, coordinates * n)


def axis_llrs(o: Tensor, variance: Tensor, bits_per_symbol: int) -> Tensor:
    """LLRs ``[..., bits / 2]`` of an axis' bits where o is a level + Gaussian noise; unclipped."""
    exponent = -(o.unsqueeze(-1) - level_values(bits_per_symbol).to(o)).square()
    exponent = exponent / (2.0 * variance.unsqueeze(-1))
    one = level_bits(bits_per_symbol).bool().to(o.device)
    llrs = []
    for bit in range(bits_per_symbol // 2):
        ones = torch.logsumexp(exponent[..., one[:, bit]], -1)
        llrs.append(ones - torch.logsumexp(exponent[..., ~one[:, bit]], -1))
    return torch.stack(llrs, -1)


def doubted(llrs: Tensor, doubt: Tensor) -> Tensor:
    """log((P1 + doubt) / (P0 + doubt)), P1 and P0 the probabilities that the LLRs say.

    A detector fails now and then as a whole, which no Gaussian foresees; doubt is that share.
    """
    other = torch.exp(-llrs.abs())
    share = doubt * (1.0 + other)
    return torch.sign(llrs) * torch.log((1.0 + share) / (other + share))


def mean_of_levels(r: Tensor, variance: Tensor, bits_per_symbol: int) -> Tensor:
    """E[x | r] where r is a level + Gaussian noise, all levels equally likely."""
    levels = level_values(bits_per_symbol).to(r)
    # Relative to r^2, which all levels share: l (2 r - l) / (2 variance).
    exponent = levels * (2.0 * r.unsqueeze(-1) - levels) / (2.0 * variance.unsqueeze(-1))
    return (torch.softmax(exponent, -1) * levels).sum(-1)
