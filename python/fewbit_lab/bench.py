# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit bench`: runs every benchmarks/bench_*.py and gathers its rows in results/bench.json.

A benchmark is a module with `rows(quick: bool) -> list[dict]`. A row holds `name`, `unit`, `ours`
(a value by instruction set), `peers` (a value by name and version) and `limit` (what the hardware
allows, or None). An optional `peaks() -> dict` says what the machine can do at most.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from fewbit_lab import results
from fewbit_lab.errors import LabError

ROW_KEYS = {"name", "unit", "ours", "peers", "limit"}


def bench(folder: Path | None, output: Path, *, quick: bool = False, only: str = "") -> int:
    """Run the benchmarks, print a table and write `<output>/bench.json`. A benchmark that cannot
    run (a peer is missing) is named with its reason; the rest go on, and the status is 1."""
    files = [f for f in sorted(_folder(folder).glob("bench_*.py")) if only in f.stem]
    if not files:
        raise LabError(f"no benchmark matches {only!r} in {_folder(folder)}")
    rows: list[dict[str, Any]] = []
    peaks: dict[str, Any] = {}
    missing: list[str] = []
    for file in files:
        print(f"{file.stem} ...", file=sys.stderr, flush=True)
        try:
            with _on_path(file.parent):
                module = _load(file)
                found = _call(module, "rows", quick)
                peaks.update(_call(module, "peaks", quick) if hasattr(module, "peaks") else {})
        except ImportError as error:
            missing.append(f"{file.stem}: {error}")
            continue
        for row in found:
            if not ROW_KEYS <= set(row):
                raise LabError(f"{file}: a row lacks {sorted(ROW_KEYS - set(row))}")
        rows += found
    content = {
        "machine": machine(),
        "peaks": peaks,
        "rows": rows,
        "missing": missing,
        "versions": results.versions(),
    }
    results.write_json(output / "bench.json", content)
    print(table(rows))
    for line in missing:
        print(f"left out: {line}", file=sys.stderr)
    print(f"wrote {output / 'bench.json'}")
    return 1 if missing else 0


def machine() -> dict[str, Any]:
    """The processor, its clock policy and what else was running: what a timing depends on."""
    model = platform.processor()
    flags: list[str] = []
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
            elif line.startswith("flags") and not flags:
                flags = line.split(":", 1)[1].split()
    except OSError:
        pass
    interesting = (
        "ssse3",
        "sse4_2",
        "avx2",
        "fma",
        "avx512f",
        "avx512vl",
        "avx512_vnni",
        "avx_vnni",
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "instructions": [flag for flag in interesting if flag in flags],
        "system": platform.platform(),
        "load": list(os.getloadavg()),
        "date": time.strftime("%Y-%m-%d"),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """The rows for people: a line each, our best instruction set against every peer."""
    lines = []
    for row in rows:
        ours = {k: v for k, v in row["ours"].items() if v is not None}
        mine = "  ".join(f"{name} {value:.4g}" for name, value in ours.items())
        peers = "  ".join(
            f"{name} {value:.4g}" for name, value in row["peers"].items() if value is not None
        )
        lines.append(f"{row['name']} [{row['unit']}]: {mine}" + (f"  | {peers}" if peers else ""))
    return "\n".join(lines)


def _folder(given: Path | None) -> Path:
    """The benchmarks live in the source tree: the one given, here, or above this file."""
    places = (
        [given]
        if given
        else [Path("benchmarks"), Path(__file__).resolve().parents[2] / "benchmarks"]
    )
    for place in places:
        if place.is_dir():
            return place
    raise LabError(
        f"{places[0]}: no such folder; run in the source tree or name it with --benchmarks"
    )


def _load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise LabError(f"{file}: is not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def _on_path(folder: Path) -> Iterator[None]:
    """Benchmarks share modules that stand beside them, and may import them as late as they run."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _call(module: ModuleType, name: str, quick: bool) -> Any:
    function = getattr(module, name, None)
    if function is None:
        raise LabError(f"{module.__name__}: has no {name}(quick)")
    return (
        function(quick=quick) if "quick" in inspect.signature(function).parameters else function()
    )
