# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the MIMO detection figures' networks come from.

A model is looked for by its name among the installed ones, in `<output>/models` and in `runs`. The
float network of an int8 bundle is the same scalars in float32, written beside them on the spot.
Nothing is trained: what is not there is left out, and said.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gnuradio.fewbit import algorithms

from fewbit_lab.errors import LabError
from fewbit_lab.figures import Run
from fewbit_lab.kaq_link import THE_LINK, Link, detector_of
from fewbit_lab.kaq_network import WRITTEN_OUT
from fewbit_lab.kaq_schemes import Scheme
from fewbit_lab.model_files import models_path

#: Kinds of specifications that name a bundle.
NETWORKS = ("unfolded", *WRITTEN_OUT)
RUNS = Path("runs")
TRAIN = "python -m fewbit_trainer.unfolded_detector.figure_models --only"


def specifications(run: Run, schemes: Sequence[Scheme]) -> dict[str, str]:
    """What `algorithms.make_detector` takes, by the scheme's name; those without model left out."""
    found, missing = {}, []
    for scheme in schemes:
        if scheme.detector:
            found[scheme.name] = scheme.detector
            continue
        file = find(scheme.model, run.output / "models")
        if file is None:
            missing.append(scheme.model)
        elif not scheme.float32:
            found[scheme.name] = f"{scheme.how}:{file}"
        else:
            own = twin(run, file, "float32")
            if own is not None:
                found[scheme.name] = f"unfolded:{own}"
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        print(f"{run.id}: left out, no model {names}; `{TRAIN} NAME` makes one", file=sys.stderr)
    return found


def identities(found: dict[str, str], link: Link = THE_LINK) -> dict[str, int]:
    """The identity of every network's content, by scheme. Raises LabError where one is no sound
    bundle of this link."""
    ids = {}
    for name, text in found.items():
        kind, _, file = text.partition(":")
        if kind not in NETWORKS:
            continue
        try:
            detector_of(text, link)
            ids[name] = algorithms.bundle.load(file).id
        except (ValueError, RuntimeError) as error:
            raise LabError(f"{file}: {error}") from error
    return ids


def fingerprint(detectors: dict[str, str], link: Link = THE_LINK) -> dict[str, Any]:
    """What a figure's numbers depend on: networks count by their content, wherever they lie."""
    rivals = {name: t for name, t in detectors.items() if t.partition(":")[0] not in NETWORKS}
    return {"detectors": rivals, "models": identities(detectors, link)}


def find(name: str, folder: Path) -> Path | None:
    """A model's bundle, installed, in `folder` or in `runs`."""
    for place in (models_path(), folder, RUNS):
        file = place / f"{name}.safetensors"
        if file.is_file():
            return file
    return None


def twin(run: Run, file: Path, arithmetic: str, **changes: Any) -> Path | None:
    """The same scalars in another arithmetic, `<output>/models/<name>_float` or `_int8`; None,
    which is said, where bundles cannot be written."""
    try:
        from fewbit_trainer.bundle import write_bundle
    except ImportError:
        print(f"{run.id}: left out, {arithmetic} network of {file.stem}: needs safetensors "
              "(make trainer-packages)", file=sys.stderr)  # fmt: skip
        return None
    try:
        bundle = algorithms.bundle.load(str(file))
    except (ValueError, RuntimeError) as error:
        raise LabError(f"{file}: {error}") from error
    config = {**bundle.config, "arithmetic": arithmetic, "measured": [], **changes}
    tensors = {name: bundle.f32(name, shape) for name, (_, shape) in bundle.tensors.items()}
    ending = arithmetic.removesuffix("32")
    path = run.output / "models" / f"{file.stem}_{ending}.safetensors"
    return Path(write_bundle(path, bundle.kind, tensors, config))
