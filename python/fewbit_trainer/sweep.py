# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m fewbit_trainer.sweep PLAN.yaml``: many training runs, several at a time.

A plan is a list of entries, each of them a configuration beside the plan and what varies:

    - config: tbq_estimation.yaml
      name: tbq_estimation_m{m}          # of the run and its bundle
      each: {m: [2, 3, 4]}               # every combination is a run
      set: {adc.levels: "[{m}]"}         # settings replaced; {m} filled in, then read as YAML

A run whose bundle is there, made by the very same configuration, is skipped; one that was
interrupted goes on from its checkpoint. Every run is seeded by its configuration, so that the
number of workers changes nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from .config import AnyConfig, config_to_dict, load_config
from .settings import ConfigError, build, read_yaml

_FIELDS = ("config", "name", "each", "set")


@dataclass(frozen=True)
class _Entry:
    """What an entry of a plan must and may say; `each` and `set` are checked apart."""

    config: str = ""
    name: str = ""


@dataclass(frozen=True)
class Run:
    """One run of a plan."""

    config: AnyConfig
    bundle: Path


@dataclass
class Tally:
    """How a sweep went."""

    made: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    """Not begun: the time was over."""


def runs_of(plan: Path, output: Path, only: str = "*") -> list[Run]:
    """The runs of a plan whose names match ``only``; raises ConfigError for what cannot be used,
    and where two runs would write one bundle."""
    data = read_yaml(plan)
    if not isinstance(data, list) or not data:
        raise ConfigError(f"{plan}: is {type(data).__name__}, expected a list of entries")
    runs = []
    for number, entry in enumerate(data):
        try:
            runs += [
                Run(config, output / f"{config.name}.safetensors")
                for config in _configs_of(entry, plan.parent)
            ]
        except ConfigError as error:
            raise ConfigError(f"{plan}: entry {number}: {error}") from error
    names = [run.config.name for run in runs]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{plan}: the name {name} is given twice, expected one run of each")
    return [run for run in runs if fnmatch(run.config.name, only)]


def _configs_of(entry: Any, folder: Path) -> Iterator[AnyConfig]:
    if not isinstance(entry, dict):
        raise ConfigError(f"is {entry!r}, expected {', '.join(_FIELDS)}")
    unknown = [key for key in entry if key not in _FIELDS]
    if unknown:
        raise ConfigError(f"{unknown[0]} is no known setting, expected {', '.join(_FIELDS)}")
    words = build(_Entry, {key: entry[key] for key in ("config", "name") if key in entry})
    each, changes = entry.get("each", {}), entry.get("set", {})
    if not isinstance(each, dict) or not all(isinstance(v, list) and v for v in each.values()):
        raise ConfigError(f"each is {each!r}, expected lists of at least one value by name")
    if not isinstance(changes, dict):
        raise ConfigError(f"set is {changes!r}, expected values by setting")
    for values in itertools.product(*each.values()):
        labels = dict(zip(each, values, strict=True))
        assignments = [f"{key}={_filled(str(value), labels)}" for key, value in changes.items()]
        if words.name:
            assignments.append(f"name={_filled(words.name, labels)}")
        yield load_config(folder / words.config, assignments)


def _filled(text: str, labels: Mapping[str, Any]) -> str:
    try:
        return text.format(**labels)
    except (KeyError, IndexError, ValueError) as error:
        known = ", ".join(labels) or "none"
        raise ConfigError(f"{text!r} cannot be filled in, expected names of each: {known}") from (
            error
        )


def is_made(run: Run) -> bool:
    """Whether the bundle is there and was made by this configuration."""
    import safetensors

    if not run.bundle.is_file():
        return False
    try:
        with safetensors.safe_open(str(run.bundle), framework="numpy") as file:
            written = json.loads((file.metadata() or {}).get("fewbit.config", "{}"))
    except Exception:  # whatever it is, it is not ours
        return False
    return bool(written.get("training") == config_to_dict(run.config))


def train_run(run: Run) -> list[str]:
    """Trains one run in this process; the figures in lines. Goes on from a checkpoint of the same
    configuration, and leaves none behind."""
    import torch

    from .epochs import CheckpointError
    from .run import checkpoint_path, train

    torch.set_num_threads(1)
    checkpoint = checkpoint_path(run.bundle)
    try:
        result = train(run.config, run.bundle, resume=checkpoint.is_file())
    except CheckpointError:  # damaged, or of another configuration
        checkpoint.unlink()
        result = train(run.config, run.bundle)
    checkpoint.unlink(missing_ok=True)
    return result.summary


def sweep(runs: list[Run], workers: int, stop_after_s: float = 0.0) -> Tally:
    """Trains what is not there yet, ``workers`` at a time, and says how it goes on. After
    ``stop_after_s`` (0: never) no further run begins."""
    tally = Tally(there=[run.config.name for run in runs if is_made(run)])
    waiting = [run for run in runs if run.config.name not in set(tally.there)]
    total, started = len(waiting), time.monotonic()
    _say(f"{total} to train, {len(tally.there)} there already; {workers} at a time")
    context = multiprocessing.get_context("spawn")  # torch does not survive a fork
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        running: dict[Future[list[str]], Run] = {}
        while waiting or running:
            while waiting and len(running) < workers:
                if stop_after_s and time.monotonic() - started > stop_after_s:
                    tally.left = [run.config.name for run in waiting]
                    waiting = []
                    break
                run = waiting.pop(0)
                running[pool.submit(train_run, run)] = run
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                _finish(future, running.pop(future), tally)
                done = len(tally.made) + len(tally.failed)
                left = (time.monotonic() - started) / done * (total - done)
                minutes, seconds = divmod(round(left), 60)
                _say(f"{done}/{total}  left {minutes}:{seconds:02d}")
    return tally


def _finish(future: Future[list[str]], run: Run, tally: Tally) -> None:
    name = run.config.name
    try:
        for line in future.result():
            _say(f"{name}: {line}")
        tally.made.append(name)
    except Exception as error:  # one run's failure is not the others'
        tally.failed[name] = " ".join(str(error).split())
        _say(f"{name}: failed: {tally.failed[name]}")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def add_options(parser: argparse.ArgumentParser, output: Path) -> None:
    """What every command that trains many runs takes."""
    parser.add_argument(
        "--output", type=Path, default=output, help=f"folder for the bundles ({output})"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes of one thread (1)")
    parser.add_argument(
        "--stop-after",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="begin no further run after this time; the same command goes on",
    )
    parser.add_argument("--list", action="store_true", help="print the runs' names and end")


def run_all(runs: list[Run], options: argparse.Namespace) -> int:
    """As the options say; 0 when all bundles are there, 1 when some are not, 2 for what cannot be
    used."""
    if options.workers < 1:
        sys.stderr.write(f"--workers is {options.workers}, expected 1 or more\n")
        return 2
    if options.list:
        sys.stdout.write("".join(f"{run.config.name}\n" for run in runs))
        return 0
    options.output.mkdir(parents=True, exist_ok=True)
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):  # inherited by the workers
        os.environ[variable] = "1"
    tally = sweep(runs, options.workers, options.stop_after)
    for name, reason in tally.failed.items():
        sys.stdout.write(f"failed  {name}: {reason}\n")
    sys.stdout.write(
        f"{len(tally.made)} made, {len(tally.there)} there already, {len(tally.failed)} failed, "
        f"{len(tally.left)} left\n"
    )
    return 1 if tally.failed or tally.left else 0


def main(arguments: list[str] | None = None) -> int:
    """The command; as `run_all`, and 2 for a wrong plan."""
    parser = argparse.ArgumentParser(
        prog="python -m fewbit_trainer.sweep",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("plan", type=Path, metavar="PLAN.yaml")
    add_options(parser, Path("runs"))
    parser.add_argument("--only", default="*", metavar="PATTERN", help="of the runs' names")
    options = parser.parse_args(arguments)
    try:
        runs = runs_of(options.plan, options.output, options.only)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return run_all(runs, options)


if __name__ == "__main__":
    sys.exit(main())
