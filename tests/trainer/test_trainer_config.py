# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mistake in a configuration is one sentence that names its place."""

from pathlib import Path

import fewbit_trainer
import pytest
from fewbit_trainer.config import (
    ConfigError,
    TrainingConfig,
    config_from_dict,
    config_to_dict,
    load_config,
    with_seed,
)

CONFIGS = sorted((Path(fewbit_trainer.__file__).parent / "configs").glob("softbit_*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_shipped_configurations_load(path):
    config = load_config(path)
    assert config.name == path.stem
    assert config_from_dict(config_to_dict(config)) == config


def test_there_are_shipped_configurations():
    assert len(CONFIGS) >= 7


def test_the_paper_s_schedule_is_the_paper_s():
    config = load_config(next(p for p in CONFIGS if p.stem == "softbit_k6_paper"))
    assert (config.schedule.epochs, config.schedule.packets) == (2000, 100_000)
    assert (config.loss.tau, config.loss.tau_growth) == (40.0, 1.001)
    assert config.loss.distortion == "weighted_square"
    assert config.loss.rate == "soft_entropy"
    assert config.loss.quantizer == "straight_through"
    assert config.warm_start.epochs == 0
    assert config.link.profiles == ("iid",)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"sede": 1}, "sede is no known setting"),
        ({"link": {"snr": [1, 2]}}, "link.snr is no known setting"),
        ({"seed": "one"}, "seed is 'one', expected an integer"),
        ({"seed": True}, "seed is True, expected an integer"),
        ({"loss": {"alpha": "big"}}, "loss.alpha is 'big', expected a number"),
        ({"loss": {"alpha": float("nan")}}, "loss.alpha is nan, expected a finite number"),
        ({"loss": {"alpha": -1}}, "loss.alpha is -1.0, expected 0 or more"),
        ({"link": {"snr_db": [1]}}, "link.snr_db is [1], expected a list of 2 numbers"),
        ({"link": {"snr_db": [9, 1]}}, "link.snr_db is (9.0, 1.0), expected [lowest, highest]"),
        ({"link": {"snr_db": [1, "x"]}}, "link.snr_db[1] is 'x', expected a number"),
        ({"link": {"profiles": ["tdl"]}}, "link.profiles holds 'tdl', expected one of iid"),
        ({"link": {"profiles": []}}, "link.profiles is an empty list, expected at least one"),
        ({"link": {"bits_per_symbol": 5}}, "link.bits_per_symbol is 5, expected one of 2, 4, 6"),
        ({"link": 3}, "link is 3, expected a table of settings"),
        ({"schedule": {"epochs": 0}}, "schedule.epochs is 0, expected more than 0"),
        ({"codec": {"contexts": 66}}, "codec.contexts is 66, expected 1 to levels + 1"),
        ({"warm_start": {"epochs": 99}}, "warm_start.epochs is 99, expected 0 to schedule.epochs"),
        ({"loss": {"earlier_alpha": [0.1]}}, "loss.earlier_alpha has 1 entries, expected as many"),
        ({"schedule": {"restarts": [60, 9]}}, "schedule.restarts is (60, 9), expected rising"),
        ({"schedule": {"restarts": [50]}}, "schedule.restarts is (50,), expected rising"),
        ({"kind": "detector"}, "kind is 'detector', expected one of softbit_codec"),
        ([1], "the file is [1], expected a table of settings"),
    ],
)
def test_a_mistake_is_one_sentence(data, sentence):
    with pytest.raises(ConfigError) as caught:
        config_from_dict(data)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_file_errors_name_the_file(tmp_path):
    with pytest.raises(ConfigError, match="nothing.yaml: cannot be read"):
        load_config(tmp_path / "nothing.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("link: [1, 2\n")
    with pytest.raises(ConfigError, match="broken.yaml: is not YAML") as caught:
        load_config(broken)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "# name: mine\n", "---\n"])
def test_refuses_an_empty_configuration(tmp_path, text):
    empty = tmp_path / "empty.yaml"
    empty.write_text(text)
    with pytest.raises(ConfigError, match="empty.yaml: is empty, expected a table of settings"):
        load_config(empty)


def test_another_seed_is_checked_as_the_file_s_own():
    config = TrainingConfig(seed=3)
    assert with_seed(config, 4) == TrainingConfig(seed=4)
    with pytest.raises(ConfigError, match="seed is -1, expected 0 to"):
        with_seed(config, -1)
