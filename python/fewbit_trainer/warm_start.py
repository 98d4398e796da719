# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Supervised start: what the three latents should say, since the simulated link knows it.

All K soft bits of a symbol are functions of three numbers: the subcarrier's SNR and the two
axes of the equalised symbol. Found from the losses alone, this representation takes hours; as a
regression target for the encoder, and as input of the decoder, it takes a minute, and the losses
then improve on it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from .config import WarmStartConfig
from .softbit_codec import SoftBitAutoencoder, cross_entropy_loss

_SYMBOL_LIMIT = 1.25
_GAIN_LIMIT_STEPS = 28.0


def latent_targets(statistic: Tensor, step: float, config: WarmStartConfig) -> Tensor:
    """Latents ``[..., 3]`` for ``links.Packets.statistic`` ``[..., 3]``.

    Latent 0: SNR in dB; latents 1, 2: the equalised axes, softly limited outside the
    constellation, where the LLRs' signs are certain.
    """
    precision_db = statistic[..., 2:]
    symbol = statistic[..., :2] / torch.sqrt(2.0 * 10.0 ** (precision_db / 10.0))
    symbol = _SYMBOL_LIMIT * torch.tanh(symbol / _SYMBOL_LIMIT) / config.symbol_step
    gain = (precision_db - config.gain_centre_db) / config.gain_step_db
    gain = gain.clamp(-_GAIN_LIMIT_STEPS, _GAIN_LIMIT_STEPS)
    return step * torch.cat([gain, symbol], dim=-1)


def warm_start_loss(
    model: SoftBitAutoencoder, soft_bits: Tensor, target: Tensor, noise: Tensor
) -> Tensor:
    """Regression of the encoder on ``target`` plus the decoder's loss on noisy ``target``."""
    latents = model.encode(soft_bits)
    error = functional.smooth_l1_loss(latents / model.step, target / model.step, beta=2.0)
    distortion = cross_entropy_loss(soft_bits, model.decode(target + noise * model.step))
    return 10.0 * distortion + 0.05 * error
