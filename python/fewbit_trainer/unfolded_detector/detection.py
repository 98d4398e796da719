# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A detector in the arithmetic that it is deployed in: outputs, decisions, LLRs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .integer import detect_integer, prepare_integer
from .network import UnfoldedDetector, output_variance, prepare
from .symbols import LLR_LIMIT, level_bits, level_indices, user_bits


@dataclass(frozen=True)
class Detected:
    """Of vectors [C, V]."""

    indices: Tensor
    """Of the levels, int64 [C, V, N]"""
    llrs: Tensor
    """By axis, float32 [C, V, N, bits_per_symbol / 2], clipped"""


def detect(
    detector: UnfoldedDetector,
    channel: Tensor,
    y: Tensor,
    snr_db: Tensor,
    arithmetic: str | None = None,
) -> Detected:
    """Vectors y [C, V, R] over channels [C, R, N] at SNRs [C]; ``arithmetic`` None: as deployed.

    A vector with a value that is not finite has LLRs 0, and indices that mean nothing.
    """
    config = detector.config
    usable = y.isfinite().all(-1)
    y = torch.where(usable[..., None], y, torch.zeros_like(y))
    o, variance = deployed_output(detector, channel, y, snr_db, arithmetic)
    with torch.no_grad():
        llrs = detector.llrs(o, variance, snr_db)
    llrs = torch.where(usable[..., None, None], llrs, torch.zeros_like(llrs))
    indices = level_indices(o, config.link.bits_per_symbol)
    return Detected(indices, llrs.clamp(-LLR_LIMIT, LLR_LIMIT))


def deployed_output(
    detector: UnfoldedDetector,
    channel: Tensor,
    y: Tensor,
    snr_db: Tensor,
    arithmetic: str | None = None,
) -> tuple[Tensor, Tensor]:
    """Outputs o [C, V, N] and their variances nu_i [C, N]; y finite, the rest as `detect`."""
    config = detector.config
    arithmetic = arithmetic or config.quantization.arithmetic
    with torch.no_grad():
        if arithmetic != "int8":
            output = detector(channel, y, snr_db, arithmetic == "quantized")
            return output.o, output.variance
        codes = detect_integer(prepare_integer(detector, channel, snr_db), y, config)
        scalars = detector.scalars.at(snr_db)
        variance = output_variance(scalars, prepare(channel, scalars).error)
        return codes.float() * 2.0**-config.quantization.fraction_bits, variance


def bits_of(indices: Tensor, bits_per_symbol: int) -> Tensor:
    """The bits of levels [..., N] in the order of the LLRs: user by user; uint8."""
    return user_bits(level_bits(bits_per_symbol).to(indices.device)[indices])
