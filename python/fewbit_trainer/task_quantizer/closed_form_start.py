# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting values from the training samples' second moments, in place of random ones."""

from __future__ import annotations

import numpy as np
import torch

from ..settings import ConfigError
from .analog_map import LayerMap, PhaseShifterMap
from .config import TaskQuantizerConfig
from .designs.models import bpsk_classes
from .designs.second_order import SecondOrder
from .model import AffineDigital, TaskQuantizer
from .normal import Floats
from .phase_search import search_phases
from .tasks import Samples


def start(model: TaskQuantizer, config: TaskQuantizerConfig, samples: Samples) -> None:
    """Sets the analog map as ``config.analog.start`` says, and an affine digital map to what is
    best without quantization; raises ConfigError where the samples do not allow it."""
    if config.analog.start == "random":
        return
    try:
        moments = SecondOrder.of_samples(signals_of(samples), samples.x)
    except ValueError as error:
        raise ConfigError(f"analog.start is {config.analog.start}: {error}") from error
    estimator = moments.wiener()
    with torch.no_grad():
        if isinstance(model.analog, PhaseShifterMap):
            bits = config.analog.phase_bits
            phases = search_phases(moments, model.adcs.levels, bits, config.seed)
            model.analog.phases.copy_(torch.from_numpy(phases))
        else:
            assert isinstance(model.analog, LayerMap)
            if len(estimator) != config.adc.adcs:
                raise ConfigError(
                    f"adc.adcs is {config.adc.adcs}, expected one for each output, "
                    f"{len(estimator)}, where analog.start is closed_form"
                )
            model.analog.layers[0].weight.copy_(torch.from_numpy(estimator))
        if isinstance(model.digital, AffineDigital):
            _fit_unquantized(model, samples)


def signals_of(samples: Samples) -> Floats:
    """What a linear estimator estimates: s, or the classes' symbols."""
    if samples.signals is not None:
        return samples.signals
    assert samples.classes is not None
    return bpsk_classes(samples.outputs)[samples.classes]


def _fit_unquantized(model: TaskQuantizer, samples: Samples) -> None:
    z, _ = model.adc_inputs(torch.from_numpy(samples.x).float())
    columns = np.concatenate([z.double().numpy(), np.ones((len(z), 1))], axis=1)
    solution = np.linalg.lstsq(columns, signals_of(samples), rcond=None)[0]
    assert isinstance(model.digital, AffineDigital)
    model.digital.weight[0].copy_(torch.from_numpy(solution[:-1].T.copy()))
    model.digital.bias[0].copy_(torch.from_numpy(solution[-1].copy()))
