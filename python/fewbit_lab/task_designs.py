# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model-based designs of the figures by name, made on the spot: numpy alone, seconds each.

    task_estimation_m8_model            closed form of the model's exact moments
    task_estimation_m8_closed           closed form from 2^15 training pairs
    task_estimation_m8_snr_closed       from pairs of P uniform in [1, 10], a block AGC
    task_estimation_m8_linear           hardware-limited: uniform ADCs
    task_estimation_m8_phase3_model     phase shifters of 3 bits; _phase_ of any phase
    task_estimation_mixed_r050_closed   levels of each ADC for R = .5
    task_estimation_blmmse_m2           no combiner, an ADC of 2 levels for each input
    task_detection_r1_10db_lookup       rotation and lookup
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fewbit_lab import task_schemes

UNCERTAIN_POWER = [1.0, 10.0]
SEED = 1
#: ADCs of more levels get the rotation and the supports of these: finer cells only add cost.
MOST_OPTIMISED = 64

Config = dict[str, Any]


def config_of(name: str) -> Config | None:
    """What fewbit_trainer.task_quantizer.designs.design() makes this name's model of; None where no
    formula does."""
    for pattern, config in _PATTERNS:
        found = re.fullmatch(pattern, name)
        if found:
            return {"seed": SEED, **config(**found.groupdict())}
    return None


@lru_cache(maxsize=1)
def version() -> str:
    """Changes with the code that makes the designs: what an older one made is not theirs."""
    import fewbit_trainer.task_quantizer as package

    digest = hashlib.sha256(Path(__file__).read_bytes())
    folder = Path(package.__file__).parent
    sources = [folder / f"{name}.py" for name in ("chain", "lloyd_max", "normal")]
    for source in [*sources, *sorted((folder / "designs").glob("*.py"))]:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:8]


def write(name: str, path: Path) -> None:
    """Design the model of a name and write its bundle, both in a moment or in some seconds."""
    from fewbit_trainer.task_quantizer.designs import design

    config = config_of(name)
    if config is None:
        raise ValueError(f"{name}: no formula makes this model")
    levels = config["levels"] if isinstance(config.get("levels"), list) else []
    if max(levels, default=0) <= MOST_OPTIMISED:
        design(config).write(path)
        return
    coarse = design({**config, "levels": [min(m, MOST_OPTIMISED) for m in levels]})
    _with_levels(coarse, levels).write(path)


def _with_levels(coarse: Any, levels: list[int]) -> Any:
    """A rotation's design with other numbers of uniform levels on the same supports."""
    from fewbit_trainer.task_quantizer.designs.models import SymbolDetection
    from fewbit_trainer.task_quantizer.designs.rotation_lookup import RotationDetector

    chain = coarse.chain
    thresholds = []
    for t, gain, m in zip(chain.thresholds, chain.gain, levels, strict=True):
        support = -float(t[0]) / (1.0 - 2.0 / (len(t) + 1)) / float(gain)
        thresholds.append(-support + 2.0 * support * np.arange(1, m) / m)
    combiner = chain.analog[0][0].astype(float)
    fine = RotationDetector(SymbolDetection(coarse.snr_db[0]), combiner, tuple(thresholds))
    settings = {**coarse.settings, "levels": levels}
    return dataclasses.replace(coarse, chain=fine.chain(), settings=settings, measured=[])


def _closed(samples: int | None = None, **more: Any) -> Config:
    given = {} if samples is None else {"samples": samples}
    return {"method": "closed_form", **given, **more}


def _lookup(rate: str, snr: str) -> Config:
    levels = task_schemes.lookup_levels(float(rate) if len(rate) < 3 else float(rate) / 100.0)
    return {"method": "rotation_lookup", "levels": levels, "snr_db": float(snr)}


_LEVELS = r"task_estimation_m(?P<levels>\d+)"
_PATTERNS: tuple[tuple[str, Callable[..., Config]], ...] = (
    (_LEVELS + "_model", lambda levels: _closed(0, levels=int(levels))),
    (_LEVELS + "_closed", lambda levels: _closed(levels=int(levels))),
    (
        _LEVELS + "_snr_closed",
        lambda levels: _closed(levels=int(levels), power_range=UNCERTAIN_POWER),
    ),
    (_LEVELS + "_linear", lambda levels: {"method": "hardware_limited", "levels": int(levels)}),
    (
        _LEVELS + r"_phase(?P<bits>\d*)_model",
        lambda levels, bits: {
            "method": "phase_shifters",
            "levels": int(levels),
            "phase_bits": int(bits) if bits else None,
        },
    ),
    (
        r"task_estimation_mixed_r(?P<rate>\d{3})_closed",
        lambda rate: _closed(rate=float(rate) / 100.0),
    ),
    (
        r"task_estimation_blmmse_m(?P<levels>\d+)",
        lambda levels: {"method": "blmmse", "levels": int(levels)},
    ),
    (r"task_detection_r(?P<rate>\d+)_(?P<snr>[\d.]+)db_lookup", _lookup),
)
