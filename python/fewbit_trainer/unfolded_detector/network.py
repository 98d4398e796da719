# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unfolded networks in float, with or without quantised values (docs/unfolded_detector.md)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .config import UnfoldedDetectorConfig
from .denoisers import DENOISERS
from .mixture import FailureMixture, foreseen_errors, mixture_llrs
from .quantizers import LEAST_STEP, quantize, quantize_rows
from .scalars import Scalars, ScalarTables
from .symbols import axis_llrs, doubted


@dataclass(frozen=True)
class Prepared:
    """What a channel and a noise variance give, once for all vectors."""

    matrix: Tensor
    """M or G [C, N, N]"""
    filter: Tensor
    """W or H^T [C, N, R]"""
    error: Tensor
    """e_i [C, N]"""


@dataclass(frozen=True)
class Output:
    """What the layers give."""

    o: Tensor
    """[C, V, N], levels + noise"""
    variance: Tensor
    """[C, N]"""
    doubt: Tensor | None
    """[C], or none"""
    activations: list[tuple[Tensor, Tensor]]
    """Of each layer that multiplies by the matrix: the vector before and after its quantizer"""


def prepare(channel: Tensor, scalars: Scalars) -> Prepared:
    """The cached matrices of channels [C, R, N]."""
    gram = channel.mT @ channel
    if scalars.rho is None:
        diagonal = torch.diagonal(gram, dim1=-2, dim2=-1).clamp(min=1e-12)
        return Prepared(gram, channel.mT, scalars.noise_variance[:, None] / diagonal)
    rho = scalars.rho[:, None, None]
    factor = torch.linalg.cholesky(gram + rho * torch.eye(gram.shape[-1]).to(gram))
    inverse = torch.cholesky_inverse(factor)
    error = scalars.noise_variance[:, None] * torch.diagonal(inverse, dim1=-2, dim2=-1)
    return Prepared(rho * inverse, inverse @ channel.mT, error)


def output_variance(scalars: Scalars, error: Tensor) -> Tensor:
    """nu_i [C, N], what the output is off by."""
    return scalars.output_slope[:, None] * error + scalars.output_constant[:, None]


def output_llrs(o: Tensor, variance: Tensor, doubt: Tensor | None, bits_per_symbol: int) -> Tensor:
    """LLRs [C, V, N, bits_per_symbol / 2] of an output o [C, V, N], unclipped."""
    llrs = axis_llrs(o, variance[:, None, :].expand_as(o), bits_per_symbol)
    return llrs if doubt is None else doubted(llrs, doubt[:, None, None, None])


def admm_gains(scalars: Scalars) -> tuple[Tensor, Tensor, Tensor]:
    """alpha, beta, kappa, each [D, C, 1, 1]."""
    assert scalars.alpha is not None and scalars.beta is not None and scalars.kappa is not None
    gains = (scalars.alpha, scalars.beta, scalars.kappa)
    alpha, beta, kappa = (gain.T[:, :, None, None] for gain in gains)
    return alpha, beta, kappa


def quantize_inputs(y: Tensor, bits: int) -> Tensor:
    """Each vector by the step that its largest magnitude asks for."""
    return quantize_rows(y, bits) if bits else y


class UnfoldedDetector(nn.Module):
    """PGD-Net or ADMM-Net with its scalars and its quantizers' steps."""

    def __init__(self, config: UnfoldedDetectorConfig) -> None:
        super().__init__()
        self.config = config
        self.scalars = ScalarTables(config)
        denoisers = config.denoisers
        self.alpha = nn.Parameter(torch.zeros(denoisers))
        self.gamma = nn.Parameter(torch.full((denoisers,), 0.05))
        # Each layer's kernel: its KDE bandwidth, and a learned factor of it.
        self.register_buffer("kde_bandwidth", torch.ones(denoisers))
        self.log_bandwidth = nn.Parameter(torch.zeros(denoisers))
        self.register_buffer("step_scale", torch.tensor(0.05))
        self.denoise = DENOISERS[config.network.denoiser]
        self.mixture: FailureMixture | None = None

    def steps(self, scalars: Scalars) -> Tensor:
        """Delta_k [C, D]."""
        return (scalars.root_snr[:, None] * self.alpha + self.gamma).clamp(min=LEAST_STEP)

    def bandwidth(self, k: int) -> Tensor:
        """Of layer k's kernel; the learned factor stays within 4 and 1/4 (a kernel that grows
        without bound sees no difference)."""
        return self.kde_bandwidth[k] * self.log_bandwidth[k].clamp(-1.386, 1.386).exp()

    def widths(self, scalars: Scalars, error: Tensor) -> Tensor:
        """w_ik [D, C, 1, N], or [D, C, 1, 1]."""
        constant = scalars.constant.T[:, :, None, None]
        if scalars.slope is None:
            return constant
        return scalars.slope.T[:, :, None, None] * error[:, None, :] + constant

    def forward(
        self,
        channel: Tensor,
        y: Tensor,
        snr_db: Tensor,
        quantized: bool,
    ) -> Output:
        """Vectors y [C, V, R] over channels [C, R, N] at SNRs [C]."""
        scalars = self.scalars.at(snr_db)
        prepared = prepare(channel, scalars)
        settings = self.config.quantization
        filter_ = prepared.filter
        if quantized and settings.filter_bits:
            filter_ = quantize_rows(filter_, settings.filter_bits)
        matrix, diagonal = self._matrix(prepared.matrix, quantized)
        b = (quantize_inputs(y, settings.input_bits) if quantized else y) @ filter_.mT
        widths = self.widths(scalars, prepared.error)
        steps = self.steps(scalars)[:, :, None, None] if quantized else None
        product = _Product(matrix, diagonal, steps, settings.activation_bits)
        run = self._admm if self.config.network.kind == "admm" else self._pgd
        o = run(b, product, widths, scalars)
        variance = output_variance(scalars, prepared.error)
        return Output(o, variance, scalars.output_doubt, product.activations)

    def llrs(self, o: Tensor, variance: Tensor, snr_db: Tensor) -> Tensor:
        """LLRs [C, V, N, bits_per_symbol / 2] of an output o [C, V, N] with variances [C, N]: by
        the failure mixture where it was fitted, else as trained; unclipped."""
        bits = self.config.link.bits_per_symbol
        if self.mixture is None:
            return output_llrs(o, variance, self.scalars.at(snr_db).output_doubt, bits)
        terms = self.mixture.at(snr_db, foreseen_errors(o, variance, bits))
        llrs = mixture_llrs(o, variance, terms, bits)
        return doubted(llrs, terms.failure_unseen[..., None, None])

    def _matrix(self, matrix: Tensor, quantized: bool) -> tuple[Tensor, Tensor | None]:
        """The matrix as multiplied by, and its diagonal where that stands apart."""
        settings = self.config.quantization
        if not quantized or not settings.matrix_bits:
            return matrix, None
        diagonal = None
        if settings.diagonal == "apart":
            diagonal = torch.diagonal(matrix, dim1=-2, dim2=-1)
            matrix = matrix - torch.diag_embed(diagonal)
        return quantize_rows(matrix, settings.matrix_bits), diagonal

    def _admm(self, b: Tensor, product: _Product, widths: Tensor, scalars: Scalars) -> Tensor:
        bits = self.config.link.bits_per_symbol
        alpha, beta, kappa = admm_gains(scalars)
        r = b
        for k in range(self.config.denoisers):
            z = self.denoise(r, widths[k], bits)
            u = r - z
            r = b + product(alpha[k] * z - beta[k] * u, k)[0] + kappa[k] * u
        return r

    def _pgd(self, b: Tensor, product: _Product, widths: Tensor, scalars: Scalars) -> Tensor:
        assert scalars.eta is not None
        bits = self.config.link.bits_per_symbol
        eta = scalars.eta.T[:, :, None, None]
        r = eta[0] * b
        for k in range(self.config.network.layers - 1):
            gx, x = product(self.denoise(r, widths[k], bits), k)
            r = x + eta[k + 1] * (b - gx)
        return product.quantized(self.denoise(r, widths[-1], bits), len(widths) - 1)


class _Product:
    """The matrix times a layer's quantised vector; keeps what was quantised."""

    def __init__(
        self, matrix: Tensor, diagonal: Tensor | None, steps: Tensor | None, bits: int
    ) -> None:
        self._matrix = matrix.mT
        self._diagonal = None if diagonal is None else diagonal[:, None, :]
        self._steps = steps if bits else None
        self._bits = bits
        self.activations: list[tuple[Tensor, Tensor]] = []

    def quantized(self, v: Tensor, k: int) -> Tensor:
        """Q(v) of layer k."""
        q = v if self._steps is None else quantize(v, self._steps[:, k], self._bits)
        self.activations.append((v, q))
        return q

    def __call__(self, v: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """P Q(v), and Q(v); a diagonal that stands apart multiplies v itself."""
        q = self.quantized(v, k)
        result = q @ self._matrix
        if self._diagonal is not None:
            result = result + self._diagonal * v
        return result, q

