# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model-based method by its name: a configuration in, a design out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from .design import Design, DesignError
from .detection_methods import (
    QuantizedMapSettings,
    RotationLookupSettings,
    quantized_map_design,
    rotation_lookup_design,
)
from .estimation_methods import (
    ClosedFormSettings,
    EstimationSettings,
    HardwareLimitedSettings,
    PhaseShifterSettings,
    blmmse_design,
    closed_form_design,
    hardware_limited_design,
    phase_shifter_design,
)

#: Of each method: its settings' class, and what makes the design of them.
METHODS: dict[str, tuple[type, Callable[[Any], Design]]] = {
    "closed_form": (ClosedFormSettings, closed_form_design),
    "hardware_limited": (HardwareLimitedSettings, hardware_limited_design),
    "blmmse": (EstimationSettings, blmmse_design),
    "phase_shifters": (PhaseShifterSettings, phase_shifter_design),
    "rotation_lookup": (RotationLookupSettings, rotation_lookup_design),
    "quantized_map": (QuantizedMapSettings, quantized_map_design),
}


def design(config: Mapping[str, Any]) -> Design:
    """The design of `config`: its `method`, one of METHODS, and fields of that method's settings.

    Raises DesignError, in one sentence, for a method or a setting that is not known and for values
    that give no design.
    """
    settings = dict(config)
    if "method" not in settings:
        raise DesignError(f"a design's method is missing; use one of {', '.join(METHODS)}")
    method = settings.pop("method")
    if method not in METHODS:
        raise DesignError(f"method is {method!r}; use one of {', '.join(METHODS)}")
    kind, make = METHODS[method]
    known = [field.name for field in dataclasses.fields(kind)]
    for name, value in settings.items():
        if name not in known:
            raise DesignError(f"{method} has no setting {name!r}; use one of {', '.join(known)}")
        _check_type(name, value, next(f.type for f in dataclasses.fields(kind) if f.name == name))
    try:
        return make(kind(**settings))
    except DesignError:
        raise
    except ValueError as error:
        raise DesignError(f"{method}: {error}") from error


def _check_type(name: str, value: Any, wanted: Any) -> None:
    """`wanted` is the annotation's text, such as "int | list[int] | None"."""
    fits = {
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
        "str": isinstance(value, str),
        "None": value is None,
        "list[int]": isinstance(value, list)
        and all(isinstance(v, int) and not isinstance(v, bool) for v in value),
        "list[float]": isinstance(value, list)
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value),
    }
    if not any(fits[choice] for choice in str(wanted).split(" | ")):
        raise DesignError(f"{name} is {value!r}; expected {str(wanted).replace(' | ', ' or ')}")
