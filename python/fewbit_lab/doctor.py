# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit doctor`: what this machine lacks, and the one line that gets it."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fewbit_lab.train import HOW_TO_GET_TORCH


@dataclass(frozen=True)
class Finding:
    """One check's outcome. What is not `needed` is only advice and does not fail the doctor."""

    ok: bool
    what: str
    remedy: str = ""
    needed: bool = True


def doctor() -> int:
    """Print every finding, faults with their remedy. 0 where nothing needed is missing, else 1."""
    findings = examine()
    for finding in findings:
        mark = "ok     " if finding.ok else ("MISSING" if finding.needed else "absent ")
        print(f"{mark} {finding.what}")
        if not finding.ok and finding.remedy:
            print(f"        {finding.remedy}")
    faults = sum(not f.ok and f.needed for f in findings)
    absent = sum(not f.ok and not f.needed for f in findings)
    print(f"{faults} of {len(findings)} checks failed" if faults else "nothing needed is missing")
    if absent:
        print(f"{absent} absent, which only some uses need")
    return 1 if faults else 0


def examine() -> list[Finding]:
    """Every check in order, none of which can stop another."""
    return [_guarded(check) for check in CHECKS]


def _guarded(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # a doctor that falls ill is a finding too
        name = check.__name__.strip("_").replace("_", " ")
        return Finding(False, f"{name}: {type(error).__name__}: {error}")


def _gnu_radio() -> Finding:
    remedy = "sudo apt-get install gnuradio gnuradio-dev"
    try:
        from gnuradio import gr
    except ImportError as error:
        return Finding(False, f"GNU Radio for {sys.executable} ({error})", remedy)
    version = gr.version()
    return Finding(
        version.startswith(("3.10", "v3.10")),
        f"GNU Radio {version} (3.10 expected)",
        "install GNU Radio 3.10, the distribution's on Debian 12 and 13 and Ubuntu 24.04",
    )


def _numpy() -> Finding:
    """numpy's major version is part of the ABI that the distribution's GNU Radio was built for."""
    import numpy

    version = numpy.__version__
    if importlib.util.find_spec("gnuradio") is None:
        return Finding(True, f"numpy {version}")
    remedy = (
        "GNU Radio's bindings were built for another major version: remove the pip-installed numpy "
        f"of {sys.prefix} (pip uninstall numpy), so that the distribution's is seen"
    )
    try:
        from gnuradio import gr

        gr.sync_block("probe", [numpy.float32], [numpy.float32])
    except Exception as error:
        return Finding(False, f"numpy {version} with GNU Radio ({error})", remedy)
    distribution = _distribution_numpy()
    fits = distribution is None or distribution.split(".")[0] == version.split(".")[0]
    known = f" (the distribution's: {distribution})" if distribution else ""
    return Finding(fits, f"numpy {version}{known} with GNU Radio", remedy)


def _distribution_numpy() -> str | None:
    """The version of the numpy that the distribution's packages were built with, if it is there."""
    for place in Path("/usr/lib/python3/dist-packages").glob("numpy-*-info"):
        return place.name.split("-")[1].removesuffix(".dist").removesuffix(".egg")
    return None


def _module() -> Finding:
    remedy = "build and install it (`make demo`), or put its folder on PYTHONPATH"
    try:
        fewbit = importlib.import_module("gnuradio.fewbit")
    except ImportError as error:
        return Finding(False, f"gnuradio.fewbit ({error})", remedy)
    sets = fewbit.algorithms.instruction_sets()
    return Finding(
        True, f"gnuradio.fewbit in {Path(fewbit.__file__).parent} ({', '.join(map(str, sets))})"
    )


def _grc_blocks() -> Finding:
    """GRC looks in its own folders; a module in another prefix needs GRC_BLOCKS_PATH."""
    try:
        places = [Path(p) for p in grc_folders()]
    except ImportError as error:
        return Finding(
            False, f"GNU Radio Companion ({error})", "sudo apt-get install gnuradio", needed=False
        )
    count = sum(len(list(place.glob("fewbit_*.block.yml"))) for place in places if place.is_dir())
    here = _installed_grc_folder()
    return Finding(
        count > 0,
        f"fewbit blocks in GNU Radio Companion ({count} found)",
        f"export GRC_BLOCKS_PATH={here} (`make gui` does it)",
        needed=False,
    )


def grc_folders() -> list[str]:
    """Where GRC looks for blocks: its preferences, and GRC_BLOCKS_PATH."""
    from gnuradio import gr

    preferences = gr.prefs()
    folders = [os.environ.get("GRC_BLOCKS_PATH", "")]
    for key in ("global_blocks_path", "local_blocks_path"):
        folders.append(preferences.get_string("grc", key, ""))
    folders.append(str(Path(gr.prefix()) / "share/gnuradio/grc/blocks"))
    folders.append(str(Path.home() / ".grc_gnuradio"))
    return [part for folder in folders for part in folder.split(os.pathsep) if part]


def _installed_grc_folder() -> Path:
    """The GRC blocks of the prefix that gnuradio.fewbit is installed in."""
    spec = importlib.util.find_spec("gnuradio.fewbit")
    above = Path(spec.origin).parents if spec and spec.origin else []
    found = [p / "share/gnuradio/grc/blocks" for p in above]
    return next((p for p in found if p.is_dir()), Path(sys.prefix) / "share/gnuradio/grc/blocks")


def _models() -> Finding:
    fewbit = importlib.import_module("gnuradio.fewbit")
    place = Path(fewbit.models_path())
    names = sorted(file.name for file in place.glob("*.safetensors"))
    return Finding(
        bool(names), f"{len(names)} shipped models in {place}", "install again (`make demo`)"
    )


def _optional(module: str, why: str, remedy: str) -> Callable[[], Finding]:
    def check() -> Finding:
        found = importlib.util.find_spec(module) is not None
        return Finding(found, f"{module}: {why}", remedy, needed=False)

    check.__name__ = module
    return check


def _yaml() -> Finding:
    found = importlib.util.find_spec("yaml") is not None
    return Finding(found, "PyYAML", "sudo apt-get install python3-yaml")


def _trainer_numpy() -> Finding:
    """torch is happy with any numpy; GNU Radio is not, so pip must not have upgraded it."""
    environment = Path(sys.prefix) / "lib"
    copies = (
        list(environment.glob("python3*/site-packages/numpy"))
        if sys.prefix != sys.base_prefix
        else []
    )
    return Finding(
        not copies,
        "no second numpy in this environment",
        f"pip put one over the distribution's ({copies[0] if copies else ''}): pip uninstall numpy",
        needed=False,
    )


def _compiler() -> Finding:
    missing = [tool for tool in ("g++", "cmake", "ninja") if shutil.which(tool) is None]
    return Finding(
        not missing,
        "tools to build with" + (f": {', '.join(missing)} not found" if missing else ""),
        "sudo apt-get install g++ cmake ninja-build",
        needed=False,
    )


CHECKS: tuple[Callable[[], Finding], ...] = (
    _gnu_radio,
    _numpy,
    _trainer_numpy,
    _yaml,
    _module,
    _models,
    _grc_blocks,
    _optional("matplotlib", "draws the figures", "sudo apt-get install python3-matplotlib"),
    _optional("torch", "trains models; not needed to run them", HOW_TO_GET_TORCH),
    _optional(
        "safetensors",
        "writes bundles, for the kaq- figures too; not needed to run them",
        "make trainer-packages",
    ),
    _optional("onnx", "exports networks (fewbit export)", "pip install onnx"),
    _compiler,
)
