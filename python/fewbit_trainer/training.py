# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The training loop: fixed data, seeded epochs, checkpoints after each, resumable to the bit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .captured_step import CapturedStep
from .code_length import CountedRate
from .config import TrainingConfig, config_to_dict
from .epochs import EpochReport, EpochResult, read_checkpoint, run_epochs, write_checkpoint
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

    def to(self, device: str) -> TrainingData:
        """The same on another device."""
        statistic = None if self.statistic is None else self.statistic.to(device)
        return TrainingData(self.soft_bits.to(device), statistic)


@dataclass(frozen=True)
class EpochWeights:
    """What the loss takes from the epoch's number; tensors where a captured step reads them."""

    alpha: float | Tensor
    tau: float | Tensor


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


def new_state(config: TrainingConfig, device: str = "cpu") -> TrainingState:
    """Untrained networks and a fresh optimiser."""
    codec = config.codec
    model = SoftBitAutoencoder(
        config.link.bits_per_symbol, codec.levels, codec.codebook_range, config.seed
    ).to(device)
    captured = is_captured(config, device)
    # A captured step reads the rate of learning where it is, so that it can change.
    rate = config.schedule.learning_rate
    optimizer = torch.optim.Adam(
        model.parameters(),
        lr=torch.tensor(rate, device=device) if captured else rate,
        fused=True,
        capturable=captured,
    )
    counted = CountedRate(codec.levels, codec.contexts > 1, device=device)
    return TrainingState(model, optimizer, counted)


def save_checkpoint(path: Path, state: TrainingState, config: TrainingConfig) -> None:
    """Writes a checkpoint so that a reader sees the old one or the new one, never half."""
    write_checkpoint(
        path,
        {
            "config": config_to_dict(config),
            "epoch": state.epoch,
            "model": state.model.state_dict(),
            "optimizer": state.optimizer.state_dict(),
            "rate": state.rate.state_dict(),
        },
    )


def load_checkpoint(path: Path, config: TrainingConfig, device: str = "cpu") -> TrainingState:
    """The state of an interrupted run of this very configuration; raises ConfigError."""
    saved = read_checkpoint(path, config_to_dict(config), device)
    state = new_state(config, device)
    state.model.load_state_dict(saved["model"])
    _load_optimizer(state.optimizer, saved["optimizer"], is_captured(config, device))
    state.rate.load_state_dict(saved["rate"])
    state.epoch = int(saved["epoch"])
    return state


def _load_optimizer(optimizer: torch.optim.Adam, saved: dict[str, Any], captured: bool) -> None:
    """Moments and steps of a checkpoint, which may come from another kind of device."""
    for group in saved["param_groups"]:
        group["capturable"] = captured
        group["lr"] = optimizer.param_groups[0]["lr"]
    optimizer.load_state_dict(saved)


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


def weights_at(config: TrainingConfig, epoch: int) -> EpochWeights:
    """Weight of the rate, and inverse temperature of the soft entropy, in ``epoch``."""
    return EpochWeights(alpha_at(config, epoch), config.loss.tau * config.loss.tau_growth**epoch)


def is_captured(config: TrainingConfig, device: str) -> bool:
    """Whether a step is recorded once and replayed: on a GPU, where it draws no noise, counts no
    indices and is the same from the first epoch to the last. The paper's recipe is such."""
    loss = config.loss
    return (
        torch.device(device).type == "cuda"
        and loss.quantizer == "straight_through"
        and loss.rate == "soft_entropy"
        and config.warm_start.epochs == 0
    )


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
    return torch.rand(shape, generator=generator, device=generator.device) - 0.5


def _joint_loss(
    state: TrainingState,
    config: TrainingConfig,
    soft_bits: Tensor,
    indices: Tensor,
    latents: Tensor,
    generator: torch.Generator | None,
    weights: EpochWeights,
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
        assert generator is not None
        carried = latents + _uniform(latents.shape, generator) * model.step
        carried = carried.clamp(-model.span, model.span)
    if loss.rate == "soft_entropy":
        rate = soft_entropy(latents, model.codebook, indices, weights.tau)
    else:
        position = (carried - model.codebook[0]) / model.step
        bits = state.rate(position, indices)
        rate = bits.sum(dim=-1).mean() / model.bits_per_symbol
    measure = cross_entropy_loss if loss.distortion == "cross_entropy" else weighted_square_loss
    distortion = measure(soft_bits, model.decode(carried))
    total = distortion + weights.alpha * rate
    if loss.quantizer == "noise":
        # Beyond the codebook's ends a latent would cost nothing and be clipped.
        outside = (latents.abs() - model.span + model.step).relu()
        total = total + 10.0 * outside.sum(dim=-1).mean()
    return total, distortion, rate


def _step(
    state: TrainingState,
    config: TrainingConfig,
    soft_bits: Tensor,
    statistic: Tensor | None,
    generator: torch.Generator | None,
    weights: EpochWeights,
) -> Tensor:
    """One update of the networks; loss, distortion and rate ``[3]`` (warm start: the loss)."""
    model = state.model
    if statistic is not None:
        assert generator is not None
        target = latent_targets(statistic, model.step, config.warm_start)
        noise = _uniform(target.shape, generator)
        state.rate.update(model.quantize(target))
        total = warm_start_loss(model, soft_bits, target, noise)
        distortion = rate = torch.zeros_like(total)
    else:
        latents = model.encode(soft_bits)
        indices = model.quantize(latents.detach())
        if config.loss.rate == "counted":
            state.rate.update(indices)
        total, distortion, rate = _joint_loss(
            state, config, soft_bits, indices, latents, generator, weights
        )
    state.optimizer.zero_grad()
    total.backward()
    state.optimizer.step()
    return torch.stack([total, distortion, rate]).detach()


def capture(state: TrainingState, config: TrainingConfig, data: TrainingData) -> CapturedStep:
    """A recorded step for a configuration and device that ``is_captured``."""

    def step(batch: Tensor, settings: Sequence[Tensor]) -> Tensor:
        return _step(state, config, batch, None, None, EpochWeights(settings[0], settings[1]))

    batch = data.soft_bits[: config.schedule.batch_packets]
    return CapturedStep(step, state.model, state.optimizer, batch, (0.0, config.loss.tau))


def _set_learning_rate(state: TrainingState, rate: float) -> None:
    for group in state.optimizer.param_groups:
        if torch.is_tensor(group["lr"]):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate


def train_epoch(
    state: TrainingState,
    config: TrainingConfig,
    data: TrainingData,
    captured: CapturedStep | None = None,
) -> EpochResult:
    """One pass over the training set; mean loss, distortion and rate (warm start: loss alone)."""
    schedule = config.schedule
    packets = data.soft_bits.shape[0]
    device = data.soft_bits.device
    generator = torch.Generator(device).manual_seed(
        int(np.random.SeedSequence([config.seed, _EPOCH, state.epoch]).generate_state(1)[0])
    )
    order = torch.randperm(packets, generator=generator, device=device)
    batches = order.split(schedule.batch_packets)
    warm = state.epoch < config.warm_start.epochs
    weights = weights_at(config, state.epoch)
    totals = torch.zeros(3, dtype=torch.float64, device=device)
    for number, batch in enumerate(batches):
        _set_learning_rate(state, learning_rate(config, state.epoch + number / len(batches)))
        soft_bits = data.soft_bits[batch]
        if captured is not None and captured.takes(soft_bits):
            totals += captured(soft_bits, (weights.alpha, weights.tau))
            continue
        statistic = data.statistic[batch] if warm and data.statistic is not None else None
        totals += _step(state, config, soft_bits, statistic, generator, weights)
    state.epoch += 1
    loss, distortion, rate = (totals / len(batches)).tolist()
    if warm:
        return EpochResult(loss, {}, "warm start")
    return EpochResult(loss, {"distortion": distortion, "rate": rate})


def run_training(
    config: TrainingConfig,
    checkpoint: Path,
    resume: bool = False,
    report: Callable[[EpochReport], None] | None = None,
    log_dir: Path | None = None,
    device: str = "cpu",
) -> TrainingState:
    """Trains to the end of the schedule or of the time budget, with a checkpoint every epoch.

    Runs on ``device`` ("cpu", "cuda"), and gives the networks back on the CPU. Another device
    draws other noise and rounds otherwise, hence gives another codec of like worth.
    """
    state = load_checkpoint(checkpoint, config, device) if resume else new_state(config, device)
    data = draw_training_data(config).to(device)
    captured = capture(state, config, data) if is_captured(config, device) else None
    run_epochs(
        state,
        config.schedule.epochs,
        lambda: train_epoch(state, config, data, captured),
        lambda: save_checkpoint(checkpoint, state, config),
        report,
        log_dir,
        config.schedule.time_budget_s,
    )
    state.model.cpu()
    return state
