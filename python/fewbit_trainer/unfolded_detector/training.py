# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of an unfolded detector: seeded epochs, resumable to the bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..epochs import EpochReport, EpochResult, read_checkpoint, run_epochs, write_checkpoint
from ..settings import to_dict
from .calibration import calibrate
from .channels import Received, draw
from .config import UnfoldedDetectorConfig
from .kernel_distance import square_mmd
from .network import Output, UnfoldedDetector, output_llrs
from .symbols import level_bits, level_count, mean_of_levels

SAMPLES, EPOCH, CALIBRATION, MEASURE, LLR_FIT = range(5)
"""What a random stream is for."""

_CALIBRATION_CHANNELS = 512
_CALIBRATION_VECTORS = 4


@dataclass
class DetectorTrainingState:
    """All that a checkpoint keeps."""

    model: UnfoldedDetector
    optimizer: torch.optim.Adam
    epoch: int = 0


def run_generator(seed: int, purpose: int, number: int, device: str = "cpu") -> torch.Generator:
    """The random stream of one purpose of a run."""
    sequence = np.random.SeedSequence([seed, purpose, number])
    return torch.Generator(device).manual_seed(int(sequence.generate_state(1)[0]))


def draw_snrs(config: UnfoldedDetectorConfig, count: int, generator: torch.Generator) -> Tensor:
    """SNRs in dB [count], uniform in the link's range or among its points."""
    link, device = config.link, generator.device
    if link.snr_points_db:
        points = torch.tensor(link.snr_points_db, device=device)
        return points[torch.randint(len(points), (count,), generator=generator, device=device)]
    low, high = link.snr_db
    return low + (high - low) * torch.rand(count, generator=generator, device=device)


def fixed_samples(config: UnfoldedDetectorConfig, device: str = "cpu") -> Received | None:
    """The training set, where it is drawn once."""
    count = config.schedule.samples
    if not count:
        return None
    generator = run_generator(config.seed, SAMPLES, 0, device)
    return draw(config.link, draw_snrs(config, count, generator), 1, generator)


def batches(
    config: UnfoldedDetectorConfig, fixed: Received | None, generator: torch.Generator
) -> Callable[[int], Received]:
    """A step's vectors by its number in the epoch."""
    schedule = config.schedule
    if fixed is None:
        return lambda number: draw(
            config.link,
            draw_snrs(config, schedule.channels, generator),
            schedule.vectors,
            generator,
        )
    order = torch.randperm(len(fixed.snr_db), generator=generator, device=generator.device)

    def batch(number: int) -> Received:
        rows = order[number * schedule.channels : (number + 1) * schedule.channels]
        return Received(fixed.channel[rows], fixed.y[rows], fixed.levels[rows], fixed.snr_db[rows])

    return batch


def steps_of_epoch(config: UnfoldedDetectorConfig) -> int:
    """Whole batches of fixed samples, or as many steps as set."""
    schedule = config.schedule
    return schedule.samples // schedule.channels if schedule.samples else schedule.steps


def is_quantized(config: UnfoldedDetectorConfig, epoch: int) -> bool:
    """Whether training goes through the quantizers in this epoch."""
    settings = config.quantization
    return settings.training == "straight_through" and epoch >= settings.float_epochs


def learning_rate_factor(config: UnfoldedDetectorConfig, epoch: float) -> float:
    """Of the peak, when so many epochs are done. A cosine starts over, at a third, where the
    quantizers are put in."""
    schedule = config.schedule
    if schedule.decay == "halving":
        return 0.5 ** (int(epoch) // schedule.halve_epochs)
    first, peak, last = 0, 1.0, schedule.epochs
    if config.quantization.training == "straight_through" and config.quantization.float_epochs:
        if is_quantized(config, int(epoch)):
            first, peak = config.quantization.float_epochs, 1.0 / 3.0
        else:
            last = config.quantization.float_epochs
    share = min(1.0, (epoch - first) / (last - first))
    return peak * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * share)))


def loss_of(output: Output, received: Received, config: UnfoldedDetectorConfig) -> Tensor:
    """Nats a bit, or the mean square error of a real symbol plus what trains the output's
    variance, which does not change the rest."""
    bits = config.link.bits_per_symbol
    if config.schedule.loss == "cross_entropy":
        sent = level_bits(bits).to(output.o.device)[received.levels].to(output.o)
        llrs = output_llrs(output.o, output.variance, output.doubt, bits)
        return functional.softplus((1.0 - 2.0 * sent) * llrs).mean()
    variance = output.variance[:, None, :].expand_as(output.o)
    sent = (2 * received.levels - (level_count(bits) - 1)).to(output.o)
    fit = (variance.log() + (output.o.detach() - sent).square() / variance).mean()
    estimate = output.o
    if config.network.kind == "admm":
        estimate = mean_of_levels(output.o, variance.detach(), bits)
    return (estimate - sent).square().mean() + fit - fit.detach()


def distribution_loss(model: UnfoldedDetector, output: Output) -> Tensor:
    """The sum of the layers' MMD^2 between vectors before and after their quantizer."""
    total = output.o.new_zeros(())
    for k, (v, q) in enumerate(output.activations):
        rows = v.flatten(0, -2), q.flatten(0, -2)
        total = total + square_mmd(*(part[:256] for part in rows), model.bandwidth(k))
    return total


def new_state(config: UnfoldedDetectorConfig, device: str = "cpu") -> DetectorTrainingState:
    """An untrained network and a fresh optimiser."""
    model = UnfoldedDetector(config).to(device)
    schedule = config.schedule
    groups = [{"params": list(model.scalars.parameters()), "part": "scalars"}]
    if config.quantization.training == "straight_through":
        steps = [model.gamma, model.alpha] if config.quantization.dynamic_step else [model.gamma]
        if config.quantization.learned_step:
            groups.append({"params": steps, "part": "steps"})
        if config.quantization.mmd_weight:
            groups.append({"params": [model.log_bandwidth], "part": "scalars"})
    optimizer = torch.optim.Adam(groups, lr=schedule.learning_rate)
    return DetectorTrainingState(model, optimizer)


def save_checkpoint(
    path: Path, state: DetectorTrainingState, config: UnfoldedDetectorConfig
) -> None:
    """Writes a checkpoint so that a reader sees the old one or the new one, never half."""
    write_checkpoint(
        path,
        {
            "config": to_dict(config),
            "epoch": state.epoch,
            "model": state.model.state_dict(),
            "optimizer": state.optimizer.state_dict(),
        },
    )


def load_checkpoint(
    path: Path, config: UnfoldedDetectorConfig, device: str = "cpu"
) -> DetectorTrainingState:
    """The state of an interrupted run of this very configuration; raises ConfigError."""
    saved = read_checkpoint(path, to_dict(config), device)
    state = new_state(config, device)
    state.model.load_state_dict(saved["model"])
    state.optimizer.load_state_dict(saved["optimizer"])
    state.epoch = int(saved["epoch"])
    return state


def find_steps(model: UnfoldedDetector, config: UnfoldedDetectorConfig) -> None:
    """Gives every quantizer its first step, from fresh vectors."""
    device = model.gamma.device
    generator = run_generator(config.seed, CALIBRATION, 0, str(device))
    snr_db = draw_snrs(config, _CALIBRATION_CHANNELS, generator)
    calibrate(model, draw(config.link, snr_db, _CALIBRATION_VECTORS, generator))


def train_epoch(
    state: DetectorTrainingState, config: UnfoldedDetectorConfig, fixed: Received | None
) -> EpochResult:
    """As many steps as an epoch has."""
    model, schedule = state.model, config.schedule
    quantized = is_quantized(config, state.epoch)
    if quantized and state.epoch == config.quantization.float_epochs:
        find_steps(model, config)
    generator = run_generator(config.seed, EPOCH, state.epoch, str(model.gamma.device))
    batch = batches(config, fixed, generator)
    steps = steps_of_epoch(config)
    total = torch.zeros((), dtype=torch.float64, device=model.gamma.device)
    mmd = total.clone()
    for number in range(steps):
        factor = learning_rate_factor(config, state.epoch + number / steps)
        for group in state.optimizer.param_groups:
            # A step is small; it moves in proportion to what it was found to be.
            scale = float(model.step_scale) if group["part"] == "steps" else 1.0
            group["lr"] = schedule.learning_rate * factor * scale
        received = batch(number)
        output = model(received.channel, received.y, received.snr_db, quantized)
        loss = loss_of(output, received, config)
        total += loss.detach()
        if quantized and config.quantization.mmd_weight:
            distance = distribution_loss(model, output)
            loss = loss + config.quantization.mmd_weight * distance
            mmd += distance.detach()
        state.optimizer.zero_grad()
        loss.backward()
        state.optimizer.step()
        model.scalars.keep_in_range()
    state.epoch += 1
    parts = {"mmd": float(mmd / steps)} if quantized and config.quantization.mmd_weight else {}
    return EpochResult(float(total / steps), parts, "quantized" if quantized else "")


def run_training(
    config: UnfoldedDetectorConfig,
    checkpoint: Path,
    resume: bool = False,
    report: Callable[[EpochReport], None] | None = None,
    log_dir: Path | None = None,
    device: str = "cpu",
) -> DetectorTrainingState:
    """Trains to the end of the schedule or of the time budget, with checkpoints; the state, on the
    CPU, with its quantizers' steps found."""
    state = load_checkpoint(checkpoint, config, device) if resume else new_state(config, device)
    fixed = fixed_samples(config, device)
    run_epochs(
        state,
        config.schedule.epochs,
        lambda: train_epoch(state, config, fixed),
        lambda: save_checkpoint(checkpoint, state, config),
        report,
        log_dir,
        config.schedule.time_budget_s,
    )
    state.model.cpu()
    if not is_quantized(config, state.epoch - 1):
        find_steps(state.model, config)
    return state
