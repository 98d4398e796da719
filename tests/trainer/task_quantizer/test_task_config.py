# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mistake in a task quantizer's configuration is one sentence that names its place."""

from pathlib import Path

import fewbit_trainer
import pytest
from fewbit_trainer.config import (
    ConfigError,
    config_from_dict,
    config_to_dict,
    load_config,
    with_seed,
)
from fewbit_trainer.task_quantizer.config import TaskQuantizerConfig, level_counts

CONFIGS = sorted((Path(fewbit_trainer.__file__).parent / "configs").glob("tbq_*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_shipped_configurations_load(path):
    config = load_config(path)
    assert isinstance(config, TaskQuantizerConfig)
    assert config.name == path.stem
    assert config_from_dict(config_to_dict(config)) == config
    assert with_seed(config, 9).seed == 9


def test_there_are_shipped_configurations():
    assert len(CONFIGS) >= 3


def test_the_kind_chooses_the_settings():
    assert isinstance(config_from_dict({"kind": "task_quantizer"}), TaskQuantizerConfig)
    assert not isinstance(config_from_dict({"seed": 2}), TaskQuantizerConfig)
    with pytest.raises(ConfigError, match="kind is 'x', expected one of softbit_codec, task_quan"):
        config_from_dict({"kind": "x"})


DETECTION = {
    "task": {"problem": "symbol_detection"},
    "digital": {"kind": "network"},
    "refit": {"method": "cells"},
}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"adcs": 3}, "adcs is no known setting, expected one of kind, name, seed, task"),
        ({"adc": {"level": 3}}, "adc.level is no known setting"),
        ({"adc": {"levels": 8}}, "adc.levels is 8, expected a list of integers"),
        ({"adc": {"levels": []}}, "adc.levels is (), expected numbers from 2 to 256"),
        ({"adc": {"levels": [1]}}, "adc.levels is (1,), expected numbers from 2 to 256"),
        ({"adc": {"levels": [8, 8]}}, "adc.levels has 2 entries, expected 1 or adc.adcs, 80"),
        ({"adc": {"adcs": 1025}}, "adc.adcs is 1025, expected 1 to 1024"),
        ({"adc": {"sharpness": [9, 3]}}, "adc.sharpness is (9.0, 3.0), expected [first, last]"),
        ({"adc": {"agc": False}}, "adc.agc is False, expected a text"),
        ({"adc": {"agc": "slow"}}, "adc.agc is 'slow', expected one of fixed, block, none"),
        ({"adc": {"rate": -1}}, "adc.rate is -1.0, expected 0 or more"),
        ({"adc": {"agc": "block", "load": 0.9}}, "adc.load is 0.9, expected 1 where adc.agc is"),
        ({"analog": {"hidden": [0]}}, "analog.hidden is (0,), expected at most 7 widths of 1 to"),
        ({"analog": {"phase_bits": 3}}, "analog.phase_bits is 3, expected 0 for layers"),
        ({"analog": {"start": "subspace"}}, "analog.start is 'subspace', expected random or clo"),
        (
            {"analog": {"start": "closed_form", "hidden": [8]}},
            "analog.start is closed_form, expected random where there are hidden layers",
        ),
        (
            {"analog": {"kind": "phase_shifters"}, "adc": {"adcs": 5}},
            "adc.adcs is 5, expected an even number for phase_shifters",
        ),
        (
            {"analog": {"kind": "phase_shifters", "hidden": [4]}},
            "analog.hidden is not empty, expected none for phase_shifters",
        ),
        (
            {**DETECTION, "analog": {"kind": "phase_shifters"}},
            "expected layers for symbol_detection, whose signals are real",
        ),
        ({"digital": {"powers": 2}}, "digital.powers is 2, expected 1 unless adc.agc is block"),
        ({**DETECTION, "digital": {"kind": "affine"}}, "digital.kind is affine, expected network"),
        ({"refit": {"method": "cells"}}, "refit.method is cells, expected that for detection alo"),
        ({"refit": {"method": "network"}}, "refit.method is network, expected least_squares or no"),
        (
            {**DETECTION, "refit": {"method": "least_squares"}},
            "refit.method is least_squares, expected another where digital.kind is network",
        ),
        ({"task": {"power": [5, 1]}}, "task.power is (5.0, 1.0), expected [lowest, highest]"),
        ({"task": {"users": 13}}, "task.users is 13, expected at most task.pilots"),
        ({"task": {"problem": "recording"}}, "task.file is empty, expected the .npz file of the"),
        ({"task": {"file": "x.npz"}}, "task.file is 'x.npz', expected none unless task.problem"),
        (
            {**DETECTION, "task": {"problem": "symbol_detection", "users": 9}},
            "task.users is 9, expected 1 to 8 for symbol_detection",
        ),
        ({"measure": {"held_out": 1}}, "measure.held_out is 1.0, expected between 0 and 1"),
        ({"measure": {"powers": [0]}}, "measure.powers is (0.0,), expected more than 0 each"),
        ({"schedule": {"epochs": 0}}, "schedule.epochs is 0, expected more than 0"),
        ({"schedule": {"learning_rate": float("nan")}}, "learning_rate is nan, expected a finite"),
        ({"seed": -1}, "seed is -1, expected 0 to 2^31 - 1"),
    ],
)
def test_a_mistake_is_one_sentence(data, sentence):
    with pytest.raises(ConfigError) as caught:
        config_from_dict({"kind": "task_quantizer", **data})
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_given_on_the_command_line_replace_the_file_s(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("kind: task_quantizer\nadc: {levels: [8], adcs: 6}\n")
    config = load_config(path, ["adc.levels=[4]", "name=mine", "task.snr_db=3", "digital.powers=1"])
    assert config.adc.levels == (4,)
    assert config.adc.adcs == 6
    assert (config.name, config.task.snr_db) == ("mine", 3.0)
    for words, sentence in (
        ("adc.levels", "'adc.levels' is no assignment, expected path.to.setting=1"),
        ("=3", "'=3' is no assignment"),
        ("adc.levels=[", "has a value that is not YAML"),
        ("adc.level=3", "run.yaml: adc.level is no known setting"),
        ("name.first=3", "run.yaml: name is {'first': 3}, expected a text"),
    ):
        with pytest.raises(ConfigError) as caught:
            load_config(path, [words])
        assert sentence in str(caught.value)


def test_a_rate_is_spent_in_full_by_mixed_resolution():
    config = config_from_dict({"kind": "task_quantizer", "adc": {"adcs": 80, "rate": 0.5}})
    counts = level_counts(config, 240)
    assert sorted(set(counts)) == [2, 3]
    assert counts.count(3) == 68  # 68 log2 3 + 12 = 119.8 of 120 bits
    with pytest.raises(ConfigError, match="adc.rate is 0.1, which gives 24 bits for 80 ADCs"):
        level_counts(
            config_from_dict({"kind": "task_quantizer", "adc": {"adcs": 80, "rate": 0.1}}), 240
        )
