# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The training loop: fixed data, seeded epochs, checkpoints after each, resumable to the bit."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .code_length import CountedRate
from .config import ConfigError, TrainingConfig, config_to_dict
from .links import draw_packets
from .softbit_codec import (
    SoftBitAutoencoder,
    cross_entropy_loss,
    soft_entropy,
    straight_through,
    weighted_square_loss,
)
from .warm_start import latent_targets, warm_start_loss

_CHUNK_PACKETS = 1000
# Seeds of independent random streams are derived from the run's seed and one of these.
_TRAINING_DATA, _EPOCH = 1, 2


@dataclass(frozen=True)
class TrainingData:
    """The training set, drawn once."""

    soft_bits: Tensor
    """[packets, subcarriers, K]"""
    statistic: Tensor | None
    """[packets, subcarriers, 3], kept for the warm start only"""


@dataclass(frozen=True)
class EpochReport:
    """What one epoch did; given to the caller's ``report``."""

    epoch: int
    """Epochs finished."""
    epochs: int
    loss: float
    distortion: float | None
    """None in the warm start, which has another loss."""
    rate: float | None
    """The same."""
    elapsed_s: float
    remaining_s: float
    """Estimate."""


@dataclass
class TrainingState:
    """All that a checkpoint keeps."""

    model: SoftBitAutoencoder
    optimizer: torch.optim.Adam
    rate: CountedRate
    epoch: int = 0


def draw_training_data(config: TrainingConfig) -> TrainingData:
    """The training set of a run: profiles in equal parts, SNRs uniform."""
    link = config.link
    rng = np.random.default_rng([config.seed, _TRAINING_DATA])
    shares = np.array_split(np.arange(config.schedule.packets), len(link.profiles))
    soft_bits: list[Tensor] = []
    statistic: list[Tensor] = []
    for profile, share in zip(link.profiles, shares, strict=True):
        for start in range(0, share.size, _CHUNK_PACKETS):
            count = min(_CHUNK_PACKETS, share.size - start)
            drawn = draw_packets(
                rng, link.bits_per_symbol, profile, count, link.subcarriers, link.snr_db,
                link.spacing_hz, link.normalise,
            )  # fmt: skip
            soft_bits.append(torch.from_numpy(np.tanh(0.5 * drawn.llrs).astype(np.float32)))
            if config.warm_start.epochs:
                statistic.append(torch.from_numpy(drawn.statistic.astype(np.float32)))
    return TrainingData(torch.cat(soft_bits), torch.cat(statistic) if statistic else None)


def new_state(config: TrainingConfig) -> TrainingState:
    """Untrained networks and a fresh optimiser."""
    codec = config.codec
    model = SoftBitAutoencoder(
        config.link.bits_per_symbol, codec.levels, codec.codebook_range, config.seed
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=config.schedule.learning_rate, fused=True)
    return TrainingState(model, optimizer, CountedRate(codec.levels, codec.contexts > 1))


def save_checkpoint(path: Path, state: TrainingState, config: TrainingConfig) -> None:
    """Writes a checkpoint so that a reader sees the old one or the new one, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    torch.save(
        {
            "config": config_to_dict(config),
            "epoch": state.epoch,
            "model": state.model.state_dict(),
            "optimizer": state.optimizer.state_dict(),
            "rate": state.rate.state_dict(),
        },
        partial,
    )
    os.replace(partial, path)


def load_checkpoint(path: Path, config: TrainingConfig) -> TrainingState:
    """The state of an interrupted run of this very configuration; raises ConfigError."""
    try:
        saved = torch.load(path, weights_only=True)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no checkpoint to resume") from error
    except Exception as error:  # torch raises many kinds for a damaged file
        raise ConfigError(f"{path}: is no readable checkpoint, delete it") from error
    if saved["config"] != config_to_dict(config):
        raise ConfigError(
            f"{path}: belongs to another configuration or seed, give another output or --fresh"
        )
    state = new_state(config)
    state.model.load_state_dict(saved["model"])
    state.optimizer.load_state_dict(saved["optimizer"])
    state.rate.load_state_dict(saved["rate"])
    state.epoch = int(saved["epoch"])
    return state


def cosine_span(config: TrainingConfig, epochs_done: float) -> tuple[int, int]:
    """First epoch of the cosine in which ``epochs_done`` lies, and the one after its last."""
    bounds = [config.warm_start.epochs, *config.schedule.restarts, config.schedule.epochs]
    number = sum(bound <= epochs_done for bound in bounds[1:-1])
    return bounds[number], bounds[number + 1]


def alpha_at(config: TrainingConfig, epoch: int) -> float:
    """Weight of the rate in ``epoch``."""
    loss = config.loss
    for before, alpha in zip(loss.alpha_epochs, loss.earlier_alpha, strict=True):
        if epoch < before:
            return alpha
    return loss.alpha


def learning_rate(config: TrainingConfig, epochs_done: float) -> float:
    """Learning rate after ``epochs_done`` epochs, whole and broken."""
    schedule, warm = config.schedule, config.warm_start
    if epochs_done < warm.epochs:
        cosine = 0.5 + 0.5 * math.cos(math.pi * epochs_done / warm.epochs)
        return warm.learning_rate * (cosine + 0.01) * min(1.0, 0.02 + 5.0 * epochs_done)
    if schedule.decay == "constant":
        return schedule.learning_rate
    first, end = cosine_span(config, epochs_done)
    since = epochs_done - first
    cosine = 0.5 + 0.5 * math.cos(math.pi * since / (end - first))
    # A fresh optimiser, or one whose moments belong to another loss, starts gently.
    return schedule.learning_rate * (cosine + 0.001) * min(1.0, 0.02 + since)


def _uniform(shape: torch.Size, generator: torch.Generator) -> Tensor:
    return torch.rand(shape, generator=generator) - 0.5


def _joint_loss(
    state: TrainingState,
    config: TrainingConfig,
    soft_bits: Tensor,
    indices: Tensor,
    latents: Tensor,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor, Tensor]:
    """Loss, distortion and rate of a batch."""
    model, loss, schedule = state.model, config.loss, config.schedule
    hard = loss.quantizer == "straight_through"
    if not hard and state.epoch >= cosine_span(config, state.epoch)[1] - schedule.hard_epochs:
        # The deployed quantizer is hard: the decoder ends on what it will be given.
        hard = True
        latents = latents.detach()
    if hard:
        carried = straight_through(latents, model.codebook[indices])
    else:
        span = float(model.codebook[-1])
        carried = latents + _uniform(latents.shape, generator) * model.step
        carried = carried.clamp(-span, span)
    if loss.rate == "soft_entropy":
        tau = loss.tau * loss.tau_growth**state.epoch
        rate = soft_entropy(latents, model.codebook, indices, tau)
    else:
        position = (carried - model.codebook[0]) / model.step
        bits = state.rate(position, indices)
        rate = bits.sum(dim=-1).mean() / model.bits_per_symbol
    measure = cross_entropy_loss if loss.distortion == "cross_entropy" else weighted_square_loss
    distortion = measure(soft_bits, model.decode(carried))
    total = distortion + alpha_at(config, state.epoch) * rate
    if loss.quantizer == "noise":
        # Beyond the codebook's ends a latent would cost nothing and be clipped.
        outside = (latents.abs() - float(model.codebook[-1]) + model.step).relu()
        total = total + 10.0 * outside.sum(dim=-1).mean()
    return total, distortion, rate


def train_epoch(
    state: TrainingState, config: TrainingConfig, data: TrainingData
) -> tuple[float, float | None, float | None]:
    """One pass over the training set; mean loss, distortion and rate (None: warm start)."""
    schedule = config.schedule
    packets = data.soft_bits.shape[0]
    generator = torch.Generator().manual_seed(
        int(np.random.SeedSequence([config.seed, _EPOCH, state.epoch]).generate_state(1)[0])
    )
    order = torch.randperm(packets, generator=generator)
    batches = order.split(schedule.batch_packets)
    warm = state.epoch < config.warm_start.epochs
    totals = torch.zeros(3, dtype=torch.float64)
    for number, batch in enumerate(batches):
        for group in state.optimizer.param_groups:
            group["lr"] = learning_rate(config, state.epoch + number / len(batches))
        soft_bits = data.soft_bits[batch]
        if warm:
            assert data.statistic is not None
            target = latent_targets(data.statistic[batch], state.model.step, config.warm_start)
            noise = _uniform(target.shape, generator)
            state.rate.update(state.model.quantize(target))
            total = warm_start_loss(state.model, soft_bits, target, noise)
            distortion = rate = torch.zeros(())
        else:
            latents = state.model.encode(soft_bits)
            indices = state.model.quantize(latents.detach())
            state.rate.update(indices)
            total, distortion, rate = _joint_loss(
                state, config, soft_bits, indices, latents, generator
            )
        state.optimizer.zero_grad()
        total.backward()
        state.optimizer.step()
        totals += torch.stack([total, distortion, rate]).detach().double()
    state.epoch += 1
    loss, distortion_mean, rate_mean = (totals / len(batches)).tolist()
    return (loss, None, None) if warm else (loss, distortion_mean, rate_mean)


def run_training(
    config: TrainingConfig,
    checkpoint: Path,
    resume: bool = False,
    report: Callable[[EpochReport], None] | None = None,
    log_dir: Path | None = None,
) -> TrainingState:
    """Trains to the end of the schedule or of the time budget, with a checkpoint every epoch."""
    state = load_checkpoint(checkpoint, config) if resume else new_state(config)
    data = draw_training_data(config)
    writer = _open_log(log_dir)
    started, first = time.monotonic(), state.epoch
    saved = started
    try:
        while state.epoch < config.schedule.epochs:
            loss, distortion, rate = train_epoch(state, config, data)
            now = time.monotonic()
            elapsed = now - started
            over = bool(config.schedule.time_budget_s) and (elapsed > config.schedule.time_budget_s)
            # A second between checkpoints, so that short epochs do not wait for the disk.
            if over or now - saved > 1.0 or state.epoch == config.schedule.epochs:
                save_checkpoint(checkpoint, state, config)
                saved = now
            if writer is not None:
                for name, value in (("loss", loss), ("distortion", distortion), ("rate", rate)):
                    if value is not None:
                        writer.add_scalar(name, value, state.epoch)
            if report is not None:
                left = config.schedule.epochs - state.epoch
                remaining = elapsed / (state.epoch - first) * left
                report(
                    EpochReport(
                        state.epoch,
                        config.schedule.epochs,
                        loss,
                        distortion,
                        rate,
                        elapsed,
                        remaining,
                    )  # fmt: skip
                )
            if over:
                break
    finally:
        if writer is not None:
            writer.close()
    return state


def _open_log(log_dir: Path | None) -> Any:
    """A TensorBoard writer, or None where no log is wanted or TensorBoard is not installed."""
    if log_dir is None:
        return None
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(log_dir))  # type: ignore[no-untyped-call]
