# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shipped detector run by torch and by the C++ class: the same outputs, bit for bit.

From the channel on that the class prepared. What torch prepares from H may differ by one unit of a
quantised entry, and its decisions in a few vectors.
"""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")
algorithms = pytest.importorskip("gnuradio.fewbit").algorithms

from fewbit_trainer.unfolded_detector import bundle_file  # noqa: E402
from fewbit_trainer.unfolded_detector.channels import draw_channels  # noqa: E402
from fewbit_trainer.unfolded_detector.detection import bits_of, detect  # noqa: E402
from fewbit_trainer.unfolded_detector.integer import (  # noqa: E402
    IntegerChannel,
    IntegerMatrix,
    detect_integer,
    prepare_integer,
)
from fewbit_trainer.unfolded_detector.network import (  # noqa: E402
    output_variance,
    prepare,
)
from fewbit_trainer.unfolded_detector.symbols import LLR_LIMIT, user_bits  # noqa: E402

MODELS = Path(__file__).parents[3] / "models"
INTEGER = [path for path in sorted(MODELS.glob("kaq_*.safetensors"))
           if bundle_file.load(path).config.quantization.arithmetic == "int8"]  # fmt: skip
CHANNELS, VECTORS = 24, 40


def link(config, snr_db, channels=CHANNELS, vectors=VECTORS, seed=9):
    """Unit-energy symbols: H and y complex64, and the bits sent, in numpy."""
    generator = torch.Generator().manual_seed(seed)
    h = draw_channels(config.link, channels, generator).numpy()
    rng = np.random.default_rng(seed)
    bits_per_symbol = config.link.bits_per_symbol
    bits = rng.integers(0, 2, (channels, vectors, config.link.users * bits_per_symbol), np.uint8)
    x = algorithms.qam_mapper(bits_per_symbol).map(bits)
    noise = rng.standard_normal((2, channels, vectors, h.shape[1])) * 10 ** (-snr_db / 20)
    y = np.einsum("cru,cvu->cvr", h, x) + (noise[0] + 1j * noise[1]) / math.sqrt(2)
    return h, y.astype(np.complex64), bits


def real_form(h):
    return torch.from_numpy(
        np.concatenate([np.concatenate([h.real, -h.imag], -1),
                        np.concatenate([h.imag, h.real], -1)], -2)
    )  # fmt: skip


def amid(config):
    low, high = config.link.snr_db
    return low + 0.6 * (high - low)


def inputs(y, config):
    """y' = c y, stacked."""
    levels = 2 ** (config.link.bits_per_symbol // 2)
    scale = np.float32(math.sqrt(2 * (levels**2 - 1) / 3))
    stacked = np.concatenate([y.real, y.imag], -1).astype(np.float32)
    return torch.from_numpy(stacked * scale)


def prepared(cpp, channels):
    """The class's prepared channels as the trainer has them."""
    parts = [cpp.prepared(c) for c in range(channels)]

    def stack(name):
        return torch.from_numpy(np.stack([part[name] for part in parts]))

    steps = stack("steps").int().T
    gains = stack("layer_gains").int() if parts[0]["layer_gains"].size else None
    etas = stack("etas").T[:, :, None] if parts[0]["etas"].size else None
    whole = 15 if gains is None else 18
    return IntegerChannel(
        matrix=IntegerMatrix(stack("matrix").float(), stack("matrix_scale")),
        filter=IntegerMatrix(stack("filter").float(), stack("filter_scale")),
        exponent=torch.tensor([part["exponent"] for part in parts], dtype=torch.int32),
        diagonal=stack("diagonal").int() if parts[0]["diagonal"].size else None,
        shape=stack("gains").int().transpose(0, 1)[:, :, None, :],
        divisor=steps[:, :, None, None],
        unit=(2.0**whole / steps.float())[:, :, None],
        gains=None if gains is None else tuple(gains[:, i].T[:, :, None, None] for i in range(3)),
        eta=etas,
    )


@pytest.mark.parametrize("path", INTEGER, ids=lambda p: p.stem)
def test_outputs_are_the_same_bits(path):
    model, cpp = bundle_file.load(path), algorithms.unfolded_detector(str(path))
    low, high = model.config.link.snr_db
    for snr_db in (low + 1.0, (low + high) / 2.0, high - 2.0):
        h, y, _ = link(model.config, snr_db)
        assert cpp.prepare(h, 10 ** (-snr_db / 10)) == 0
        found = cpp.outputs(y.reshape(-1, y.shape[-1]), VECTORS).reshape(CHANNELS, VECTORS, -1)
        expected = detect_integer(prepared(cpp, CHANNELS), inputs(y, model.config), model.config)
        whole = found * np.float32(2**model.config.quantization.fraction_bits)
        assert np.array_equal(whole, expected.numpy())


@pytest.mark.parametrize("path", INTEGER, ids=lambda p: p.stem)
def test_prepared_channels_agree_within_a_unit(path):
    model, cpp = bundle_file.load(path), algorithms.unfolded_detector(str(path))
    snr_db = sum(model.config.link.snr_db) / 2.0
    h, _, _ = link(model.config, snr_db)
    cpp.prepare(h, 10 ** (-snr_db / 10))
    theirs = prepared(cpp, CHANNELS)
    ours = prepare_integer(model, real_form(h), torch.full((CHANNELS,), snr_db))
    for a, b in itertools.chain(
        ((ours.matrix.codes, theirs.matrix.codes), (ours.filter.codes, theirs.filter.codes)),
        ((ours.shape, theirs.shape), (ours.divisor, theirs.divisor)),
        [(ours.exponent, theirs.exponent)],
        zip(ours.gains or (), theirs.gains or (), strict=True),
    ):
        # A width may be 1e-6 off: of a slope near 32767 that is not a unit either.
        assert int((a - b).abs().max()) <= 1
        assert float((a != b).double().mean()) < 0.02


@pytest.mark.parametrize("path", INTEGER, ids=lambda p: p.stem)
def test_decisions_from_the_channel_on_agree(path):
    model, cpp = bundle_file.load(path), algorithms.unfolded_detector(str(path))
    snr_db = amid(model.config)
    h, y, _ = link(model.config, snr_db)
    cpp.prepare(h, 10 ** (-snr_db / 10))
    llrs = cpp.llrs(y.reshape(-1, y.shape[-1]), VECTORS).reshape(CHANNELS, VECTORS, -1)
    ours = detect(model, real_form(h), inputs(y, model.config), torch.full((CHANNELS,), snr_db))
    bits = bits_of(ours.indices, model.config.link.bits_per_symbol).numpy()
    differ, sure = (llrs > 0) != bits.astype(bool), np.abs(user_bits(ours.llrs).numpy())
    assert np.mean(differ, where=sure > 0.5) < 1e-4
    # Two inverses in float32 of channels next to singular are 3e-4 apart, and with them what
    # hardly leans either way.
    if model.config.link.receive_correlation < 0.9:
        assert np.mean(differ, where=sure > 0.05) < 2e-3


@pytest.mark.parametrize("path", INTEGER, ids=lambda p: p.stem)
def test_llrs_are_those_of_the_same_outputs(path):
    """Every one of them: the outputs are the same bits, only the output's variance is not."""
    model, cpp = bundle_file.load(path), algorithms.unfolded_detector(str(path))
    config, snr_db = model.config, amid(model.config)
    h, y, _ = link(config, snr_db)
    cpp.prepare(h, 10 ** (-snr_db / 10))
    found = cpp.llrs(y.reshape(-1, y.shape[-1]), VECTORS).reshape(CHANNELS, VECTORS, -1)
    codes = detect_integer(prepared(cpp, CHANNELS), inputs(y, config), config)
    with torch.no_grad():
        scalars = model.scalars.at(torch.full((CHANNELS,), snr_db))
        variance = output_variance(scalars, prepare(real_form(h), scalars).error)
        o = codes.float() * 2.0**-config.quantization.fraction_bits
        llrs = model.llrs(o, variance, torch.full((CHANNELS,), snr_db))
    expected = user_bits(llrs.clamp(-LLR_LIMIT, LLR_LIMIT)).numpy()
    # float32 of two preparations: of variances 1e-3 apart at the most, and exponentials.
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)
