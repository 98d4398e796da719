# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantized MAP: every antenna has its own uniform ADC, then the most probable class of the codes.

The paper's eq. (10). At a rate of R bits per input each ADC has floor(2^R) levels on [-2, 2].
"""

from __future__ import annotations

import numpy as np

from ..chain import Chain
from ..lloyd_max import uniform
from ..normal import Floats
from .cells import cell_probabilities, error_rate, log_likelihood
from .design import Front
from .models import SymbolDetection

DEFAULT_SUPPORT = 2.0


def quantized_map_tables(
    model: SymbolDetection, levels: int, support: float = DEFAULT_SUPPORT
) -> list[Floats]:
    """P(code | class) of each antenna's ADC, [levels, classes]."""
    thresholds = [uniform(levels, support).thresholds] * model.inputs
    return cell_probabilities(model.means, np.full(model.inputs, model.sigma), thresholds)


def quantized_map_error_rate(
    model: SymbolDetection, levels: int, support: float = DEFAULT_SUPPORT
) -> float:
    """Its BER, exactly; up to 4 levels for 12 antennas, beyond which there are too many cells."""
    return error_rate(quantized_map_tables(model, levels, support))


def quantized_map(model: SymbolDetection, levels: int, support: float = DEFAULT_SUPPORT) -> Chain:
    """The chain: the identity as analog map, no gain, uniform ADCs, a lookup table."""
    inputs = model.inputs
    front = Front(np.eye(inputs), np.ones(inputs), (uniform(levels, support),) * inputs)
    tables = quantized_map_tables(model, levels, support)
    return front.detector(log_likelihood(tables), model.outputs)
