# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the MIMO detection figures' networks come from.

A model is looked for by its name among the installed ones, in `<output>/models` and in `runs`. The
float network of an int8 bundle is the same scalars in float32, written beside them on the spot.
Nothing is trained: what is not there is left out, and said.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
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
    return specifications_by(run, {"": schemes})[""]


def specifications_by(
    run: Run, groups: Mapping[str, Sequence[Scheme]]
) -> dict[str, dict[str, str]]:
    """The same of groups of schemes, by group; what is left out is said once for all."""
    missing: list[str] = []
    unwritten: list[str] = []
    found = {}
    for key, schemes in groups.items():
        made = {one.name: _specification(run, one, missing, unwritten) for one in schemes}
        found[key] = {name: text for name, text in made.items() if text is not None}
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        print(f"{run.id}: left out, no model {names}; `{TRAIN} NAME` makes one", file=sys.stderr)
    say_left_out(run, unwritten, ["safetensors"])
    return found


def _specification(
    run: Run, scheme: Scheme, missing: list[str], unwritten: list[str]
) -> str | None:
    """A scheme's; None, and its model or its name in a list, where it cannot be had."""
    if scheme.detector:
        return scheme.detector
    file = find(scheme.model, run.output / "models")
    if file is None:
        missing.append(scheme.model)
        return None
    if not scheme.float32:
        return f"{scheme.how}:{file}"
    own = twin(run, file, "float32")
    if own is None:
        unwritten.append(scheme.name)
        return None
    return f"unfolded:{own}"


def say_left_out(run: Run, names: Iterable[str], packages: Sequence[str]) -> None:
    """In one sentence, what a figure lacks for want of Python packages, and how to get them."""
    what = "; ".join(dict.fromkeys(names))
    if what:
        print(
            f"{run.id}: left out, as {' and '.join(packages)} cannot be imported: {what}; "
            "run `make trainer-packages` in the source tree",
            file=sys.stderr,
        )


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
    """The same scalars in another arithmetic, `<output>/models/<name>_float` or `_int8`; None
    where bundles cannot be written: without safetensors."""
    try:
        from fewbit_trainer.bundle import write_bundle
    except ImportError:
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
