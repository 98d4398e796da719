# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed-form task quantizer: linear MMSE combiner, unit variance, Lloyd-Max, least squares.

z = G x / deviation with G the linear MMSE estimator, one Lloyd-Max ADC for each entry of the
estimate, and the affine map from the codes to s of least mean square error. From the model's exact
moments, or from training samples alone. Its mean square error is `theory.lloyd_max_target`; it
starts the trained system and is what training is held against.

From t samples, least squares has p (p + 1) weights to find, which adds (p + 1) / t to the error.
Where the estimate's entries have nothing to say of one another, one weight for each says as much:
that map is taken where Mallows' C_p (C. Mallows, "Some Comments on C_p", Technometrics 15(4), 1973)
expects less error of it.

Where the SNR differs from block to block, a block AGC keeps the ADCs' inputs at unit variance and
the digital map is affine in q and q/g: g says what the SNR is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from ..chain import AffineMap, Chain, single
from ..lloyd_max import lloyd_max
from ..normal import Floats
from .affine_fit import refitted
from .design import Front
from .gaussian_codes import quantized_wiener
from .second_order import SecondOrder


def closed_form(model: SecondOrder, levels: Sequence[int], complex_inputs: bool = False) -> Chain:
    """The design of the exact moments. `levels` has one number for each of the k ADCs."""
    front = _front(model, levels, complex_inputs, block_agc=False)
    best = quantized_wiener(model, front.combiner, front.quantizers)
    return front.estimator(best.weight[None], best.bias[None])


def closed_form_from_samples(
    observations: Floats,
    signals: Floats,
    levels: Sequence[int],
    complex_inputs: bool = False,
    block_agc: bool = False,
) -> Chain:
    """The design of training samples x [t, n] and s [t, k].

    With `block_agc` each sample is a block of its own, of its own SNR.
    """
    model = SecondOrder.of_samples(signals, observations)
    front = _front(model, levels, complex_inputs, block_agc)
    fitted = refitted(front, observations, signals)
    return fitted if block_agc else _simpler(fitted, observations, signals)


def _simpler(fitted: Chain, observations: Floats, signals: Floats) -> Chain:
    """The chain with one weight for each ADC in place of the least squares map, where that is
    expected to err less on fresh samples."""
    codes, _ = fitted.codes(observations)
    q = fitted.values(codes)
    count, adcs = q.shape
    scale = np.sum(q * signals, axis=0) / np.maximum(np.sum(q * q, axis=0), 1e-300)
    least = float(np.sum((fitted.outputs_of(codes) - signals) ** 2))
    plain = float(np.sum((scale * q - signals) ** 2))
    noise = least / max(count - adcs - 1, 1)  # summed over the outputs
    if plain + 2 * noise > least + 2 * noise * (adcs + 1):
        return fitted
    weight, bias = np.diag(scale)[None], np.zeros((1, adcs))
    return dataclasses.replace(fitted, digital=AffineMap(single(weight), single(bias)))


def _front(
    model: SecondOrder, levels: Sequence[int], complex_inputs: bool, block_agc: bool
) -> Front:
    combiner = model.wiener()
    if len(levels) != len(combiner):
        raise ValueError(
            f"levels has {len(levels)} entries; expected one for each output, {len(combiner)}"
        )
    return Front.of_unit_variance(
        combiner,
        model.observation,
        [lloyd_max(m) for m in levels],
        complex_inputs=complex_inputs,
        block_agc=block_agc,
    )
