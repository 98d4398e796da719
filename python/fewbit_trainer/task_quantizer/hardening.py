# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a trained soft chain to the deployed one: hard ADCs, the guard, the digital map's refit.

No figure of the soft chain is ever reported. The guard compares the two, because training can
cheat: where nothing holds the analog map's gain, it shrinks until tanh is linear and the "ADC"
passes everything (gain escape); the hardened chain is then worth nothing.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch

from ..settings import ConfigError, to_dict
from .analog_map import PhaseShifterMap
from .chain import AffineMap, Chain, Layer, single, write_chain
from .config import TaskQuantizerConfig
from .model import AffineDigital, Gain, NetworkDigital, TaskQuantizer
from .refit import affine_refit, lookup_refit, network_of
from .soft_adc import NoiseAdcs
from .tasks import REFIT, describe, snr_range_db
from .training import TrainingData, epoch_generator, loss_of, sharpness_at

_CHUNK = 4096


class GainEscapeError(ConfigError):
    """Soft and hard chain are not the same system; the message is one sentence."""


def deploy(
    model: TaskQuantizer, config: TaskQuantizerConfig, data: TrainingData, share: float = 1.0
) -> Chain:
    """The deployed chain; ``share`` of the schedule is done. Raises GainEscapeError."""
    sharpness = sharpness_at(config, share)
    with torch.no_grad():
        gain = model.gain_of(_analog(model, data.x))
        chain = harden_chain(model, gain, sharpness, data.samples.complex_inputs)
        guard(model, chain, gain, sharpness, config, data)
    method = config.refit.method
    if method == "least_squares":
        return affine_refit(chain, data.samples, config.digital.powers)
    if method == "network":
        return _network_refit(model, chain, config, data)
    if method == "none":
        return chain
    return lookup_refit(chain, data.samples, config.refit)


def _analog(model: TaskQuantizer, x: torch.Tensor) -> torch.Tensor:
    return torch.cat([model.analog(part) for part in x.split(_CHUNK)])


def harden_chain(
    model: TaskQuantizer, gain: Gain, sharpness: float, complex_inputs: bool
) -> Chain:
    """The chain with hard ADCs and the digital map as trained."""
    if isinstance(model.adcs, NoiseAdcs):
        quantizers = model.adcs.hardened()
    else:
        quantizers = model.adcs.hardened(sharpness)
    digital = model.digital
    return Chain(
        task="detection" if _answers(model) != model.outputs else "estimation",
        outputs=model.outputs,
        analog=_analog_layers(model, gain),
        gain=single(gain.factor.numpy()),
        thresholds=tuple(single(q.thresholds) for q in quantizers),
        levels=tuple(single(q.levels) for q in quantizers),
        digital=(
            AffineMap(single(digital.weight.detach()), single(digital.bias.detach()))
            if isinstance(digital, AffineDigital)
            else network_of(digital)
        ),
        agc="block" if model.agc == "block" else "fixed",
        phases=(
            single(model.analog.deployed_phases().detach())
            if isinstance(model.analog, PhaseShifterMap)
            else None
        ),
        complex_inputs=complex_inputs,
    )


def _answers(model: TaskQuantizer) -> int:
    if isinstance(model.digital, NetworkDigital):
        return int(model.digital.layers[-1].out_features)
    return model.outputs


def _analog_layers(model: TaskQuantizer, gain: Gain) -> tuple[Layer, ...]:
    """The layers, the last bias less the mean that the AGC takes off."""
    if isinstance(model.analog, PhaseShifterMap):
        return ((single(model.analog.weight().detach()), single(-gain.mean)),)
    layers = [(single(layer.weight.detach()), single(layer.bias.detach()))
              for layer in model.analog.layers]  # fmt: skip
    weight, bias = layers[-1]
    layers[-1] = (weight, single(bias - gain.mean.numpy()))
    return tuple(layers)


def guard(
    model: TaskQuantizer,
    chain: Chain,
    gain: Gain,
    sharpness: float,
    config: TaskQuantizerConfig,
    data: TrainingData,
) -> None:
    """Raises GainEscapeError where the hard loss on the training set exceeds the soft one by more
    than ``config.guard`` allows."""
    if not config.guard.ratio:
        return
    parts = zip(data.x.split(_CHUNK), data.target.split(_CHUNK), strict=True)
    losses = [loss_of(model(x, sharpness, None, gain), y) * len(x) for x, y in parts]
    soft = float(torch.stack(losses).sum() / len(data.x))
    hard = float(loss_of(torch.from_numpy(chain(data.samples.x)), _wide(data.target)))
    most = config.guard.ratio * soft + config.guard.slack * _constant_loss(data)
    if not hard <= most:
        name = "cross-entropy" if data.detection else "MSE"
        advice = (
            "set adc.agc to fixed"
            if config.adc.agc == "none"
            else "give adc.sharpness a larger last value"
        )
        raise GainEscapeError(
            f"{config.name}: the hardened chain has a {name} of {hard:.4g} where the soft one has "
            f"{soft:.4g}, so training found a way past the ADCs; {advice}, or guard.ratio to 0 to "
            "accept it"
        )


def _wide(target: torch.Tensor) -> torch.Tensor:
    return target if target.dim() == 1 else target.double()


def _constant_loss(data: TrainingData) -> float:
    """The loss of the best answer that does not look."""
    if data.detection:
        counts = torch.bincount(data.target).double()
        shares = counts[counts > 0] / counts.sum()
        return float(-(shares * shares.log()).sum())
    return float(data.target.double().var(dim=0, unbiased=False).mean())


def _network_refit(
    model: TaskQuantizer, chain: Chain, config: TaskQuantizerConfig, data: TrainingData
) -> Chain:
    """The digital network trained on, behind the hard ADCs."""
    digital, refit = model.digital, config.refit
    assert isinstance(digital, NetworkDigital)
    optimizer = torch.optim.Adam(digital.parameters(), lr=refit.learning_rate, fused=True)
    for epoch in range(refit.epochs):
        generator = epoch_generator(config.seed, REFIT, epoch, data.x.device)
        x = data.epoch(generator).double().numpy()
        q = torch.from_numpy(chain.values(chain.codes(x)[0])).float()
        batches = torch.randperm(len(q), generator=generator).split(config.schedule.batch)
        for number, batch in enumerate(batches):
            done = (epoch + number / len(batches)) / refit.epochs
            for group in optimizer.param_groups:
                group["lr"] = refit.learning_rate * (1.0 - done)
            loss = loss_of(digital(q[batch], None), data.target[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return dataclasses.replace(chain, digital=network_of(digital))


def write(
    path: Path, chain: Chain, config: TaskQuantizerConfig, measured: list[dict[str, Any]]
) -> Path:
    """The chain's bundle, with the configuration that made it."""
    return write_chain(
        path,
        chain,
        method=_method(config),
        snr_db=snr_range_db(config.task),
        seed=config.seed,
        data=describe(config.task),
        measured=measured,
        more={"training": to_dict(config)},
    )


def _method(config: TaskQuantizerConfig) -> str:
    trained = "soft-to-hard" if config.adc.quantizer == "soft" else "passing gradient"
    begun = {"random": "", "closed_form": ", from the closed form", "subspace": ", from a search"}
    refit = {
        "least_squares": "digital map by shrunken least squares",
        "cells": "lookup of Gaussian cells",
        "counts": "lookup of counted codes",
        "logistic": "lookup by logistic regression",
        "network": "digital network trained on behind hard ADCs",
        "none": "no refit",
    }
    return f"{trained} training{begun[config.analog.start]}; {refit[config.refit.method]}"
