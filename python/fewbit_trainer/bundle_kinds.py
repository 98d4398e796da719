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


CHECKS: dict[str, Callable[[Draft], None]] = {
    "softbit_codec": _check_softbit_codec,
    "scalar_codebook": _check_scalar_codebook,
}
