# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trained numbers: tables over SNR knots, and what they are at an SNR."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .config import UnfoldedDetectorConfig
from .symbols import level_count, noise_variance

_LEAST = 1e-12
_MOST_GAIN = 8.0
_MOST = {"alpha": _MOST_GAIN, "beta": _MOST_GAIN, "kappa": 1.0}
"""What 16 bits hold."""
_FIRST_KAPPA = 0.9
_FIRST_DOUBT = 1e-3


@dataclass(frozen=True)
class Scalars:
    """At C SNRs; all positive."""

    noise_variance: Tensor
    """sigma^2 [C]"""
    root_snr: Tensor
    """snr^(-1/2) [C]"""
    rho: Tensor | None
    """[C], admm"""
    eta: Tensor | None
    """[C, K], pgd"""
    alpha: Tensor | None
    """[C, D], admm: gain of the denoiser's answer"""
    beta: Tensor | None
    """[C, D], admm: gain of what the denoiser took off"""
    kappa: Tensor | None
    """[C, D], admm: how much of that the next layer still adds"""
    constant: Tensor
    """[C, D]"""
    slope: Tensor | None
    """[C, D], per coordinate"""
    output_constant: Tensor
    """[C]"""
    output_slope: Tensor
    output_doubt: Tensor | None
    """[C], where bits are what is trained for"""


def knot_weights(snr_db: Tensor, knots_db: Tensor) -> Tensor:
    """[C, S]: linear interpolation, constant beyond the ends; a row's sum is 1."""
    if len(knots_db) == 1:
        return torch.ones(len(snr_db), 1).to(snr_db)
    inside = snr_db.clamp(knots_db[0], knots_db[-1])
    right = torch.searchsorted(knots_db, inside, right=True).clamp(1, len(knots_db) - 1)
    share = (inside - knots_db[right - 1]) / (knots_db[right] - knots_db[right - 1])
    weights = torch.zeros(len(snr_db), len(knots_db)).to(snr_db)
    weights.scatter_(1, right[:, None], share[:, None])
    weights.scatter_(1, right[:, None] - 1, 1.0 - share[:, None])
    return weights


class ScalarTables(nn.Module):
    """Tables [S, ..] of positive numbers, trained as logarithms or as they are."""

    def __init__(self, config: UnfoldedDetectorConfig) -> None:
        super().__init__()
        network, bits = config.network, config.link.bits_per_symbol
        self.bits_per_symbol = bits
        self.linear = network.scale == "linear"
        knots = torch.tensor(network.knots_db)
        self.register_buffer("knots_db", knots)
        count, denoisers = len(knots), config.denoisers
        # One set of scalars for all SNRs starts from the middle of the range.
        middle = torch.tensor([sum(config.link.snr_db) / 2.0])
        variance = noise_variance(knots if count > 1 else middle, bits)
        self.tables = nn.ParameterDict()
        if network.kind == "admm":
            self._add("rho", 0.5 * variance)
            for name, start in (("alpha", 1.0), ("beta", 1.0), ("kappa", _FIRST_KAPPA)):
                self._add(name, torch.full((count, denoisers), start))
        else:
            self._add("eta", torch.full((count, network.layers), network.eta))
        constant, slope = _first_widths(config)
        self._add("constant", torch.full((count, denoisers), constant))
        if network.tau == "per_coordinate":
            self._add("slope", torch.full((count, denoisers), slope))
        self._add("output_constant", torch.full((count,), 0.05))
        self._add("output_slope", torch.ones(count))
        if config.schedule.loss == "cross_entropy":
            self._add("output_doubt", torch.full((count,), _FIRST_DOUBT))

    def _add(self, name: str, start: Tensor) -> None:
        self.tables[name] = nn.Parameter(start.clone() if self.linear else start.log())

    def at(self, snr_db: Tensor) -> Scalars:
        """What the tables give at these SNRs. Beyond the last of several knots all is as there, the
        noise too: widths that went on shrinking without the others would cost errors."""
        if len(self.knots_db) > 1:
            snr_db = snr_db.clamp(max=self.knots_db[-1])
        weights = knot_weights(snr_db, self.knots_db)
        values: dict[str, Tensor] = {}
        for name, table in self.tables.items():
            value = weights @ table
            value = value.clamp(min=_LEAST) if self.linear else value.exp()
            values[name] = value.clamp(max=_MOST[name]) if name in _MOST else value
        return Scalars(
            noise_variance=noise_variance(snr_db, self.bits_per_symbol),
            root_snr=torch.pow(10.0, -0.05 * snr_db),
            rho=values.get("rho"),
            eta=values.get("eta"),
            alpha=values.get("alpha"),
            beta=values.get("beta"),
            kappa=values.get("kappa"),
            constant=values["constant"],
            slope=values.get("slope"),
            output_constant=values["output_constant"],
            output_slope=values["output_slope"],
            output_doubt=values.get("output_doubt"),
        )

    def logarithms(self) -> dict[str, Tensor]:
        """The tables as the bundle has them."""
        found = {}
        for name, table in self.tables.items():
            value = table.detach()
            value = value.clamp(min=_LEAST).log() if self.linear else value
            found[name] = value.clamp(max=math.log(_MOST[name])) if name in _MOST else value
        return found

    @torch.no_grad()
    def keep_in_range(self) -> None:
        """Brings back what a step took beyond its limit, where gradients would end."""
        for name, most in _MOST.items():
            if name in self.tables:
                self.tables[name].clamp_(max=most if self.linear else math.log(most))


def _first_widths(config: UnfoldedDetectorConfig) -> tuple[float, float]:
    """Constant part, and slope over the error variance, of a denoiser's width."""
    network = config.network
    outer = level_count(config.link.bits_per_symbol) - 1.0
    constant, slope = {
        "soft_threshold": (0.05, 1e-3),
        "clip": (outer, 1e-3),
        "posterior_mean": (0.05, 0.5),
        "staircase": (0.2, 0.5),
    }[network.denoiser]
    return (network.width or constant), slope
