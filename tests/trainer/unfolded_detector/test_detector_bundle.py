# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundle holds what the detector is, and nothing else is written."""

import dataclasses
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors")

from fewbit_trainer.bundle import BundleError, write_bundle  # noqa: E402
from fewbit_trainer.unfolded_detector import bundle_file  # noqa: E402
from fewbit_trainer.unfolded_detector.channels import draw  # noqa: E402
from fewbit_trainer.unfolded_detector.config import (  # noqa: E402
    LinkConfig,
    NetworkConfig,
    QuantizationConfig,
    UnfoldedDetectorConfig,
)
from fewbit_trainer.unfolded_detector.detection import detect  # noqa: E402
from fewbit_trainer.unfolded_detector.mixture import untrained_mixture  # noqa: E402
from fewbit_trainer.unfolded_detector.network import UnfoldedDetector  # noqa: E402


def detector(kind="admm", tau="per_coordinate", scale="logarithmic", knots=(0.0, 20.0)):
    config = UnfoldedDetectorConfig(
        link=LinkConfig(users=2, antennas=3),
        network=NetworkConfig(kind=kind, layers=3, tau=tau, scale=scale, knots_db=knots),
        quantization=QuantizationConfig(arithmetic="int8"),
    )
    torch.manual_seed(1)
    model = UnfoldedDetector(config)
    with torch.no_grad():
        for table in model.scalars.tables.values():
            table += 0.1 * torch.rand_like(table)
        model.scalars.keep_in_range()
    return model


def some_mixture():
    mixture = untrained_mixture(0.0, 20.0)
    with torch.no_grad():
        for table in mixture.tables.values():
            table += torch.rand_like(table)
    return mixture.requires_grad_(False)


@pytest.mark.parametrize("arithmetic", ["float32", "int8"])
@pytest.mark.parametrize(
    ("kind", "tau", "scale", "knots"),
    [
        ("admm", "per_coordinate", "logarithmic", (0.0, 20.0)),
        ("pgd", "scalar", "logarithmic", (0.0, 5.0, 20.0)),
        ("pgd", "scalar", "linear", (10.0,)),
    ],
)
@pytest.mark.parametrize("by_distance", [False, True])
def test_what_was_written_detects_alike(
    tmp_path, kind, tau, scale, knots, arithmetic, by_distance
):
    model = detector(kind, tau, scale, knots)
    if by_distance:
        model.mixture = some_mixture()
    again = bundle_file.load(bundle_file.write(tmp_path / "a.safetensors", model, []))
    snr = torch.tensor([1.0, 13.0, 30.0])
    received = draw(model.config.link, snr, 20, torch.Generator().manual_seed(1))
    a, b = (detect(m, received.channel, received.y, snr, arithmetic) for m in (model, again))
    assert torch.equal(a.indices, b.indices)
    assert torch.allclose(a.llrs, b.llrs, atol=2e-3)


@pytest.mark.parametrize(("antennas", "users"), [(0.0, 0.0), (0.9, 0.5)])
def test_the_link_comes_back_with_its_correlation(tmp_path, antennas, users):
    model = detector()
    link = dataclasses.replace(
        model.config.link, receive_correlation=antennas, transmit_correlation=users
    )
    model.config = dataclasses.replace(model.config, link=link)
    path = bundle_file.write(tmp_path / "a.safetensors", model, [])
    assert bundle_file.load(path).config.link == link


def test_a_link_without_the_configuration_that_made_it_is_uncorrelated(tmp_path):
    path = bundle_file.write(tmp_path / "a.safetensors", detector(), [])
    with safetensors.safe_open(path, "np") as file:
        config = json.loads(file.metadata()["fewbit.config"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    del config["training"]
    write_bundle(path, "unfolded_detector", tensors, config)
    assert bundle_file.load(path).config.link == LinkConfig(users=2, antennas=3)


def test_the_file_says_how_it_came_to_be(tmp_path):
    path = bundle_file.write(tmp_path / "a.safetensors", detector(), [{"snr_db": 1.0, "ber": 0.1}])
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert header["__metadata__"]["fewbit.kind"] == "unfolded_detector"
    keys = json.loads(header["__metadata__"]["fewbit.config"])
    assert keys["data"] == "2 users, 3 antennas, 16-QAM, iid Rayleigh, 0 to 25 dB"
    assert keys["method"] == "cross entropy training, quantised afterwards"
    assert keys["measured"] == [{"snr_db": 1.0, "ber": 0.1}]
    assert keys["training"]["network"]["layers"] == 3
    assert len(content) < 20_000


def good():
    model = detector()
    model.mixture = some_mixture()
    tensors = bundle_file.tensors_of(model)
    keys = {**bundle_file._keys(model.config), "llr_sign": "positive_is_1", "seed": 1}
    return tensors, keys


def changed_tensor(name, values):
    return lambda tensors, keys: tensors.__setitem__(name, np.asarray(values, np.float32))


def changed_key(name, value):
    return lambda tensors, keys: keys.__setitem__(name, value)


def without(name):
    return lambda tensors, keys: (tensors.pop(name, None), keys.pop(name, None))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (without("rho.log"), r"tensor 'rho.log' is missing, expected float32 \[2\]"),
        (without("denoiser.slope.log"), "tensor 'denoiser.slope.log' is missing"),
        (changed_tensor("eta.log", [[0, 0, 0]] * 2), "tensor 'eta.log' is there, expected no"),
        (changed_tensor("step.gamma", [0.1]), r"tensor 'step.gamma' is float32 \[1\], expected"),
        (changed_tensor("snr_db", [5, 5]), "tensor 'snr_db' is not ascending"),
        (changed_tensor("rho.log", [31, 0]), "tensor 'rho.log' is up to 31 in magnitude"),
        (changed_tensor("memory.log", [[0, 0], [0, 0.1]]), "tensor 'memory.log' is up to log 1.11"),
        (changed_tensor("gain.dual.log", [[0, 3], [0, 0]]), "tensor 'gain.dual.log' is up to log"),
        (changed_tensor("rho.log", [np.nan, 0]), "tensor 'rho.log', value .* is nan"),
        (without("output.foreseen.log"), "tensor 'output.failure.spread.log' is there, expected no|"
                                     "tensor 'output.snr_db' is there, expected no"),
        (without("output.spread.log"), r"tensor 'output.spread.log' is missing, .* \[9, 8\]"),
        (changed_tensor("output.failure.weight.log", [[0]]), r"is float32 \[1, 1\], .* \[9, 8\]"),
        (changed_tensor("output.snr_db", [5] * 9), "tensor 'output.snr_db' is not ascending"),
        (changed_tensor("output.foreseen.log", [1] * 8), "output.foreseen.log' is not ascending"),
        (changed_key("network", "cg"), "config 'network' is 'cg', expected 'admm' or 'pgd'"),
        (changed_key("layers", 1), "config 'layers' is 1, expected an integer from 2 to 32"),
        (changed_key("users", 0), "config 'users' is 0"),
        (changed_key("bits_per_symbol", 5), "config 'bits_per_symbol' is 5, expected 2, 4, 6"),
        (changed_key("matrix_bits", 0), "config 'matrix_bits' is 0, expected 4 to 8"),
        (changed_key("activation_bits", 3), "config 'activation_bits' is 3, expected 4 to 8"),
        (changed_key("filter_bits", 8), "config 'filter_bits' is 8, expected 0 for int8"),
        (changed_key("input_bits", 4), "config 'input_bits' is 4, expected 0 for int8"),
        (changed_key("denoiser", "posterior_mean"), "config 'denoiser' is 'posterior_mean', exp"),
        (changed_key("arithmetic", "int4"), "config 'arithmetic' is 'int4'"),
        (changed_key("fraction_bits", 5), "config 'fraction_bits' is 5"),
        (changed_key("diagonal", "outside"), "config 'diagonal' is 'outside'"),
        (changed_key("llr_sign", "positive_is_0"), "config 'llr_sign' is 'positive_is_0'"),
        (without("tau"), "config 'tau' is 'missing'"),
    ],
)  # fmt: skip
def test_refuses_in_one_sentence(tmp_path, change, sentence):
    tensors, keys = good()
    change(tensors, keys)
    with pytest.raises(BundleError, match=sentence):
        write_bundle(tmp_path / "a.safetensors", "unfolded_detector", tensors, keys)
    assert not (tmp_path / "a.safetensors").exists()


def test_256_qam_wants_fewer_fraction_bits_in_int8(tmp_path):
    tensors, keys = good()
    keys |= {"bits_per_symbol": 8, "fraction_bits": 12}
    with pytest.raises(BundleError, match="config 'fraction_bits' is 12, expected less"):
        write_bundle(tmp_path / "a.safetensors", "unfolded_detector", tensors, keys)
    keys["fraction_bits"] = 11
    write_bundle(tmp_path / "a.safetensors", "unfolded_detector", tensors, keys)
