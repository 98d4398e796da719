# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Monte Carlo over processes: same numbers whoever runs what, interruptible, resumable.

A figure is a list of points (an SNR, say). A point is measured in batches numbered 0, 1, 2, ...;
a batch is seeded by its own coordinates (root seed, point, number), so it does not depend on which
process ran it, nor when. A point's result is the batches 0..n-1 for the smallest n that satisfies
the stop rule: batches that were started ahead and turn out not to be needed are left out, so that
the result does not depend on the number of workers either.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fewbit_lab.errors import LabError
from fewbit_lab.progress import Progress

Coordinates = Mapping[str, Any]
#: measure(coordinates, seed) -> counts, a JSON-able dict of numbers
Measure = Callable[[Coordinates, int], dict[str, Any]]


def key_of(coordinates: Coordinates) -> str:
    """One text for one point, whatever order its coordinates were written in."""
    return json.dumps(dict(coordinates), sort_keys=True, separators=(",", ":"))


def seed_of(root: int, coordinates: Coordinates, batch: int) -> int:
    """A 63-bit seed from a task's own coordinates (SHA-256, so that neighbours are unrelated)."""
    text = f"{root}|{key_of(coordinates)}|{batch}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


@dataclass(frozen=True)
class StopRule:
    """Stop a point after `most` batches, or once `counter` has reached `enough` (after `least`)."""

    most: int
    counter: str = ""
    enough: int = 0
    least: int = 1

    def needed(self, batches: Sequence[Mapping[str, Any]]) -> int | None:
        """How many of the batches (gapless from number 0) make the point; None: not enough."""
        count = 0
        for number, batch in enumerate(batches, start=1):
            count += batch.get(self.counter, 0) if self.counter else 0
            if number >= self.most:
                return number
            if self.counter and count >= self.enough and number >= self.least:
                return number
        return None

    def fraction(self, batches: Sequence[Mapping[str, Any]]) -> float:
        """How far a point is, 0 to 1: the nearer of the two ends."""
        done = len(batches) / self.most
        if self.counter and self.enough:
            count = sum(batch.get(self.counter, 0) for batch in batches)
            done = max(done, min(count / self.enough, len(batches) / self.least))
        return min(1.0, done)


@dataclass
class Store:
    """Finished batches on disk, a line each, so that an interrupted run goes on where it was.

    The first line is a fingerprint of everything that the numbers depend on; a file with another
    fingerprint is of another run and is begun anew. A last line cut short by a crash is dropped.
    """

    path: Path | None
    fingerprint: Mapping[str, Any] = field(default_factory=dict)

    def load(self) -> dict[tuple[str, int], dict[str, Any]]:
        """The batches that are there, by (point, number). Leaves the file ready for append()."""
        if self.path is None:
            return {}
        expected = json.dumps({"fingerprint": dict(self.fingerprint)}, sort_keys=True)
        found: dict[tuple[str, int], dict[str, Any]] = {}
        kept = [expected]
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
            if lines and lines[0] == expected:
                for line in lines[1:]:
                    try:
                        entry = json.loads(line)
                        found[entry["point"], entry["batch"]] = entry["counts"]
                    except (ValueError, KeyError, TypeError):
                        break
                    kept.append(line)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.path.with_name(self.path.name + ".new")
            temporary.write_text("\n".join(kept) + "\n", encoding="utf-8")
            os.replace(temporary, self.path)
        except OSError as error:
            raise LabError(
                f"{self.path}: cannot be written ({error.strerror}); choose another --output"
            ) from error
        return found

    def append(self, point: str, batch: int, counts: Mapping[str, Any]) -> None:
        if self.path is None:
            return
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"point": point, "batch": batch, "counts": dict(counts)}) + "\n")

    def remove(self) -> None:
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def run(
    points: Sequence[Coordinates],
    measure: Measure,
    stop: StopRule | Callable[[Coordinates], StopRule],
    *,
    seed: int,
    executor: Executor | None = None,
    workers: int = 1,
    store: Store | None = None,
    progress: Progress | None = None,
) -> list[list[dict[str, Any]]]:
    """Measure every point until its stop rule holds; returns each point's batches, in order.

    Without an executor the work is done in this process. Interrupt at will: finished batches are
    in the store.
    """
    store = store or Store(None)
    cached = store.load()
    rules = [stop if isinstance(stop, StopRule) else stop(point) for point in points]
    jobs = [_Point(point, key_of(point), rule) for point, rule in zip(points, rules, strict=True)]
    for job in jobs:
        for (key, number), counts in cached.items():
            if key == job.key:
                job.batches[number] = counts
        job.settle()

    def report() -> None:
        if progress is not None:
            share = sum(1.0 if job.done else job.rule.fraction(job.gapless()) for job in jobs)
            progress.update(
                share / max(1, len(jobs)), f"{sum(j.done for j in jobs)} of {len(jobs)} points"
            )

    def finished(job: _Point, number: int, counts: dict[str, Any]) -> None:
        store.append(job.key, number, counts)
        job.batches[number] = counts
        job.settle()
        report()

    report()
    if executor is None:
        for job in jobs:
            while not job.done:
                number = job.next_number()
                finished(
                    job, number, measure(job.coordinates, seed_of(seed, job.coordinates, number))
                )
    else:
        _spread(jobs, measure, seed, executor, max(1, workers), finished)
    return [[job.batches[number] for number in range(job.needed or 0)] for job in jobs]


@dataclass
class _Point:
    """One point on its way: its batches by number, and how many of them make it."""

    coordinates: Coordinates
    key: str
    rule: StopRule
    batches: dict[int, dict[str, Any]] = field(default_factory=dict)
    running: set[int] = field(default_factory=set)
    needed: int | None = None

    @property
    def done(self) -> bool:
        return self.needed is not None

    def gapless(self) -> list[dict[str, Any]]:
        found = []
        while len(found) in self.batches:
            found.append(self.batches[len(found)])
        return found

    def settle(self) -> None:
        self.needed = self.rule.needed(self.gapless())

    def next_number(self) -> int:
        number = 0
        while number in self.batches or number in self.running:
            number += 1
        return number


def _spread(
    jobs: Sequence[_Point],
    measure: Measure,
    seed: int,
    executor: Executor,
    workers: int,
    finished: Callable[[_Point, int, dict[str, Any]], None],
) -> None:
    """Keep every worker busy, the first unfinished point first, two tasks a worker in flight."""
    flying: dict[Future[dict[str, Any]], tuple[_Point, int]] = {}
    try:
        while True:
            for job in jobs:
                while not job.done and len(flying) < 2 * workers:
                    number = job.next_number()
                    if number >= job.rule.most:
                        break
                    job.running.add(number)
                    task = executor.submit(
                        measure, dict(job.coordinates), seed_of(seed, job.coordinates, number)
                    )
                    flying[task] = (job, number)
            if not flying:
                return
            ended, _ = wait(flying, return_when=FIRST_COMPLETED)
            for task in ended:
                job, number = flying.pop(task)
                job.running.discard(number)
                finished(job, number, task.result())
    finally:
        for task in flying:
            task.cancel()


def _quiet_worker() -> None:
    """A worker leaves Ctrl-C to the parent, which cancels what is queued."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def executor_for(workers: int, scheduler: str | None = None):
    """(executor, workers): None for one process, a pool for more, a Dask cluster by its address.

    Workers are started afresh (not forked), so that no thread or lock of GNU Radio is inherited.
    """
    if workers < 1:
        raise LabError(f"--workers is {workers}; expected 1 or more")
    if scheduler is not None:
        try:
            from distributed import Client
        except ImportError as error:
            raise LabError(
                "--scheduler needs Dask, which is not installed; install python3-distributed, "
                "or leave --scheduler out and use --workers"
            ) from error
        try:
            client = Client(scheduler, timeout="20s")
        except (OSError, ValueError) as error:
            raise LabError(
                f"--scheduler {scheduler}: no Dask scheduler answers there ({error})"
            ) from error
        with client:
            yield client.get_executor(pure=False), max(1, sum(client.nthreads().values()))
        return
    if workers == 1:
        yield None, 1
        return
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_quiet_worker
    )
    try:
        yield pool, workers
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
