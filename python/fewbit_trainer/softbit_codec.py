# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The soft-bit autoencoder, its fixed latent quantizer and its losses.

Structure and losses follow M. Arvinte and J. Tamir, "Wideband and Entropy-Aware Deep Soft Bit
Quantization": per subcarrier K soft bits Lambda = tanh(L/2) -> encoder (K-4K-4K-4K-4K-3, ReLU,
tanh at the end) -> each latent to the nearest of M fixed points -> decoder (3-4K-4K-4K-4K-K).
Two losses and two rate models are offered: the paper's, and ones that fit the decoder and the
entropy coder behind them more closely (`cross_entropy_loss`, `code_length.CountedRate`).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

LATENTS = 3
HIDDEN_LAYERS = 4


def glorot_normal_(layer: nn.Linear, generator: torch.Generator) -> None:
    """Weights from N(0, 2 / (fan in + fan out)), biases zero (Glorot and Bengio, 2010)."""
    fan_out, fan_in = layer.weight.shape
    with torch.no_grad():
        layer.weight.normal_(0.0, (2.0 / (fan_in + fan_out)) ** 0.5, generator=generator)
        layer.bias.zero_()


def _stack(widths: list[int], generator: torch.Generator) -> nn.ModuleList:
    layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths[:-1], widths[1:], strict=True))
    for layer in layers:
        glorot_normal_(layer, generator)
    return layers


def _forward(layers: nn.ModuleList, value: Tensor) -> Tensor:
    for layer in layers[:-1]:
        value = torch.relu(layer(value))
    return layers[-1](value)


class SoftBitAutoencoder(nn.Module):
    """Encoder, fixed uniform quantizer and decoder of one modulation order."""

    codebook: Tensor

    def __init__(
        self,
        bits_per_symbol: int,
        levels: int = 64,
        codebook_range: float = 0.8,
        seed: int = 0,
    ) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        hidden = [4 * bits_per_symbol] * HIDDEN_LAYERS
        self.bits_per_symbol = bits_per_symbol
        self.encoder = _stack([bits_per_symbol, *hidden, LATENTS], generator)
        self.decoder = _stack([LATENTS, *hidden, bits_per_symbol], generator)
        codebook = torch.linspace(-codebook_range, codebook_range, levels)
        self.register_buffer("codebook", codebook)
        # Numbers of the host: read from a buffer on a GPU they would make it wait.
        self.step = float(codebook[-1] - codebook[0]) / (levels - 1)
        """Distance of two neighbouring codebook entries."""
        self.span = float(codebook[-1])
        """The last codebook entry; the first is its negative."""

    def encode(self, soft_bits: Tensor) -> Tensor:
        """Latents ``[..., 3]`` in (-1, 1) of soft bits ``[..., K]``."""
        return torch.tanh(_forward(self.encoder, soft_bits))

    def quantize(self, latents: Tensor) -> Tensor:
        """Index of the nearest codebook entry, half-way cases to the lower one."""
        position = (latents - self.codebook[0]) / self.step
        index = torch.ceil(position - 0.5)
        return index.clamp(0, self.codebook.numel() - 1).long()

    def decode(self, latents: Tensor) -> Tensor:
        """LLRs ``[..., K]``: twice the last layer's sum a, since Lambda = tanh(a)."""
        return 2.0 * _forward(self.decoder, latents)


def straight_through(latents: Tensor, quantized: Tensor) -> Tensor:
    """The quantized value forward, the identity backward (the paper's eq. 5)."""
    return latents + (quantized - latents).detach()


def weighted_square_loss(soft_bits: Tensor, llrs: Tensor, epsilon: float = 1e-4) -> Tensor:
    """The paper's distortion (eq. 3): mean of (Lambda - Lambda~)^2 / (|Lambda| + epsilon)."""
    error = soft_bits - torch.tanh(0.5 * llrs)
    return (error.square() / (soft_bits.abs() + epsilon)).mean()


def cross_entropy_loss(soft_bits: Tensor, llrs: Tensor) -> Tensor:
    """Information lost, in bits per LLR: mean KL divergence of the bit's two posteriors.

    With p = (1 + Lambda)/2 the true posterior of a 1 and p~ = sigmoid(L~), the mean over bits
    and noise of log2(1 + exp(-(2b-1) L~)) less that of the true LLRs is E[KL(p || p~)].
    """
    target = 0.5 * (1.0 + soft_bits)
    cross = functional.binary_cross_entropy_with_logits(llrs, target, reduction="none")
    own = -(torch.xlogy(target, target) + torch.xlogy(1.0 - target, 1.0 - target))
    return (cross - own).mean() / math.log(2.0)


def index_histogram(indices: Tensor, levels: int) -> Tensor:
    """Counts ``[latents, levels]`` of indices ``[n, latents]``."""
    latents = indices.shape[-1]
    offset = torch.arange(latents, device=indices.device) * levels
    flat = (indices.reshape(-1, latents) + offset).reshape(-1)
    # bincount would do, but it makes a GPU wait for the host.
    counts = torch.zeros(latents * levels, dtype=torch.int64, device=indices.device)
    return counts.scatter_add_(0, flat, torch.ones_like(flat)).reshape(latents, levels)


def soft_entropy(
    latents: Tensor,
    codebook: Tensor,
    indices: Tensor,
    tau: float | Tensor,
    pooled: bool = True,
) -> Tensor:
    """The paper's soft entropy (eq. 7) in nats, averaged over the latents.

    Weights softmax_i(-tau (z - Q_i)^2) on -log of the batch histogram, which counts one extra
    in every bin and passes no gradient. ``pooled`` counts all latents in one histogram.
    """
    counts = index_histogram(indices.detach(), codebook.numel()).to(latents.dtype)
    if pooled:
        counts = counts.sum(dim=0, keepdim=True).expand_as(counts)
    counts = counts + 1.0
    cost = -torch.log(counts / counts.sum(dim=1, keepdim=True))
    distance = (latents.unsqueeze(-1) - codebook).square()
    weights = torch.softmax(-tau * distance, dim=-1)
    return (weights * cost).sum(dim=-1).mean()
