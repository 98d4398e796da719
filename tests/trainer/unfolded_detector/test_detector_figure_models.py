# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model that a figure names has a configuration, and the YAMLs are those of their names."""

import dataclasses
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("safetensors")

import fewbit_trainer
from fewbit_trainer.config import ConfigError, load_config
from fewbit_trainer.unfolded_detector import figure_models as models


def test_every_name_has_a_configuration_of_that_name():
    names = models.figure_names()
    assert len(names) == len(set(names)) > 30
    for name in names:
        assert models.figure_config(name).name == name


@pytest.mark.parametrize("name", ["kaq_admm5", "kaq_pgd_paper", "kaq_pgd_paper_kaq"])
def test_a_shipped_configuration_trains_the_model_of_its_name(name):
    path = Path(fewbit_trainer.__file__).parent / "configs" / f"{name}.yaml"
    ours, named = load_config(path), models.figure_config(name)
    assert dataclasses.asdict(ours) == dataclasses.asdict(named)


def test_names_say_what_is_quantised_and_how():
    config = models.figure_config("kaq_admm5_w4a8_apart_kaq").quantization
    assert (config.matrix_bits, config.activation_bits, config.filter_bits) == (4, 8, 0)
    assert config.arithmetic == "int8"
    assert (config.diagonal, config.training) == ("apart", "straight_through")
    assert config.dynamic_step and config.mmd_weight > 0
    config = models.figure_config("kaq_admm5_all5_ptq").quantization
    assert (config.matrix_bits, config.input_bits, config.training) == (5, 5, "none")
    assert config.arithmetic == "quantized"
    config = models.figure_config("kaq_pgd_paper_mmd").quantization
    assert (config.learned_step, config.dynamic_step, config.mmd_weight > 0) == (False, False, True)


@pytest.mark.parametrize(
    ("how", "learned", "dynamic", "mmd"),
    [
        ("qat", False, False, False),
        ("kaq", True, True, True),
        ("clip", True, False, False),
        ("step", True, True, False),
        ("mmd", False, False, True),
    ],
)
def test_of_kaq_each_part_is_trained_alone_too(how, learned, dynamic, mmd):
    config = models.figure_config(f"kaq_pgd_paper_{how}").quantization
    assert config.training == "straight_through" and config.steps == "largest"
    parts = config.learned_step, config.dynamic_step, config.mmd_weight > 0
    assert parts == (learned, dynamic, mmd)


@pytest.mark.parametrize(
    ("link", "users", "antennas", "bits", "correlation"),
    [
        ("qpsk", 16, 16, 2, 0.0),
        ("64qam", 16, 16, 6, 0.0),
        ("8x8", 8, 8, 4, 0.0),
        ("16x32", 16, 32, 4, 0.0),
        ("16x64", 16, 64, 4, 0.0),
        ("corr5", 16, 16, 4, 0.5),
        ("corr9", 16, 16, 4, 0.9),
    ],
)
def test_links_are_what_they_are_called(link, users, antennas, bits, correlation):
    found = models.figure_config(f"kaq_admm10_{link}").link
    assert (found.users, found.antennas, found.bits_per_symbol) == (users, antennas, bits)
    assert found.receive_correlation == found.transmit_correlation == correlation


@pytest.mark.parametrize("name", ["", "kaq_admm", "kaq_admm5_w3a8_qat", "kaq_admm5_w4a8"])
def test_refuses_a_name_that_is_no_figure_s(name):
    with pytest.raises(ConfigError, match="is no figure's model"):
        models.figure_config(name)


def test_the_command_lists_what_is_asked_for(capsys):
    assert models.main(["--list", "--only", "admm10_8"]) == 0
    assert capsys.readouterr().out.split() == ["kaq_admm10_8x8"]
