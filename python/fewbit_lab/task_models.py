# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the task-based figures' models come from.

A model is looked for by its name (task_schemes) among the installed ones, in `<output>/models` and
in `runs`. What is not there is made in `<output>/models`: trained models by the trainer, where
PyTorch is there, and model-based designs on the spot, in a folder for each version of their code.
A quick run trains nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from pathlib import Path

from fewbit_lab import task_designs
from fewbit_lab.errors import LabError
from fewbit_lab.figures import Run
from fewbit_lab.model_files import models_path
from fewbit_lab.progress import Progress
from fewbit_lab.train import need_torch

RUNS = Path("runs")


def find_or_make(run: Run, names: Sequence[str]) -> dict[str, str]:
    """The file of each model. In a quick run, trained models that are not there are left out.

    Raises LabError, in a sentence, where a model is missing and cannot be made.
    """
    wanted = list(dict.fromkeys(names))
    designs = [name for name in wanted if task_designs.config_of(name) is not None]
    trained = [name for name in wanted if name not in designs]
    folder = run.output / "models"
    own = folder / f"designs-{task_designs.version()}"
    files = {name: _find(name, own) for name in designs}
    files |= {name: _find(name, folder, RUNS) for name in trained}
    untrained = [name for name in trained if files[name] is None]
    if untrained and run.quick:
        print(f"{run.id}: a quick run trains nothing; no model {_some(untrained)}", file=sys.stderr)
        untrained = []
    elif untrained:
        need_torch(f"{run.id}: training {_some(untrained)}")
    _design(run, [name for name in designs if files[name] is None], own)
    if untrained:
        _train(run, untrained, folder)
    files |= {name: _find(name, own) for name in designs}
    files |= {name: _find(name, folder, RUNS) for name in trained}
    return {name: str(files[name]) for name in wanted if files[name] is not None}


def _find(name: str, *folders: Path) -> Path | None:
    for place in (models_path(), *folders):
        file = place / f"{name}.safetensors"
        if file.is_file():
            return file
    return None


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _design(run: Run, names: list[str], folder: Path) -> None:
    """Make model-based designs, spread over the run's workers."""
    if names:
        folder.mkdir(parents=True, exist_ok=True)
        _spread(run, f"{run.id} designs", _write_design, names, folder)


def _train(run: Run, names: list[str], folder: Path) -> None:
    """Train models, spread over the run's workers; what is trained when a run is interrupted is
    kept."""
    folder.mkdir(parents=True, exist_ok=True)
    _spread(run, f"{run.id} training", _write_trained, names, folder)


def _write_design(name: str, folder: Path) -> None:
    task_designs.write(name, folder / f"{name}.safetensors")


def _write_trained(name: str, folder: Path) -> None:
    from fewbit_trainer.config import ConfigError
    from fewbit_trainer.task_quantizer.figure_models import train_model

    try:
        train_model(name, folder)
    except ConfigError as error:
        raise LabError(f"{name}: {error}") from error


def _spread(
    run: Run, title: str, make: Callable[[str, Path], None], names: list[str], folder: Path
) -> None:
    progress = Progress(title)
    if run.executor is None:
        for number, name in enumerate(names):
            progress.update(number / len(names), name)
            make(name, folder)
    else:
        tasks = {run.executor.submit(make, name, folder): name for name in names}
        for number, task in enumerate(as_completed(tasks)):
            task.result()
            progress.update((number + 1) / len(names), tasks[task])
    progress.close("done")
