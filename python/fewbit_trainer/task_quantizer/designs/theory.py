# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What channel estimation from few bits can reach, in closed form (Fig. 5's theory curves).

The observation has SNR P tau after the pilots; with v = P tau / (2 (1 + P tau)) the variance of
each entry of the MMSE estimate and 1/2 - v its error:

    rate          R = p log2(M) / n bits per real input
    MMSE          1 / (2 (1 + P tau))
    eta_opt(R)    MMSE + v 2^(-2 rho R), rho = n / k: indirect rate-distortion theory, eq. (7)
    Lloyd-Max     MMSE + v D_M, D_M the distortion of the Lloyd-Max quantizer of M levels

The last: the MMSE estimate's k entries are independent normal variables, one for each of p = k
ADCs; s minus the estimate is independent of all that the ADCs see, so that the errors add. It is
the best that p = k scalar ADCs of equal levels do behind an orthogonal combiner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..lloyd_max import lloyd_max
from .models import ChannelEstimation


def mmse(model: ChannelEstimation) -> float:
    """Mean square error per real entry without quantization."""
    return 1 / (2 * (1 + model.power * model.pilots))


def estimate_variance(model: ChannelEstimation) -> float:
    """Variance of each entry of the MMSE estimate."""
    return 0.5 - mmse(model)


def rate(model: ChannelEstimation, levels: float) -> float:
    """Bits per real input of p = k ADCs of `levels` levels each."""
    return model.outputs * math.log2(levels) / model.inputs


def eta_opt(model: ChannelEstimation, bits_per_input: float) -> float:
    """The least mean square error of any quantizer, scalar or vector, at this rate."""
    exponent = 2 * bits_per_input * model.inputs / model.outputs
    return mmse(model) + estimate_variance(model) * 2 ** (-exponent)


def lloyd_max_target(model: ChannelEstimation, levels: int | Sequence[int]) -> float:
    """Mean square error of the MMSE estimate behind p = k Lloyd-Max ADCs of `levels` levels, or of
    these levels each."""
    every = [levels] if isinstance(levels, int) else list(levels)
    distortion = sum(lloyd_max(m).distortion for m in every) / len(every)
    return mmse(model) + estimate_variance(model) * distortion
