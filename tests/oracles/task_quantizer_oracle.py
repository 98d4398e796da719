# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle of the task quantizer: bundles of random weights, and the chain in plain numpy.

Sums of small maps run in float32 in the order that the contract names, so that codes can be
compared exactly; the rest runs in float64.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from softbit_oracle import write_safetensors

Layers = Sequence[tuple[np.ndarray, np.ndarray]]


def random_layers(rng: np.random.Generator, widths: Sequence[int]) -> list:
    """Dense layers of the given widths, pairs (weight, bias), float32."""
    return [
        (
            (rng.normal(size=(out, inputs)) / np.sqrt(inputs)).astype(np.float32),
            (0.1 * rng.normal(size=out)).astype(np.float32),
        )
        for inputs, out in zip(widths[:-1], widths[1:], strict=True)
    ]


def run_layers(layers: Layers, x: np.ndarray) -> np.ndarray:
    """ReLU between layers, float64."""
    x = x.astype(np.float64)
    for i, (weight, bias) in enumerate(layers):
        x = x @ weight.astype(np.float64).T + bias
        if i + 1 < len(layers):
            x = np.maximum(x, 0)
    return x


def combine_exactly(weight, bias, gain, x) -> np.ndarray:
    """One layer in float32: from the bias over the inputs in ascending order, no fused steps."""
    total = np.broadcast_to(bias, (*x.shape[:-1], len(bias))).astype(np.float32)
    for i in range(weight.shape[1]):
        total = total + x[..., i : i + 1] * weight[:, i]
    return total * gain


def block_gains(v: np.ndarray, block_len: int) -> np.ndarray:
    """g of each vector of v [n, p], float64."""
    gains = np.ones(len(v))
    for begin in range(0, len(v), block_len):
        mean = np.mean(v[begin : begin + block_len].astype(np.float64) ** 2)
        if np.isfinite(mean) and 0 < mean < 1e38:
            gains[begin : begin + block_len] = 1 / np.sqrt(mean)
    return gains


def codes_of(levels: Sequence[int], thresholds: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Number of thresholds <= z of each ADC; NaN: 0."""
    codes = np.zeros(z.shape, np.uint8)
    at = 0
    for d, m in enumerate(levels):
        t = thresholds[at : at + m - 1]
        codes[..., d] = (t <= z[..., d, None]).sum(-1)
        at += m - 1
    return codes


def rows_of(levels: Sequence[int], codes: np.ndarray) -> np.ndarray:
    """Row of each code in a table that has a row for each code of each ADC."""
    first = np.concatenate([[0], np.cumsum(levels)[:-1]])
    return first + np.minimum(codes, np.asarray(levels) - 1)


def user_bits(k: int) -> np.ndarray:
    """[2^k, k]: bit i of the class, least significant first, is user i's."""
    return np.arange(2**k)[:, None] >> np.arange(k) & 1


def posteriors(scores: np.ndarray) -> np.ndarray:
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def llrs(scores: np.ndarray, k: int) -> np.ndarray:
    bits = user_bits(k)
    out = []
    for i in range(k):
        sides = [
            np.logaddexp.reduce(scores[..., bits[:, i] == b].astype(np.float64), axis=-1)
            for b in (0, 1)
        ]
        out.append(sides[1] - sides[0])
    return np.clip(np.stack(out, -1), -64, 64)


def random_bundle(
    path: Path,
    *,
    task: str = "detection",
    digital: str = "lookup",
    inputs: int = 12,
    levels: Sequence[int] = (8, 8, 8, 8),
    outputs: int = 4,
    analog_hidden: Sequence[int] = (),
    digital_hidden: Sequence[int] = (16,),
    agc: str = "fixed",
    powers: int = 1,
    phase_shifters: bool = False,
    seed: int = 1,
    change: Callable[[dict, dict, dict], None] | None = None,
) -> tuple[dict[str, np.ndarray], dict]:
    """Write a task_quantizer bundle of random weights; returns its tensors and configuration.

    It is a sound one unless `change`, called with the tensors, the configuration and the
    metadata just before they are written, does something else with them.
    """
    rng = np.random.default_rng(seed)
    p, total = len(levels), sum(levels)
    tensors: dict[str, np.ndarray] = {}
    analog = random_layers(rng, [inputs, *analog_hidden, p])
    if phase_shifters:
        phases = rng.uniform(-np.pi, np.pi, (p // 2, inputs // 2)).astype(np.float32)
        rotation = np.exp(1j * phases) / np.sqrt(inputs / 2)
        weight = np.block([[rotation.real, -rotation.imag], [rotation.imag, rotation.real]])
        analog = [(weight.astype(np.float32), np.zeros(p, np.float32))]
        tensors["analog.phases"] = phases
    for i, (weight, bias) in enumerate(analog):
        tensors[f"analog.{i}.weight"], tensors[f"analog.{i}.bias"] = weight, bias
    tensors["agc.gain"] = rng.uniform(0.5, 2, p).astype(np.float32)
    tensors["adc.thresholds"] = np.concatenate(
        [np.sort(rng.normal(size=m - 1)) for m in levels]
    ).astype(np.float32)
    tensors["adc.levels"] = np.concatenate([np.sort(rng.normal(size=m)) for m in levels]).astype(
        np.float32
    )
    classes = 2**outputs
    if digital == "affine":
        tensors["digital.weight"] = rng.normal(size=(powers, outputs, p)).astype(np.float32)
        tensors["digital.bias"] = rng.normal(size=(powers, outputs)).astype(np.float32)
    elif digital == "lookup":
        tensors["digital.log_likelihood"] = -rng.gamma(2, 1, (total, classes)).astype(np.float32)
    else:
        last = classes if task == "detection" else outputs
        for i, (weight, bias) in enumerate(random_layers(rng, [p, *digital_hidden, last])):
            tensors[f"digital.{i}.weight"], tensors[f"digital.{i}.bias"] = weight, bias
    config = {
        "task": task,
        "inputs": inputs,
        "outputs": outputs,
        "levels": list(levels),
        "analog": "phase_shifters" if phase_shifters else "layers",
        "analog_layers": len(analog),
        "agc": agc,
        "digital": digital,
        "complex_inputs": inputs % 2 == 0,
        "llr_sign": "positive_is_1",
        "method": "random weights",
        "snr_db": [6, 14],
        "seed": seed,
        "data": "none",
        "measured": {},
    }
    if digital == "affine":
        config["powers"] = powers
    if digital == "network":
        config["digital_layers"] = len(digital_hidden) + 1
    metadata = {"fewbit.kind": "task_quantizer", "fewbit.format": "1"}
    if change:
        change(tensors, config, metadata)
    metadata["fewbit.config"] = json.dumps(config)
    write_safetensors(path, tensors, metadata)
    return tensors, config
