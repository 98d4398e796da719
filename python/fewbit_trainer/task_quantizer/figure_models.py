# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task quantizers that the figures compare, by name: how each is trained.

    task_estimation_m8              channel estimation, 80 ADCs of 8 levels
    task_estimation_m8_scratch      the same, from random weights in place of the closed form's
    task_estimation_m8_snr          P uniform in [1, 10], behind a block AGC
    task_estimation_m8_phase3       behind phase shifters of 3 bits; _phase: of any phase
    task_estimation_mixed_r050      mixed resolution at half a bit per real input
    task_detection_r1_12db          symbol detection at rate 1, trained at 12 dB
    task_detection_r125_8db         at rate 1.25
    ..._csi0 to _csi9               under CSI uncertainty, ten training sets
    ..._uniform                     thresholds fixed uniformly on [-2, 2]
    ..._paper                       the paper's recipe
    ..._passing, ..._passing_csi    the paper's rival: noise in place of the quantizer
    ..._passing_agc                 the same behind an AGC, which is its best setting

Rate R has p = floor(k R) ADCs of M = floor(2^(n R / p)) levels each (the paper's IV-B).
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path
from typing import Any

from ..config import ConfigError, config_from_dict
from ..sweep import Run, add_options, run_all, train_run
from .config import TaskQuantizerConfig

ANTENNAS, USERS = 12, 4
CSI_VARIANCE = 0.2
ESTIMATION_LEVELS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 18)
SNR_DB = (6, 7, 8, 9, 10, 11, 12, 13, 14)
RATES = (1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0)
_DRAWS = 10  # training sets of a CSI-uncertain model, so that their spread shows

_ESTIMATION = re.compile(
    r"task_estimation_(?:m(?P<levels>\d+)|mixed_r(?P<rate>\d{3}))"
    r"(?:(?P<snr>_snr)?(?P<scratch>_scratch)?|_phase(?P<bits>\d*))"
)
_DETECTION = re.compile(
    r"task_detection_r(?P<rate>\d+)_(?P<snr>\d+(?:\.\d+)?)db"
    r"(?:_(?P<variant>csi\d+|uniform|paper|passing|passing_csi|passing_agc))?"
)


def detection_adcs(rate: float) -> tuple[int, int]:
    """(p, M) of a rate: p = floor(k R) ADCs of M = floor(2^(n R / p)) levels, at most 256."""
    adcs = math.floor(USERS * rate + 1e-9)
    return adcs, min(256, math.floor(2.0 ** (ANTENNAS * rate / adcs) + 1e-9))


def figure_config(name: str) -> TaskQuantizerConfig:
    """The training run of a figure's model; raises ConfigError for another name."""
    found = _ESTIMATION.fullmatch(name)
    if found is not None:
        settings = _estimation(found)
    else:
        found = _DETECTION.fullmatch(name)
        if found is None:
            raise ConfigError(f"{name!r} is no figure's model, expected such as task_estimation_m8 "
                              "or task_detection_r1_12db_csi0")  # fmt: skip
        settings = _detection(found)
    config = config_from_dict({"kind": "task_quantizer", "name": name, **settings})
    assert isinstance(config, TaskQuantizerConfig)
    return config


def _estimation(found: re.Match[str]) -> dict[str, Any]:
    adc: dict[str, Any] = {"adcs": 80, "sharpness": [10, 30], "dither": 0.2}
    if found["levels"]:
        adc["levels"] = [int(found["levels"])]
    else:
        adc["rate"] = int(found["rate"]) / 100
    settings: dict[str, Any] = {
        "task": {"problem": "channel_estimation", "samples": 32768},
        "analog": {"start": "closed_form"},
        "adc": adc,
        "schedule": {"epochs": 5, "batch": 256, "learning_rate": 3e-5},
    }
    if found["scratch"]:
        settings["analog"] = {"start": "random"}
        settings["schedule"] = {"epochs": 20, "batch": 256, "learning_rate": 0.03}
    if found["snr"]:
        settings["task"]["power"] = [1, 10]
        settings["measure"] = {"powers": [4]}
        adc["agc"] = "block"
        settings["digital"] = {"powers": 2}
    if found["bits"] is not None:
        bits = int(found["bits"] or 0)
        settings["analog"] = {"kind": "phase_shifters", "phase_bits": bits, "start": "subspace"}
        settings["schedule"] |= {"learning_rate": 3e-4, "phase_learning_rate": 1e-3}
    return settings


def _detection(found: re.Match[str]) -> dict[str, Any]:
    digits, variant = found["rate"], found["variant"] or ""
    rate = int(digits) / 10 ** (len(digits) - 1)
    adcs, levels = detection_adcs(rate)
    task = {
        "problem": "symbol_detection",
        "antennas": ANTENNAS,
        "users": USERS,
        "snr_db": float(found["snr"]),
        "samples": 5000,
    }
    adc: dict[str, Any] = {"adcs": adcs, "levels": [levels]}
    settings: dict[str, Any] = {
        "task": task,
        "adc": adc,
        "digital": {"kind": "network", "hidden": [32]},
        "schedule": {"epochs": 60, "batch": 32, "learning_rate": 0.003, "augment": "residuals"},
        "refit": {"method": "cells"},
        "measure": {"vectors": 65536},
    }
    draw = re.search(r"csi(\d+)$", variant)
    if variant.endswith("csi") or draw is not None:
        task["csi_variance"] = CSI_VARIANCE
        settings["seed"] = 1 + (int(draw[1]) if draw is not None else 0)
    if adcs > USERS + 1:
        # A linear map has no more to say than one number a user: the paper's two layers have.
        settings["analog"] = {"hidden": [16]}
        settings["refit"] = {"method": "network"}
    if variant == "uniform":
        # Of .7 to 2 the load of the fewest errors: cells are spent where the samples are.
        adc |= {"thresholds": "uniform", "load": 1.7}
    if variant == "paper":
        adc |= {"agc": "none", "start": "uniform", "sharpness": [15, 15]}
    if variant.startswith("passing"):
        agc = "fixed" if variant == "passing_agc" else "none"
        adc |= {"agc": agc, "quantizer": "noise", "thresholds": "uniform"}
    if variant == "paper" or variant.startswith("passing"):
        # Two analog layers, nothing fitted after the quantizer is made hard, no guard.
        settings["analog"] = {"hidden": [16]}
        settings["schedule"] = {"epochs": 100, "batch": 32, "learning_rate": 0.003}
        settings["refit"] = {"method": "none"}
        settings["guard"] = {"ratio": 0.0}
    return settings


def _rate_digits(rate: float) -> str:
    return f"{rate:.0f}" if rate == round(rate) else f"{100 * rate:.0f}"


def figure_names() -> list[str]:
    """Every trained model of every figure."""
    variants = ("", "_scratch", "_snr")
    names = [f"task_estimation_m{m}{v}" for m in ESTIMATION_LEVELS for v in variants]
    names += ["task_estimation_mixed_r050", "task_estimation_m8_phase", "task_estimation_m8_phase3"]
    csi = [f"csi{draw}" for draw in range(_DRAWS)]
    for rate in (1.0, 2.0):
        for snr in SNR_DB:
            variants = ["", "paper", "passing", "passing_agc", *csi]
            variants += ["uniform"] if rate == 1.0 else []
            names += [_detection_name(rate, snr, v) for v in variants]
    for snr in (8, 12):
        for rate in RATES:
            variants = ["", "passing", "passing_csi", "passing_agc", *csi]
            names += [_detection_name(rate, snr, v) for v in variants]
    return list(dict.fromkeys(names))


def _detection_name(rate: float, snr_db: float, variant: str) -> str:
    name = f"task_detection_r{_rate_digits(rate)}_{snr_db:g}db"
    return f"{name}_{variant}" if variant else name


def train_model(name: str, folder: str | Path) -> str:
    """Trains one model into ``folder``, keeping no checkpoint; returns what it measures."""
    summary = train_run(Run(figure_config(name), Path(folder) / f"{name}.safetensors"))
    return f"{name}: {'; '.join(summary)}"


def main(arguments: list[str] | None = None) -> int:
    """``python -m fewbit_trainer.task_quantizer.figure_models``: as `fewbit_trainer.sweep`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser, Path("results/models"))
    parser.add_argument("--only", default="", help="names that match this regular expression")
    options = parser.parse_args(arguments)
    names = [name for name in figure_names() if re.search(options.only, name)]
    runs = [Run(figure_config(name), options.output / f"{name}.safetensors") for name in names]
    return run_all(runs, options)


if __name__ == "__main__":
    sys.exit(main())
