# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every method by its name gives a bundle that loads; every mistake is one sentence."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.chain import load_chain
from fewbit_trainer.task_quantizer.designs import METHODS, DesignError, design

SMALL = {"antennas": 2, "users": 2, "pilots": 3}
CONFIGS = {
    "closed form of the model": {"method": "closed_form", "levels": 4, "samples": 0, **SMALL},
    "closed form of samples": {"method": "closed_form", "levels": 4, "samples": 999, **SMALL},
    "mixed resolution": {"method": "closed_form", "rate": 0.9, "samples": 0, **SMALL},
    "block AGC": {
        "method": "closed_form", "levels": 4, "samples": 999, "power_range": [1, 10],
        "measured_vectors": 500, **SMALL,
    },
    "hardware limited": {"method": "hardware_limited", "levels": 4, **SMALL},
    "blmmse": {"method": "blmmse", "rate": 1.2, **SMALL},
    "phase shifters": {"method": "phase_shifters", "levels": 4, "phase_bits": 2, **SMALL},
    "any phase": {"method": "phase_shifters", "levels": 4, "phase_bits": None, **SMALL},
    "rotation": {"method": "rotation_lookup", "levels": 4, "starts": 1, "antennas": 3, "users": 2},
    "rotation of pilots": {
        "method": "rotation_lookup", "levels": [4, 2], "starts": 1, "antennas": 3, "users": 2,
        "samples": 100, "csi_variance": 0.2,
    },
    "rotation of many levels": {
        "method": "rotation_lookup", "levels": 256, "starts": 1, "antennas": 4, "users": 4,
        "measured_vectors": 2000, "snr_db": 3.0,
    },
    "quantized MAP": {"method": "quantized_map", "levels": 2, "antennas": 3, "users": 2},
    "quantized MAP, simulated": {"method": "quantized_map", "levels": 8, "measured_vectors": 500},
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_a_design_s_bundle_is_its_chain(name: str, tmp_path) -> None:
    made = design(CONFIGS[name])
    loaded = load_chain(made.write(tmp_path / "x.safetensors"))
    x = np.random.default_rng(1).standard_normal((20, made.chain.inputs))
    np.testing.assert_array_equal(loaded(x), made.chain(x))
    assert made.config["method"] == CONFIGS[name]["method"]
    assert all(
        np.isfinite(v) and v > 0 for f in made.measured for k, v in f.items() if k != "snr_db"
    )


def test_every_method_is_tried() -> None:
    assert {c["method"] for c in CONFIGS.values()} == set(METHODS)


def test_the_same_seed_gives_the_same_bytes(tmp_path) -> None:
    for name in ("closed form of samples", "rotation of pilots"):
        first, again = (design(CONFIGS[name]).write(tmp_path / n) for n in ("a", "b"))
        assert first.read_bytes() == again.read_bytes()


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({}, "a design's method is missing; use one of closed_form"),
        ({"method": "closed_form"}, "levels is None and rate is None; give one of the two"),
        ({"method": "closed_form", "levels": 8, "rte": 1}, "closed_form has no setting 'rte'"),
        ({"method": "closed_form", "levels": "8"}, "levels is '8'; expected int or list"),
        ({"method": "closed_form", "levels": True}, "levels is True"),
        ({"method": "closed_form", "levels": 1}, "a quantizer of 1 levels"),
        ({"method": "closed_form", "levels": 8, "power": -1}, "power is -1"),
        ({"method": "closed_form", "levels": 8, "power_range": [5, 1]}, "power_range is"),
        ({"method": "closed_form", "levels": 8, "samples": 9}, "9 samples of 240 inputs"),
        ({"method": "closed_form", "rate": 0.2}, "48 bits for 80 ADCs"),
        ({"method": "blmmse", "rate": 0.5}, "bits_per_input is 0.5"),
        ({"method": "hardware_limited", "rate": 1.0}, "levels is None; expected one number"),
        ({"method": "phase_shifters", "levels": 8, "phase_bits": 0}, "phase bits is 0"),
        ({"method": "rotation_lookup", "csi_variance": 0.2}, "samples is 0 in 10 frames"),
        ({"method": "rotation_lookup", "starts": 0}, "starts is 0; use 1 or more"),
        ({"method": "quantized_map", "levels": [2, 2]}, "expected one number for all ADCs"),
    ],
)
def test_refuses_what_gives_no_design(config: dict, sentence: str) -> None:
    with pytest.raises(DesignError, match=sentence):
        design(config)
