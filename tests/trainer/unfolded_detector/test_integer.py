# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The int8 arithmetic equals plain integers, one operation at a time, bit for bit."""

import itertools

import numpy as np
import pytest
import unfolded_oracle as oracle

torch = pytest.importorskip("torch")

from fewbit_trainer.unfolded_detector.channels import draw  # noqa: E402
from fewbit_trainer.unfolded_detector.config import (  # noqa: E402
    LinkConfig,
    NetworkConfig,
    QuantizationConfig,
    UnfoldedDetectorConfig,
)
from fewbit_trainer.unfolded_detector.detection import bits_of, detect  # noqa: E402
from fewbit_trainer.unfolded_detector.integer import (  # noqa: E402
    detect_integer,
    integer_matrix,
    prepare_integer,
)
from fewbit_trainer.unfolded_detector.network import UnfoldedDetector, prepare  # noqa: E402
from fewbit_trainer.unfolded_detector.symbols import level_count  # noqa: E402


def detector(seed, kind="admm", layers=4, denoiser="staircase", tau="per_coordinate", link=None,
             **quantization):  # fmt: skip
    """Scalars scattered at random about their start."""
    quantization = QuantizationConfig(**{"arithmetic": "int8", **quantization})
    config = UnfoldedDetectorConfig(
        link=link or LinkConfig(users=3, antennas=4),
        network=NetworkConfig(kind=kind, layers=layers, denoiser=denoiser, tau=tau,
                              knots_db=(0.0, 20.0)),
        quantization=quantization,
    )  # fmt: skip
    model = UnfoldedDetector(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for table in model.scalars.tables.values():
            table += 0.5 * torch.randn(table.shape, generator=generator)
        model.scalars.keep_in_range()
        most = 2 ** (quantization.activation_bits - 1) - 1
        model.gamma.copy_(8.0 / most * (0.5 + torch.rand(model.gamma.shape, generator=generator)))
        model.alpha.copy_(0.02 * torch.randn(model.alpha.shape, generator=generator))
    return model


def plain(model, channel, snr_db, c):
    """The oracle's detector of channel c, from the same float32 matrices and scalars."""
    config = model.config
    keys = {
        "network": config.network.kind,
        "denoiser": config.network.denoiser,
        "bits_per_symbol": config.link.bits_per_symbol,
        **{
            name: getattr(config.quantization, name)
            for name in ("matrix_bits", "activation_bits", "diagonal", "fraction_bits")
        },
    }
    with torch.no_grad():
        scalars = model.scalars.at(snr_db)
        prepared = prepare(channel, scalars)
        widths = model.widths(scalars, prepared.error).expand(-1, -1, 1, channel.shape[2])
        steps = model.steps(scalars)
    layers = []
    for k in range(config.denoisers):
        layer = {"w": widths[k, c, 0].numpy(), "step": steps[c, k].numpy()}
        if config.network.kind == "admm":
            for name in ("alpha", "beta", "kappa"):
                layer[name] = getattr(scalars, name)[c, k].numpy()
        layers.append(layer)
    eta = None if scalars.eta is None else scalars.eta[c].numpy()
    matrices = prepared.matrix[c].numpy(), prepared.filter[c].numpy()
    levels = level_count(config.link.bits_per_symbol)
    exponent = oracle.exponent_of(complex_form(channel[c]), scalars.noise_variance[c], levels)
    return oracle.IntegerDetector(keys, *matrices, exponent, layers, eta)


def complex_form(real):
    """H [R / 2, N / 2] of its real form."""
    antennas, users = real.shape[0] // 2, real.shape[1] // 2
    return torch.complex(real[:antennas, :users], real[antennas:, :users]).numpy()


def assert_equal(model, snr=(3.0, 17.0), vectors=6, seed=5, scale=1.0):
    snr_db = torch.tensor(snr)
    received = draw(model.config.link, snr_db, vectors, torch.Generator().manual_seed(seed))
    y = received.y * scale
    found = detect_integer(prepare_integer(model, received.channel, snr_db), y, model.config)
    for c, v in itertools.product(range(len(snr)), range(vectors)):
        expected = plain(model, received.channel, snr_db, c)(y[c, v].numpy())
        assert found[c, v].tolist() == expected, (c, v)
    return found


@pytest.mark.parametrize("denoiser", ["soft_threshold", "clip", "staircase"])
@pytest.mark.parametrize("kind", ["admm", "pgd"])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_network_equals_plain_integers(kind, denoiser, seed):
    assert_equal(detector(seed, kind, denoiser=denoiser))


@pytest.mark.parametrize("tau", ["scalar", "per_coordinate"])
@pytest.mark.parametrize("diagonal", ["inside", "apart"])
def test_a_diagonal_apart_and_scalar_widths_do(tau, diagonal):
    assert_equal(detector(3, tau=tau, diagonal=diagonal))


@pytest.mark.parametrize("bits", [2, 4, 6, 8])
def test_every_modulation_does(bits):
    assert_equal(detector(4, link=LinkConfig(users=2, antennas=3, bits_per_symbol=bits)))


@pytest.mark.parametrize("width", [4, 5, 6, 7, 8])
@pytest.mark.parametrize("fraction_bits", [6, 9, 12])
def test_every_width_does(width, fraction_bits):
    assert_equal(
        detector(6, matrix_bits=width, activation_bits=width, fraction_bits=fraction_bits)
    )


@pytest.mark.parametrize("antennas", [1, 16, 17, 128])
def test_every_number_of_antennas_does(antennas):
    """The filter's largest code falls with it: 32704, 2044, 1923, 255."""
    assert_equal(detector(12, link=LinkConfig(users=1, antennas=antennas)), vectors=3)


def test_what_saturates_does():
    # The prior's scale is lost: the state runs into its ends.
    for kind in ("admm", "pgd"):
        found = assert_equal(detector(7, kind, fraction_bits=11), scale=300.0)
        assert found.abs().max() <= 32768
    found = assert_equal(detector(7, denoiser="soft_threshold"), scale=1e4)
    assert found.abs().max() >= 32767


@pytest.mark.parametrize("scale", [0.0, 1e-45, 1e-20, 1e30])
def test_vectors_of_next_to_nothing_and_beyond_all_bounds_do(scale):
    found = assert_equal(detector(8), scale=scale)
    if not scale:
        assert not found.any()


def test_codes_round_half_to_even():
    rows = torch.tensor([[127.0, 0.5, 1.5, -2.5, -126.5], [0.0, 0.0, 0.0, 0.0, 0.0]])
    found = integer_matrix(rows, 127)
    assert found.codes.tolist() == [[127, 0, 2, -2, -126], [0] * 5]
    assert found.scale.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("most", [7, 127, 2044, 32704])
def test_quotients_are_rounded_once(most):
    """B / a times y and a / B, where a rounded reciprocal would give another number."""
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((20000, 8)).astype(np.float32)
    largest = np.abs(rows).max(1)
    expected = np.clip(np.rint(rows * (np.float32(most) / largest)[:, None]), -most, most)
    found = integer_matrix(torch.from_numpy(rows), most)
    assert np.array_equal(found.codes.numpy(), expected)
    assert np.array_equal(found.scale.numpy(), largest / np.float32(most))


def test_the_real_form_is_kept():
    """Rows i and i + users hold the same magnitudes, so that half of them say all."""
    model = detector(9, link=LinkConfig(users=4, antennas=5))
    received = draw(model.config.link, torch.tensor([10.0]), 1, torch.Generator().manual_seed(1))
    prepared = prepare_integer(model, received.channel, torch.tensor([10.0]))
    for part, columns in ((prepared.matrix, 4), (prepared.filter, 5)):
        top, bottom = part.codes[0].split(4)
        turned = torch.cat([-top[:, columns:], top[:, :columns]], 1)
        # Float32 sums differ in their last bits between the halves: now and then by a unit.
        assert float((bottom - turned).abs().max()) <= 1.0
        assert float((bottom != turned).double().mean()) < 0.05


def test_int8_follows_the_float_network():
    model = detector(10, layers=6, link=LinkConfig(users=8, antennas=8))
    snr = torch.full((20,), 15.0)
    received = draw(model.config.link, snr, 10, torch.Generator().manual_seed(2))
    whole, floating = (
        detect(model, received.channel, received.y, snr, arithmetic)
        for arithmetic in ("int8", "float32")
    )
    agree = (whole.indices == floating.indices).double().mean()
    assert float(agree) > 0.93
    same = whole.indices == floating.indices
    assert float((whole.llrs - floating.llrs).abs()[same].median()) < 1.0


def test_bits_and_llrs_stand_in_the_same_order():
    model = detector(11)
    snr = torch.full((4,), 40.0)
    received = draw(model.config.link, snr, 5, torch.Generator().manual_seed(3))
    found = detect(model, received.channel, received.y, snr)
    from fewbit_trainer.unfolded_detector.symbols import user_bits

    llrs = user_bits(found.llrs)
    bits = bits_of(found.indices, 4)
    certain = llrs.abs() > 1e-3
    assert ((llrs > 0) == bits.bool())[certain].double().mean() > 0.97
    assert np.abs(llrs.numpy()).max() <= 64.0
