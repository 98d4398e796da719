# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""BLMMSE: no combiner; every input has its own ADC, and the best linear map follows the codes.

Y. Li et al., "Channel Estimation and Performance Analysis of One-Bit Massive MIMO Systems", IEEE
Trans. Signal Process. 65(15), 2017, eq. (15), for one bit; `gaussian_codes` has it for any number
of levels. At a rate of R bits per input each ADC has floor(2^R) levels, hence two on all of [1,
1.58).
"""

from __future__ import annotations

import math

import numpy as np

from ..chain import Chain
from ..lloyd_max import lloyd_max
from .design import Front
from .gaussian_codes import quantized_wiener
from .second_order import SecondOrder


def levels_at_rate(bits_per_input: float) -> int:
    """floor(2^R); raises ValueError below one bit per input, where there is no such receiver."""
    if not 1 <= bits_per_input <= 8:
        raise ValueError(f"bits_per_input is {bits_per_input}; use 1 to 8, an ADC for each input")
    return math.floor(2**bits_per_input + 1e-9)


def blmmse_mse(model: SecondOrder, levels: int) -> float:
    """Its mean square error per entry of s, exactly."""
    inputs = len(model.observation)
    return quantized_wiener(model, np.eye(inputs), [lloyd_max(levels)] * inputs).mse


def blmmse(model: SecondOrder, levels: int, complex_inputs: bool = False) -> Chain:
    """The design of Lloyd-Max ADCs of `levels` levels each."""
    inputs = len(model.observation)
    front = Front.of_unit_variance(
        np.eye(inputs),
        model.observation,
        [lloyd_max(levels)] * inputs,
        complex_inputs=complex_inputs,
    )
    best = quantized_wiener(model, front.combiner, front.quantizers)
    return front.estimator(best.weight[None], best.bias[None])
