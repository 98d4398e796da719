# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running epochs, whatever is trained: checkpoints, reports, TensorBoard, a time budget."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import torch

from .settings import ConfigError


class CheckpointError(ConfigError):
    """A checkpoint that this run cannot go on from."""


class EpochResult(NamedTuple):
    """What one epoch gives."""

    loss: float
    parts: Mapping[str, float]
    """What the loss is made of, by name."""
    stage: str = ""
    """In words, where epochs differ."""


@dataclass(frozen=True)
class EpochReport:
    """What one epoch did; given to the caller's ``report``."""

    epoch: int
    """Epochs finished."""
    epochs: int
    loss: float
    elapsed_s: float
    remaining_s: float
    """Estimate."""
    parts: Mapping[str, float] = field(default_factory=dict)
    stage: str = ""


class HasEpoch(Protocol):
    """A training state that counts the epochs done."""

    epoch: int


def run_epochs(
    state: HasEpoch,
    epochs: int,
    train_epoch: Callable[[], EpochResult],
    save: Callable[[], None],
    report: Callable[[EpochReport], None] | None = None,
    log_dir: Path | None = None,
    time_budget_s: float = 0.0,
) -> None:
    """Calls ``train_epoch``, which counts ``state.epoch`` up, until ``epochs`` are done or the time
    budget is spent, and ``save`` after an epoch, at most once a second, and at the end."""
    writer = _open_log(log_dir)
    started, first = time.monotonic(), state.epoch
    saved = started
    try:
        while state.epoch < epochs:
            result = train_epoch()
            now = time.monotonic()
            elapsed = now - started
            over = bool(time_budget_s) and elapsed > time_budget_s
            # A second between checkpoints, so that short epochs do not wait for the disk.
            if over or now - saved > 1.0 or state.epoch == epochs:
                save()
                saved = now
            if writer is not None:
                for name, value in {"loss": result.loss, **result.parts}.items():
                    writer.add_scalar(name, value, state.epoch)
            if report is not None:
                remaining = elapsed / (state.epoch - first) * (epochs - state.epoch)
                report(
                    EpochReport(
                        state.epoch, epochs, result.loss, elapsed, remaining, result.parts,
                        result.stage,
                    )  # fmt: skip
                )
            if over:
                break
    finally:
        if writer is not None:
            writer.close()


def write_checkpoint(path: Path, content: Mapping[str, Any]) -> None:
    """Writes a checkpoint so that a reader sees the old one or the new one, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    torch.save(dict(content), partial)
    os.replace(partial, path)


def read_checkpoint(path: Path, config: Mapping[str, Any], device: str) -> dict[str, Any]:
    """What an interrupted run of this very configuration saved; raises CheckpointError."""
    try:
        saved: dict[str, Any] = torch.load(path, weights_only=True, map_location=device)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: there is no checkpoint to resume") from error
    except Exception as error:  # torch raises many kinds for a damaged file
        raise CheckpointError(f"{path}: is no readable checkpoint, delete it") from error
    if saved.get("config") != config:
        raise CheckpointError(
            f"{path}: belongs to another configuration or seed, give another output or --fresh"
        )
    return saved


def _open_log(log_dir: Path | None) -> Any:
    """A TensorBoard writer, or None where no log is wanted or TensorBoard is not installed."""
    if log_dir is None:
        return None
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(log_dir))  # type: ignore[no-untyped-call]
