# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Eigen's way to prepare channels, compiled from eigen_preparation.cc for this processor."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).with_name("eigen_preparation.cc")
FLAGS = ["-std=c++17", "-O3", "-march=native", "-DNDEBUG", "-shared", "-fPIC"]
WAYS = [f"{kind}_{way}" for kind in ("fixed", "dynamic") for way in ("solve", "multiply")]
Prepare = Callable[[np.ndarray, float], tuple[np.ndarray, np.ndarray]]


class EigenMissingError(Exception):
    """Why there is no such peer here, in one sentence."""


def eigen_ways(folder: str) -> tuple[str, dict[str, Prepare]]:
    """(Eigen's version, every way by its name); the library is built in `folder`."""
    library = ctypes.CDLL(str(_built(Path(folder))))
    version = library.eigen_version()
    text = f"Eigen {version // 10000}.{version // 100 % 100}.{version % 100}"
    return text, {name: partial(_prepare, getattr(library, name)) for name in WAYS}


def _prepare(function, h: np.ndarray, rho: float) -> tuple[np.ndarray, np.ndarray]:
    """(rho A, W) of h [n, 16, 16] complex64, one channel after another."""
    m, w = np.empty_like(h), np.empty_like(h)
    pointers = (a.ctypes.data_as(ctypes.c_void_p) for a in (m, w))
    function(
        h.ctypes.data_as(ctypes.c_void_p),
        ctypes.c_size_t(len(h)),
        ctypes.c_float(rho),
        *pointers,
    )
    return m, w


def _built(folder: Path) -> Path:
    compiler = shutil.which("g++") or shutil.which("c++")
    if compiler is None:
        raise EigenMissingError("Eigen's rows are left out: there is no C++ compiler")
    include = subprocess.run(
        ["pkg-config", "--cflags", "eigen3"], capture_output=True, text=True, check=False
    )
    if include.returncode != 0:
        raise EigenMissingError(
            "Eigen's rows are left out: install libeigen3-dev, as 'make bench' does"
        )
    library = folder / "eigen_preparation.so"
    made = subprocess.run(
        [compiler, *FLAGS, *include.stdout.split(), str(SOURCE), "-o", str(library)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        reason = (made.stderr.strip().splitlines() or ["no reason given"])[0]
        raise EigenMissingError(
            f"Eigen's rows are left out: {SOURCE.name} does not compile: {reason}"
        )
    return library
