# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MIMO link in torch: channels, symbols and noise, each from a seeded generator."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .config import LinkConfig
from .symbols import level_count, noise_variance


@dataclass(frozen=True)
class Received:
    """Vectors over channels: y = H x + n, real."""

    channel: Tensor
    """H [C, R, N]"""
    y: Tensor
    """[C, V, R]"""
    levels: Tensor
    """Indices of the levels sent, int64 [C, V, N]; the level is 2 index - (L - 1)"""
    snr_db: Tensor
    """[C]"""


def real_form(matrices: Tensor) -> Tensor:
    """``[[Re, -Im], [Im, Re]]`` of complex matrices."""
    top = torch.cat([matrices.real, -matrices.imag], -1)
    return torch.cat([top, torch.cat([matrices.imag, matrices.real], -1)], -2)


def correlation_root(count: int, correlation: float) -> Tensor:
    """The lower Cholesky factor of ``correlation^|i - j|``."""
    distance = (torch.arange(count)[:, None] - torch.arange(count)).abs()
    return torch.linalg.cholesky(torch.tensor(correlation, dtype=torch.float64) ** distance)


def draw_channels(link: LinkConfig, count: int, generator: torch.Generator) -> Tensor:
    """Complex H [count, antennas, users]: entries of variance 1 / users, and Kronecker correlation
    ``receive_correlation^|i - j|`` of antennas, ``transmit_correlation^|i - j|`` of users."""
    parts = torch.randn(
        2, count, link.antennas, link.users, generator=generator, device=generator.device
    )
    h = torch.complex(parts[0], parts[1]) * (0.5 / link.users) ** 0.5
    for correlation, side in ((link.receive_correlation, 0), (link.transmit_correlation, 1)):
        if correlation:
            root = correlation_root(h.shape[1 + side], correlation).to(h)
            h = root @ h if side == 0 else h @ root.T
    return h


def draw(
    link: LinkConfig, snr_db: Tensor, vectors: int, generator: torch.Generator
) -> Received:
    """A channel for each entry of ``snr_db`` and ``vectors`` vectors over each."""
    device = generator.device
    snr_db = snr_db.to(device)
    h = real_form(draw_channels(link, len(snr_db), generator))
    count = level_count(link.bits_per_symbol)
    levels = torch.randint(
        count, (len(h), vectors, h.shape[2]), generator=generator, device=device
    )
    noise = torch.randn(len(h), vectors, h.shape[1], generator=generator, device=device)
    deviation = noise_variance(snr_db, link.bits_per_symbol).sqrt()
    x = (2 * levels - (count - 1)).to(h.dtype)
    return Received(h, x @ h.mT + deviation[:, None, None] * noise, levels, snr_db)
