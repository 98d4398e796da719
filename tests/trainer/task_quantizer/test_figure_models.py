# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model that a figure names has a configuration, and rates spend their bits."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("safetensors")

from fewbit_trainer.config import ConfigError, config_from_dict, config_to_dict
from fewbit_trainer.task_quantizer import figure_models as models


def test_every_name_has_a_configuration_of_that_name():
    names = models.figure_names()
    assert len(names) == len(set(names))
    for name in names:
        assert models.figure_config(name).name == name


def test_the_names_cover_what_the_figures_ask_for():
    schemes = pytest.importorskip("fewbit_lab.task_schemes")
    names = set(models.figure_names())
    wanted = set()
    for scheme in (*schemes.OVER_SNR, *schemes.THRESHOLDS, *schemes.OVER_RATE):
        if not scheme.receiver.startswith("bundle") or scheme.variant == "lookup":
            continue
        places = []
        if scheme in schemes.OVER_SNR:
            places += [(rate, snr) for rate in (1.0, 2.0) for snr in models.SNR_DB]
        if scheme in schemes.THRESHOLDS:
            places += [(1.0, snr) for snr in models.SNR_DB]
        if scheme in schemes.OVER_RATE:
            places += [(rate, snr) for rate in models.RATES for snr in (8, 12)]
        wanted |= {name for place in places for name in scheme.models(*place)}
    assert wanted <= names


# By hand from p = floor(4 R), M = floor(2^(12 R / p)).
@pytest.mark.parametrize(
    ("rate", "adcs", "levels"),
    [(1.0, 4, 8), (1.25, 5, 8), (1.75, 7, 8), (2.0, 8, 8), (2.25, 9, 8), (3.0, 12, 8)],
)
def test_a_rate_is_split_as_the_paper_says(rate, adcs, levels):
    assert models.detection_adcs(rate) == (adcs, levels)


def test_draws_differ_in_their_training_set_alone():
    first, second = (models.figure_config(f"task_detection_r1_10db_csi{i}") for i in (0, 1))
    assert first.seed != second.seed
    assert first.task == second.task and first.task.csi_variance == 0.2
    assert models.figure_config("task_detection_r125_8db").adc.adcs == 5


@pytest.mark.parametrize("name", ["", "task_detection_r1", "task_estimation_m8_what", "x"])
def test_refuses_a_name_that_is_no_figure_s(name):
    with pytest.raises(ConfigError, match="is no figure's model"):
        models.figure_config(name)


def test_refuses_levels_that_no_adc_has():
    with pytest.raises(ConfigError, match=r"adc\.levels"):
        models.figure_config("task_estimation_m1")


def test_the_command_lists_and_trains_what_is_asked_for(tmp_path, capsys, monkeypatch):
    assert models.main(["--list", "--only", "m[28]$"]) == 0
    assert capsys.readouterr().out.split() == ["task_estimation_m2", "task_estimation_m8"]
    tiny = {"problem": "channel_estimation", "samples": 400, "antennas": 2, "users": 2, "pilots": 4}
    whole = models.figure_config

    def smaller(name):
        config = config_to_dict(whole(name))
        config["task"].update(tiny)
        config["adc"]["adcs"] = 8
        return config_from_dict(config)

    monkeypatch.setattr(models, "figure_config", smaller)
    assert models.main(["--only", "m8$", "--output", str(tmp_path)]) == 0
    assert [p.name for p in tmp_path.iterdir()] == ["task_estimation_m8.safetensors"]
    assert "1 made, 0 there already" in capsys.readouterr().out
