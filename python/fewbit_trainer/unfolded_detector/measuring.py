# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deployed detector's figures over fresh vectors: bit errors, and what its LLRs tell."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .channels import Received, draw
from .detection import detect
from .network import UnfoldedDetector
from .symbols import level_bits
from .training import MEASURE, run_generator

_CHUNK = 256


def measure(detector: UnfoldedDetector, arithmetic: str | None = None) -> list[dict[str, Any]]:
    """At each SNR the bit error rate and the LLRs' information in bits of a vector, each with one
    standard error over channels. Equal configurations see equal vectors."""
    return [measure_at(detector, snr, arithmetic) for snr in detector.config.measure.snr_db]


def measure_at(
    detector: UnfoldedDetector, snr_db: float, arithmetic: str | None = None
) -> dict[str, Any]:
    """One of the figures of `measure`."""
    config = detector.config
    settings = config.measure
    generator = run_generator(config.seed, MEASURE, round(1000 * snr_db) % (1 << 31))
    errors, told = [], []
    for start in range(0, settings.channels, _CHUNK):
        count = min(_CHUNK, settings.channels - start)
        received = draw(config.link, torch.full((count,), snr_db), settings.vectors, generator)
        wrong, information = channel_figures(detector, received, arithmetic)
        errors.append(wrong)
        told.append(information)
    ber, ber_error = _mean_and_error(torch.cat(errors))
    information, information_error = _mean_and_error(torch.cat(told))
    return {
        "snr_db": snr_db,
        "ber": ber,
        "ber_error": ber_error,
        "information": information,
        "information_error": information_error,
        "bits": settings.channels * settings.vectors * config.link.users
        * config.link.bits_per_symbol,
    }  # fmt: skip


def channel_figures(
    detector: UnfoldedDetector, received: Received, arithmetic: str | None = None
) -> tuple[Tensor, Tensor]:
    """Each channel's share of wrong bits, and its LLRs' information in bits of a vector."""
    link = detector.config.link
    found = detect(detector, received.channel, received.y, received.snr_db, arithmetic)
    table = level_bits(link.bits_per_symbol)
    sent = table[received.levels]
    wrong = (table[found.indices] != sent).double().mean(dim=(1, 2, 3))
    towards = (2.0 * sent.float() - 1.0) * found.llrs
    lost = functional.softplus(-towards).double().mean(dim=(1, 2, 3)) / math.log(2.0)
    return wrong, (1.0 - lost) * link.users * link.bits_per_symbol


def _mean_and_error(values: Tensor) -> tuple[float, float]:
    if len(values) < 2:
        return float(values.mean()), 0.0
    return float(values.mean()), float(values.std() / len(values) ** 0.5)


def summary(measured: list[dict[str, Any]]) -> list[str]:
    """The figures of `measure` in lines to print."""
    return [
        f"{figure['snr_db']:g} dB  ber {figure['ber']:.4g} +- {1.96 * figure['ber_error']:.2g}  "
        f"LLRs tell {figure['information']:.2f} bits a vector ({figure['bits']} fresh bits)"
        for figure in measured
    ]
