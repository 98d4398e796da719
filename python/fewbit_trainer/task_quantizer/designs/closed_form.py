# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed-form task quantizer: linear MMSE combiner, unit variance, Lloyd-Max, least squares.

z = G x / deviation with G the linear MMSE estimator, one Lloyd-Max ADC for each entry of the
estimate, and the affine map from the codes to s of least mean square error. From the model's exact
moments, or from training samples alone. Its mean square error is `theory.lloyd_max_target`; it
starts the trained system and is what training is held against.

Where the SNR differs from block to block, a block AGC keeps the ADCs' inputs at unit variance and
the digital map is affine in q and q/g: g says what the SNR is.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..chain import Chain
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
    return refitted(front, observations, signals)


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
