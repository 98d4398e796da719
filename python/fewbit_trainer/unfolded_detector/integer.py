# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The int8 arithmetic of docs/unfolded_detector.md, operation by operation.

From the prepared channel on, every implementation has these very bits. Sums of the layers' products
stay below 2^23, so that float32 holds them exactly in any order; those of the filter's, below 2^31,
are float64's. All else is int32.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .config import UnfoldedDetectorConfig
from .network import Prepared, UnfoldedDetector, admm_gains, prepare
from .quantizers import largest_code
from .scalars import Scalars
from .symbols import level_count, thresholds

_LEAST_LARGEST = 1e-30
_MOST = 32767
_GAIN_BITS = 3
_FILTER_SUM = 65408
"""Times 2^15: what a row of the filter may sum up to; its int32 has some left for rounding."""
_MOST_EXPONENT = 40
_POWERS_FROM = -64
_POWERS = torch.tensor([2.0**power for power in range(_POWERS_FROM, 1 - _POWERS_FROM)])
"""2^-64 .. 2^64, exactly."""


@dataclass(frozen=True)
class IntegerMatrix:
    """Rows of codes, each row with its scale."""

    codes: Tensor
    """float32 whole numbers [C, rows, columns]"""
    scale: Tensor
    """float32 [C, rows]"""


@dataclass(frozen=True)
class IntegerChannel:
    """A channel at a noise variance, prepared; int32 unless said."""

    matrix: IntegerMatrix
    filter: IntegerMatrix
    exponent: Tensor
    """e [C]: the received vector's codes are units of 2^-e"""
    diagonal: Tensor | None
    """[C, N], where it stands apart"""
    shape: Tensor
    """g [D, C, 1, N]: slopes of a staircase, widths of the others"""
    divisor: Tensor
    """d [D, C, 1, 1]"""
    unit: Tensor
    """What a code stands for in the state's units, float32 [D, C, 1]"""
    gains: tuple[Tensor, Tensor, Tensor] | None
    """alpha, beta, kappa [D, C, 1, 1] each, admm"""
    eta: Tensor | None
    """eta_k, float32 [K, C, 1], pgd"""


def integer_matrix(matrix: Tensor, most: int) -> IntegerMatrix:
    """Codes up to ``most``, each row by its largest magnitude."""
    largest = matrix.abs().amax(-1)
    empty = largest < _LEAST_LARGEST
    factor = _quotient(most, torch.where(empty, torch.ones_like(largest), largest))
    codes = (matrix * factor[..., None]).round().clamp(-most, most)
    codes = torch.where(empty[..., None], torch.zeros_like(codes), codes)
    scale = largest / torch.full_like(largest, float(most))
    return IntegerMatrix(codes, torch.where(empty, torch.zeros_like(scale), scale))


def largest_filter_code(columns: int) -> int:
    """B of a filter of so many columns: with int16 inputs its rows' sums stay within int32."""
    return min(_FILTER_SUM // columns, _MOST)


def received_exponent(channel: Tensor, noise_variance: Tensor, bits_per_symbol: int) -> Tensor:
    """e [C] of channels [C, R, N]: an int16 in units of 2^-e has 8 to 16 of the standard deviations
    that the strongest antenna's y has."""
    symbol = (level_count(bits_per_symbol) ** 2 - 1) / 3.0
    power = channel.double().square().sum(-1).amax(-1)
    energy = symbol * power + noise_variance.double()
    # frexp has its mantissa from 1/2: floor(log2 E) is one less.
    floor_log2 = torch.frexp(energy).exponent - 1
    exponent = torch.div(23 - floor_log2, 2, rounding_mode="floor")
    exponent = exponent.clamp(-_MOST_EXPONENT, _MOST_EXPONENT)
    return torch.where(energy > 0.0, exponent, torch.full_like(exponent, _MOST_EXPONENT)).int()


def prepare_integer(detector: UnfoldedDetector, channel: Tensor, snr_db: Tensor) -> IntegerChannel:
    """Of channels [C, R, N] at SNRs [C], by the detector's scalars."""
    with torch.no_grad():
        scalars = detector.scalars.at(snr_db)
        prepared = prepare(channel, scalars)
        return integer_channel(
            prepared,
            received_exponent(
                channel, scalars.noise_variance, detector.config.link.bits_per_symbol
            ),
            scalars,
            detector.widths(scalars, prepared.error),
            detector.steps(scalars),
            detector.config,
        )


def integer_channel(
    prepared: Prepared,
    exponent: Tensor,
    scalars: Scalars,
    widths: Tensor,
    steps: Tensor,
    config: UnfoldedDetectorConfig,
) -> IntegerChannel:
    """The codes of a prepared channel; e [C], widths [D, C, 1, N or 1], steps [C, D]."""
    settings = config.quantization
    matrix, diagonal = prepared.matrix, None
    if settings.diagonal == "apart":
        values = torch.diagonal(matrix, dim1=-2, dim2=-1)
        diagonal = _rounded(values * 32768.0, -_MOST, _MOST)
        matrix = matrix - torch.diag_embed(values)
    # What is quantised has 2^3 times the state's unit in ADMM, so that its gains reach 8.
    whole = 15 if scalars.alpha is None else 15 + _GAIN_BITS
    divisor = _rounded(2.0 ** (whole - settings.fraction_bits) / steps.T, 1, _MOST)
    shape = (
        _rounded(4096.0 / widths.clamp(min=0.125), 1, _MOST)
        if config.network.denoiser == "staircase"
        else _rounded(widths * 2.0**settings.fraction_bits, 0, _MOST)
    )
    users = prepared.matrix.shape[-1]
    return IntegerChannel(
        matrix=integer_matrix(matrix, largest_code(settings.matrix_bits)),
        filter=integer_matrix(prepared.filter, largest_filter_code(prepared.filter.shape[-1])),
        exponent=exponent,
        diagonal=diagonal,
        shape=shape.expand(*shape.shape[:3], users),
        divisor=divisor[:, :, None, None],
        unit=(2.0**whole / divisor.float())[:, :, None],
        gains=None if scalars.alpha is None else _integer_gains(scalars),
        eta=None if scalars.eta is None else scalars.eta.T[:, :, None],
    )


def _integer_gains(scalars: Scalars) -> tuple[Tensor, Tensor, Tensor]:
    alpha, beta, kappa = admm_gains(scalars)
    scale = 2.0 ** (15 - _GAIN_BITS)
    return (
        _rounded(alpha * scale, 0, _MOST),
        _rounded(beta * scale, 0, _MOST),
        _rounded(kappa * 32768.0, 0, _MOST),
    )


def detect_integer(prepared: IntegerChannel, y: Tensor, config: UnfoldedDetectorConfig) -> Tensor:
    """o in units of 2^-fraction_bits, int32 within int16, of finite y float32 [C, V, R]:
    [C, V, N]."""
    with torch.no_grad():
        b = filtered(prepared, y, config.quantization.fraction_bits)
        run = _admm if config.network.kind == "admm" else _pgd
        return run(prepared, b, config)


def filtered(prepared: IntegerChannel, y: Tensor, fraction_bits: int) -> Tensor:
    """b = F y [C, V, N], int32 within int16, in units of 2^-fraction_bits."""
    filter_, exponent = prepared.filter, prepared.exponent
    codes = (y * _power_of_two(exponent)[:, None, None]).round().clamp(-_MOST, _MOST)
    sums = codes.double() @ filter_.codes.double().mT
    scale = filter_.scale * _power_of_two(fraction_bits - exponent)[:, None]
    return _round16(sums.float() * scale[:, None, :])


def _admm(prepared: IntegerChannel, b: Tensor, config: UnfoldedDetectorConfig) -> Tensor:
    assert prepared.gains is not None
    alpha, beta, kappa = prepared.gains
    r = b
    for k in range(config.denoisers):
        z = _denoise(r, prepared.shape[k], config)
        u = _saturate(r - z)
        v = _saturate(_mulhrs(z, alpha[k]) - _mulhrs(u, beta[k]))
        p = _product(prepared, v, k, config, prepared.unit[k])
        if prepared.diagonal is not None:
            own = _mulhrs(v, prepared.diagonal[:, None, :]).clamp(-4095, 4095)
            p = _saturate(p + (own << _GAIN_BITS))
        r = _saturate(_saturate(b + p) + _mulhrs(u, kappa[k]))
    return r


def _pgd(prepared: IntegerChannel, b: Tensor, config: UnfoldedDetectorConfig) -> Tensor:
    assert prepared.eta is not None
    eta = _rounded(prepared.eta * 16384.0, 0, _MOST)[..., None]
    r = _doubled(_mulhrs(b, eta[0]))
    for k in range(config.network.layers - 1):
        x = _denoise(r, prepared.shape[k], config)
        p = _product(prepared, x, k, config, prepared.unit[k], prepared.eta[k + 1])
        r = _saturate(_saturate(x - p) + _doubled(_mulhrs(b, eta[k + 1])))
    return _denoise(r, prepared.shape[-1], config)


def _product(
    prepared: IntegerChannel,
    v: Tensor,
    k: int,
    config: UnfoldedDetectorConfig,
    unit: Tensor,
    eta: Tensor | None = None,
) -> Tensor:
    """The matrix times the codes of v, in the state's units."""
    bits = config.quantization.activation_bits
    most = largest_code(bits)
    # Eight bits end where int8 does.
    codes = _mulhrs(v, prepared.divisor[k]).clamp(-128 if bits == 8 else -most, most)
    scale = prepared.matrix.scale * unit
    if eta is not None:
        scale = scale * eta
    return _round16((codes.float() @ prepared.matrix.codes.mT) * scale[:, None, :])


def _denoise(r: Tensor, shape: Tensor, config: UnfoldedDetectorConfig) -> Tensor:
    kind, fraction = config.network.denoiser, config.quantization.fraction_bits
    if kind != "staircase":
        clamped = torch.minimum(torch.maximum(r, -shape), shape)
        return clamped if kind == "clip" else _saturate(r - clamped)
    h = _mulhrs(r, shape)
    total = torch.zeros_like(r)
    for threshold in thresholds(config.link.bits_per_symbol):
        centre = _mulhrs(torch.tensor(abs(threshold) << fraction, dtype=torch.int32), shape)
        centre = -centre if threshold < 0 else centre
        total += _saturate(h - centre).clamp(-(1 << (fraction - 3)), 1 << (fraction - 3))
    return 8 * total


def _quotient(number: int, values: Tensor) -> Tensor:
    """number / values rounded once; torch has reciprocal times number for the plain expression."""
    return torch.full_like(values, float(number)) / values


def _power_of_two(exponent: Tensor) -> Tensor:
    return _POWERS.to(exponent.device)[exponent.long() - _POWERS_FROM]


def _mulhrs(a: Tensor, b: Tensor) -> Tensor:
    return (a * b + 16384) >> 15


def _doubled(a: Tensor) -> Tensor:
    return _saturate(a + a)


def _saturate(a: Tensor) -> Tensor:
    return a.clamp(-32768, 32767)


def _round16(product: Tensor) -> Tensor:
    return product.clamp(-32768.0, 32767.0).round().int()


def _rounded(values: Tensor, least: int, most: int) -> Tensor:
    return values.round().clamp(least, most).int()
