# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of bundle must hold (docs/architecture.md), checked before one is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[Any]]
Shapes = dict[str, tuple[str, tuple[int, ...]]]


class BundleError(ValueError):
    """One sentence: the file, the field, what was found and what was expected."""


class Draft:
    """A bundle that is about to be written, and the sentence that refuses it."""

    def __init__(self, path: str, tensors: Tensors, config: Mapping[str, Any]) -> None:
        self.path = path
        self.tensors = tensors
        self.config = config

    def refusal(self, field: str, found: str, expected: str) -> BundleError:
        return BundleError(f"bundle '{self.path}': {field} is {found}, expected {expected}")

    def integer(self, key: str, least: int, most: int) -> int:
        value = self.config.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            found = "missing" if key not in self.config else repr(value)
            raise self.refusal(f"config '{key}'", found, f"an integer from {least} to {most}")
        return value

    def number(self, key: str) -> float:
        value = self.config.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            found = "missing" if key not in self.config else repr(value)
            raise self.refusal(f"config '{key}'", found, "a number")
        return float(value)

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self.config.get(key, "missing")
        if value not in choices:
            expected = " or ".join(repr(choice) for choice in choices)
            raise self.refusal(f"config '{key}'", repr(value), expected)
        return str(value)

    def integers(self, key: str, least: int, most: int) -> list[int]:
        """A list of at least one integer."""
        value = self.config.get(key)
        if not isinstance(value, list | tuple) or not value:
            found = "missing" if key not in self.config else repr(value)
            raise self.refusal(f"config '{key}'", found, "a list of integers")
        for index, entry in enumerate(value):
            if isinstance(entry, bool) or not isinstance(entry, int) or not least <= entry <= most:
                expected = f"an integer from {least} to {most}"
                raise self.refusal(f"config '{key}'[{index}]", repr(entry), expected)
        return list(value)

    def check_llr_sign(self) -> None:
        sign = self.config.get("llr_sign", "missing")
        if sign != "positive_is_1":
            raise self.refusal("config 'llr_sign'", repr(sign), "'positive_is_1'")

    def check_shapes(self, expected: Shapes) -> None:
        """Exactly these tensors, each of its type and shape."""
        for name in self.tensors:
            if name not in expected:
                raise self.refusal(f"tensor '{name}'", "there", "no tensor of that name")
        for name, (dtype, shape) in expected.items():
            if name not in self.tensors:
                raise self.refusal(f"tensor '{name}'", "missing", f"{dtype} {list(shape)}")
            values = self.tensors[name]
            if values.dtype != np.dtype(dtype) or values.shape != shape:
                raise self.refusal(
                    f"tensor '{name}'",
                    f"{values.dtype} {list(values.shape)}",
                    f"{dtype} {list(shape)}",
                )

    def check_cdf(self, name: str) -> None:
        """Integer CDFs along the last axis: first 0, last 65536, strictly increasing."""
        values = self.tensors[name].astype(np.int64)
        if (values[..., 0] != 0).any() or (values[..., -1] != 65536).any():
            raise self.refusal(f"tensor '{name}'", "not from 0 to 65536", "CDFs in units of 2^-16")
        if (np.diff(values, axis=-1) < 1).any():
            where = tuple(int(i) for i in np.argwhere(np.diff(values, axis=-1) < 1)[0])
            raise self.refusal(
                f"tensor '{name}'", f"not increasing after {list(where)}", "at least 1 a symbol"
            )

    def check_ascending(self, name: str) -> None:
        """Along the last axis; equal neighbours are an empty cell, and pass."""
        if (np.diff(self.tensors[name], axis=-1) < 0).any():
            raise self.refusal(f"tensor '{name}'", "not ascending", "ascending values")


def _check_softbit_codec(draft: Draft) -> None:
    k = draft.integer("bits_per_symbol", 2, 10)
    hidden = draft.integer("hidden", 1, 256)
    latents = draft.integer("latents", 3, 3)
    levels = draft.integer("levels", 2, 256)
    contexts = draft.integer("contexts", 1, 256)
    draft.integer("cdf_precision", 16, 16)
    draft.integer("seed", 0, 2**63 - 1)
    draft.check_llr_sign()
    if not draft.number("llr_clip") > 0:
        raise draft.refusal("config 'llr_clip'", repr(draft.config["llr_clip"]), "more than 0")

    shapes: Shapes = {}
    for half, widths in (
        ("encoder", [k, hidden, hidden, hidden, hidden, latents]),
        ("decoder", [latents, hidden, hidden, hidden, hidden, k]),
    ):
        for layer in range(5):
            shapes[f"{half}.{layer}.weight"] = ("float32", (widths[layer + 1], widths[layer]))
            shapes[f"{half}.{layer}.bias"] = ("float32", (widths[layer + 1],))
    shapes["codebook"] = ("float32", (levels,))
    shapes["cdf"] = ("int32", (latents, contexts, levels + 1))
    if contexts > 1:
        shapes["context_table"] = ("float32", (latents, 2 * latents, levels))
        shapes["context_thresholds"] = ("float32", (latents, contexts - 1))
        shapes["context_start"] = ("float32", (latents,))
    draft.check_shapes(shapes)
    draft.check_cdf("cdf")
    if contexts > 1:
        draft.check_ascending("context_thresholds")
    steps = np.diff(draft.tensors["codebook"].astype(np.float64))
    if steps.min() <= 0 or np.ptp(steps) > 1e-4 * steps.mean():
        raise draft.refusal(
            "tensor 'codebook'",
            f"of steps from {steps.min():.6g} to {steps.max():.6g}",
            "ascending values at equal distances",
        )


def _check_scalar_codebook(draft: Draft) -> None:
    k = draft.integer("bits_per_symbol", 2, 10)
    m = 1 << draft.integer("bits", 1, 8)
    draft.integer("seed", 0, 2**63 - 1)
    draft.check_llr_sign()
    snr = draft.tensors.get("snr_db")
    s = len(snr) if snr is not None and snr.ndim == 1 and len(snr) > 0 else 1
    draft.check_shapes(
        {
            "snr_db": ("float32", (s,)),
            "thresholds": ("float32", (s, k, m - 1)),
            "levels": ("float32", (s, k, m)),
            "cdf": ("int32", (s, k, m + 1)),
        }
    )
    draft.check_cdf("cdf")
    for name in ("snr_db", "thresholds", "levels"):
        draft.check_ascending(name)


def _layer_shapes(draft: Draft, half: str, first: int, last: int) -> Shapes:
    """Layers from ``first`` to ``last`` values, as wide between as the tensors say."""
    count = draft.integer(f"{half}_layers", 1, 8)
    widths = [first]
    for number in range(count - 1):
        bias = draft.tensors.get(f"{half}.{number}.bias")
        width = len(bias) if bias is not None and bias.ndim == 1 else 0
        if not 1 <= width <= 1024:
            found = "missing" if bias is None else f"of shape {list(bias.shape)}"
            raise draft.refusal(f"tensor '{half}.{number}.bias'", found, "1 to 1024 values")
        widths.append(width)
    widths.append(last)
    shapes: Shapes = {}
    for number, (inputs, outputs) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        shapes[f"{half}.{number}.weight"] = ("float32", (outputs, inputs))
        shapes[f"{half}.{number}.bias"] = ("float32", (outputs,))
    return shapes


def _check_phase_shifters(draft: Draft) -> None:
    """The weight is the real form of exp(j phase) / sqrt(antennas)."""
    phases = draft.tensors["analog.phases"].astype(np.float64)
    scale = 1.0 / np.sqrt(phases.shape[1])
    real, imaginary = scale * np.cos(phases), scale * np.sin(phases)
    expected = np.block([[real, -imaginary], [imaginary, real]])
    error = np.abs(draft.tensors["analog.0.weight"] - expected).max()
    if error > 1e-5 * scale:
        raise draft.refusal(
            "tensor 'analog.0.weight'",
            f"{error:.3g} off",
            "the real form of exp(j phases) / sqrt(antennas)",
        )


def _check_task_quantizer(draft: Draft) -> None:
    task = draft.choice("task", ("estimation", "detection"))
    n = draft.integer("inputs", 1, 1024)
    k = draft.integer("outputs", 1, 8 if task == "detection" else 1024)
    levels = draft.integers("levels", 2, 256)
    p, s = len(levels), sum(levels)
    if p > 1024:
        raise draft.refusal("config 'levels'", f"{p} entries long", "at most 1024")
    last = 2**k if task == "detection" else k
    draft.integer("seed", 0, 2**63 - 1)
    draft.check_llr_sign()
    if not isinstance(draft.config.get("complex_inputs"), bool):
        found = repr(draft.config.get("complex_inputs", "missing"))
        raise draft.refusal("config 'complex_inputs'", found, "true or false")
    if draft.config["complex_inputs"] and n % 2:
        raise draft.refusal("config 'inputs'", str(n), "an even number of complex inputs' parts")
    agc = draft.choice("agc", ("fixed", "block"))

    shapes = _layer_shapes(draft, "analog", n, p)
    shapes |= {
        "agc.gain": ("float32", (p,)),
        "adc.thresholds": ("float32", (s - p,)),
        "adc.levels": ("float32", (s,)),
    }
    shifters = draft.choice("analog", ("layers", "phase_shifters")) == "phase_shifters"
    if shifters:
        draft.integer("analog_layers", 1, 1)
        if n % 2 or p % 2:
            raise draft.refusal("config 'analog'", f"of {n} by {p}", "even numbers of both")
        shapes["analog.phases"] = ("float32", (p // 2, n // 2))
    digital = draft.choice("digital", ("affine", "lookup", "network"))
    allowed = ("affine", "network") if task == "estimation" else ("lookup", "network")
    if digital not in allowed:
        expected = " or ".join(repr(name) for name in allowed)
        raise draft.refusal("config 'digital'", repr(digital), f"{expected} for {task}")
    if digital == "affine":
        powers = draft.integer("powers", 1, 8)
        if powers > 1 and agc == "fixed":
            raise draft.refusal("config 'powers'", str(powers), "1 unless 'agc' is 'block'")
        shapes["digital.weight"] = ("float32", (powers, k, p))
        shapes["digital.bias"] = ("float32", (powers, k))
    elif digital == "lookup":
        shapes["digital.log_likelihood"] = ("float32", (s, last))
    else:
        shapes |= _layer_shapes(draft, "digital", p, last)
    draft.check_shapes(shapes)
    if not (draft.tensors["agc.gain"] > 0).all():
        raise draft.refusal("tensor 'agc.gain'", "not positive", "gains above 0")
    falling = np.diff(draft.tensors["adc.thresholds"]) < 0
    falling[np.cumsum(np.array(levels) - 1)[:-1] - 1] = False  # from one ADC to the next
    if falling.any():
        raise draft.refusal("tensor 'adc.thresholds'", "not ascending", "ascending in each ADC")
    if shifters:
        _check_phase_shifters(draft)


def _mixture_shapes(draft: Draft) -> Shapes:
    """Of the tensors of LLRs by the errors that a vector's output foresees."""
    knots = (draft.tensors.get("output.snr_db"), draft.tensors["output.foreseen.log"])
    q, t = (len(k) if k is not None and k.ndim == 1 and len(k) > 0 else 1 for k in knots)
    failures = (f"output.failure.{name}.log" for name in ("weight", "spread", "unseen"))
    tables = ("output.spread.log", *failures)
    shapes: Shapes = {"output.snr_db": ("float32", (q,)), "output.foreseen.log": ("float32", (t,))}
    return shapes | {name: ("float32", (q, t)) for name in tables}


def _check_unfolded_detector(draft: Draft) -> None:
    network = draft.choice("network", ("admm", "pgd"))
    layers = draft.integer("layers", 2, 32)
    draft.integer("users", 1, 128)
    draft.integer("antennas", 1, 128)
    bits = draft.integer("bits_per_symbol", 2, 8)
    if bits % 2:
        raise draft.refusal("config 'bits_per_symbol'", str(bits), "2, 4, 6 or 8")
    draft.integer("seed", 0, 2**63 - 1)
    draft.check_llr_sign()
    _check_integer_arithmetic(draft, bits)
    snr = draft.tensors.get("snr_db")
    s = len(snr) if snr is not None and snr.ndim == 1 and len(snr) > 0 else 1
    d = layers - 1 if network == "admm" else layers
    shapes: Shapes = {
        "snr_db": ("float32", (s,)),
        "denoiser.constant.log": ("float32", (s, d)),
        "output.constant.log": ("float32", (s,)),
        "output.slope.log": ("float32", (s,)),
        "step.alpha": ("float32", (d,)),
        "step.gamma": ("float32", (d,)),
    }
    if network == "admm":
        shapes["rho.log"] = ("float32", (s,))
        for name in ("gain.estimate.log", "gain.dual.log", "memory.log"):
            shapes[name] = ("float32", (s, d))
    else:
        shapes["eta.log"] = ("float32", (s, layers))
    if "output.doubt.log" in draft.tensors:
        shapes["output.doubt.log"] = ("float32", (s,))
    ascending = ["snr_db"]
    if "output.foreseen.log" in draft.tensors:
        ascending += ["output.snr_db", "output.foreseen.log"]
        shapes |= _mixture_shapes(draft)
    if draft.choice("tau", ("scalar", "per_coordinate")) == "per_coordinate":
        shapes["denoiser.slope.log"] = ("float32", (s, d))
    draft.check_shapes(shapes)
    for name in ascending:
        if (np.diff(draft.tensors[name]) <= 0).any():
            raise draft.refusal(f"tensor '{name}'", "not ascending", "strictly ascending knots")
    for name, values in draft.tensors.items():
        if name.endswith(".log") and (np.abs(values) > 30.0).any():
            found = f"up to {np.abs(values).max():.3g} in magnitude"
            raise draft.refusal(f"tensor '{name}'", found, "logarithms from -30 to 30")
    for name, most in (("gain.estimate.log", 8), ("gain.dual.log", 8), ("memory.log", 1)):
        largest = float(draft.tensors[name].max()) if name in draft.tensors else 0.0
        if largest > np.log(most) + 1e-6:
            raise draft.refusal(f"tensor '{name}'", f"up to log {np.exp(largest):.3g}",
                                f"at most log {most}")  # fmt: skip


def _check_integer_arithmetic(draft: Draft, bits_per_symbol: int) -> None:
    arithmetic = draft.choice("arithmetic", ("float32", "quantized", "int8"))
    denoiser = draft.choice(
        "denoiser", ("soft_threshold", "clip", "posterior_mean", "staircase")
    )
    fraction = draft.integer("fraction_bits", 6, 12)
    apart = draft.choice("diagonal", ("inside", "apart")) == "apart"
    if apart and draft.config["network"] == "pgd":
        raise draft.refusal("config 'diagonal'", "'apart'", "'inside' for pgd")
    integer = arithmetic == "int8"
    for key in ("matrix_bits", "activation_bits"):
        value = draft.integer(key, 0, 8)
        if not (value >= 4 or (value == 0 and not integer)):
            raise draft.refusal(f"config '{key}'", str(value),
                                "4 to 8" if integer else "4 to 8, or 0")  # fmt: skip
    for key in ("filter_bits", "input_bits"):
        value = draft.integer(key, 0, 8)
        if not (value == 0 or (value >= 4 and not integer)):
            expected = "0 for int8, which has 16 bits there" if integer else "4 to 8, or 0"
            raise draft.refusal(f"config '{key}'", str(value), expected)
    if not integer:
        return
    if denoiser == "posterior_mean":
        raise draft.refusal("config 'denoiser'", "'posterior_mean'", "another for int8")
    outer = (1 << (bits_per_symbol // 2)) - 1
    if outer << fraction >= 1 << 15:
        raise draft.refusal("config 'fraction_bits'", str(fraction), f"less, for levels to {outer}")


CHECKS: dict[str, Callable[[Draft], None]] = {
    "softbit_codec": _check_softbit_codec,
    "scalar_codebook": _check_scalar_codebook,
    "task_quantizer": _check_task_quantizer,
    "unfolded_detector": _check_unfolded_detector,
}
