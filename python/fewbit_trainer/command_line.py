# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and progress of training, shared by ``fewbit train`` and ``python -m fewbit_trainer``.

Imports neither torch nor numpy until something is trained.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .config import AnyConfig
    from .epochs import EpochReport
    from .run import TrainingResult

BUNDLE_SUFFIX = ".safetensors"


class TrainingInterrupted(Exception):  # noqa: N818, it is no error
    """Training was interrupted; the message says what is kept."""


class ProgressLine:
    """Prints progress and the estimated time left, at most every ``interval_s``; ``heading``
    before it, once there is some."""

    def __init__(self, interval_s: float = 5.0, heading: str = "") -> None:
        self._interval_s = interval_s
        self._printed = 0.0
        self._heading = heading
        self.began = False

    def __call__(self, report: EpochReport) -> None:
        if not self.began:
            sys.stderr.write(self._heading)
            self.began = True
        now = time.monotonic()
        if now - self._printed < self._interval_s and report.epoch < report.epochs:
            return
        self._printed = now
        minutes, seconds = divmod(round(report.remaining_s), 60)
        parts = "".join(f"{name} {value:.5f}  " for name, value in report.parts.items())
        stage = f"{report.stage}  " if report.stage else ""
        sys.stderr.write(
            f"epoch {report.epoch}/{report.epochs}  loss {report.loss:.5f}  {parts}{stage}"
            f"left {minutes}:{seconds:02d}\n"
        )
        sys.stderr.flush()


def add_options(parser: argparse.ArgumentParser) -> None:
    """What both commands take."""
    parser.add_argument("config", nargs="+", type=Path, metavar="CONFIG.yaml")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("runs"),
        metavar="PATH",
        help="folder for NAME.safetensors, or the bundle's file itself (default runs)",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="begin anew where a checkpoint could go on"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="SETTING=VALUE",
        help="replaces one of the configuration's settings, such as adc.levels=[4] or name=mine",
    )
    parser.add_argument("--seed", type=int, help="replaces the configuration's seed")
    parser.add_argument(
        "--log-dir", type=Path, metavar="FOLDER", help="for TensorBoard files (default: none)"
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=1,
        help="of PyTorch; more than 1 slows these small networks down where other programs "
        "run too (default 1)",
    )
    parser.add_argument(
        "--device",
        default="cpu",
        help="cpu, or cuda for long schedules on large batches (default cpu)",
    )


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def train_all(options: argparse.Namespace) -> None:
    """Trains one configuration after another, and prints what each came to.

    Goes on from a run's checkpoint where there is one, unless ``options.fresh``. Raises
    ``ConfigError`` where something cannot be used, before anything is trained where that can be
    known, and ``TrainingInterrupted`` for a KeyboardInterrupt.
    """
    from .config import ConfigError, load_config, with_seed

    if options.threads < 1:
        raise ConfigError(f"--threads is {options.threads}, expected 1 or more")
    configs = [load_config(path, options.set) for path in options.config]
    if options.seed is not None:
        configs = [with_seed(config, options.seed) for config in configs]
    outputs = bundle_paths([config.name for config in configs], options.output)
    import torch

    torch.set_num_threads(options.threads)
    _check_device(options.device)
    _check_places(outputs, options.log_dir)
    for config, output in zip(configs, outputs, strict=True):
        result = _train_one(config, output, options)
        sys.stdout.write(_summary(result))


def bundle_paths(names: Sequence[str], output: Path) -> list[Path]:
    """Where the bundles of runs of these names go; raises ConfigError where two would meet."""
    from .config import ConfigError

    if output.suffix != BUNDLE_SUFFIX:
        paths = [output / f"{name}{BUNDLE_SUFFIX}" for name in names]
    else:
        paths = [output] * len(names)
    if len(set(paths)) < len(paths):
        twice = next(path for path in paths if paths.count(path) > 1)
        raise ConfigError(
            f"{twice} would be written twice, expected configurations of different names and a "
            f"folder as --output"
        )
    return paths


def _check_device(device: str) -> None:
    import torch

    from .config import ConfigError

    if not re.fullmatch(r"cpu|cuda(:[0-9]{1,2})?", device):
        raise ConfigError(f"--device is {device!r}, expected cpu or cuda (or cuda:1, ..)")
    if device == "cpu":
        return
    if not torch.cuda.is_available():
        raise ConfigError(
            f"--device is {device!r}, but this PyTorch sees no CUDA device; use --device cpu, or "
            "install a CUDA build of PyTorch"
        )
    count = torch.cuda.device_count()
    if (torch.device(device).index or 0) >= count:
        raise ConfigError(f"--device is {device!r}, expected cuda:0 to cuda:{count - 1}")


def _check_places(outputs: Sequence[Path], log_dir: Path | None) -> None:
    """Makes the folders now: one that cannot be made must not show after hours of training."""
    from .config import ConfigError

    if log_dir is not None and importlib.util.find_spec("tensorboard") is None:
        raise ConfigError(
            "--log-dir needs TensorBoard, which is not installed; `pip install tensorboard`, or "
            "leave --log-dir out"
        )
    for folder in [*(output.parent for output in outputs), *([log_dir] if log_dir else [])]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"{folder}: cannot be made a folder ({error.strerror}); choose another place"
            ) from error
        if not os.access(folder, os.W_OK):
            raise ConfigError(f"{folder}: cannot be written to; choose another place")


def _train_one(config: AnyConfig, output: Path, options: argparse.Namespace) -> TrainingResult:
    from .run import checkpoint_path, train

    fresh, log_dir = options.fresh, options.log_dir

    checkpoint = checkpoint_path(output)
    if fresh:  # so that whatever stands there later is of this run
        checkpoint.unlink(missing_ok=True)
    resume = checkpoint.is_file()
    progress = ProgressLine(
        heading=f"going on from {checkpoint}; --fresh begins anew\n" if resume else ""
    )
    try:
        result = train(
            config,
            output,
            resume=resume,
            report=progress,
            say=_say,
            log_dir=None if log_dir is None else log_dir / output.stem,
            device=options.device,
        )
        if resume and not progress.began:
            sys.stderr.write(f"{checkpoint} was complete; --fresh begins anew\n")
        return result
    except KeyboardInterrupt as error:
        raise TrainingInterrupted(
            f"interrupted; the same command{', without --fresh,' if fresh else ''} goes on from "
            f"{checkpoint}"
            if checkpoint.is_file()
            else f"interrupted before the first checkpoint; {output} has to begin anew"
        ) from error


def _summary(result: TrainingResult) -> str:
    lines = [f"{line}\n" for line in result.summary]
    lines.append(f"wrote {result.bundle}; look at it with `fewbit info {result.bundle}`\n")
    return "".join(lines)
