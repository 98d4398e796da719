# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit info`: what it says of a sound, of a hostile and of a foreign bundle."""

import json
import struct

import numpy as np
import pytest
from fewbit_lab.info import describe
from gnuradio.fewbit import algorithms, find_model


@pytest.fixture
def bundle(tmp_path):
    def write(config, kind="softbit_codec", name="codebook"):
        values = np.linspace(-1, 1, 64, dtype=np.float32)
        header = {
            "__metadata__": {
                "fewbit.kind": kind,
                "fewbit.format": "1",
                "fewbit.config": json.dumps(config),
            },
            name: {"dtype": "F32", "shape": [64], "data_offsets": [0, 256]},
        }
        text = json.dumps(header).encode()
        path = tmp_path / "k6.safetensors"
        path.write_bytes(struct.pack("<Q", len(text)) + text + values.tobytes())
        return path

    return write


def test_says_kind_size_configuration_figures_and_tensors(bundle):
    measured = [
        {"snr_db": 12.0, "bits_per_llr": 2.71234567},
        {"snr_db": 14.0, "bits_per_llr": 2.65, "bler": 0.01},
    ]
    path = bundle({"bits_per_symbol": 6, "snr_db": [-4.0, 24.5], "measured": measured})
    lines = [line.split() for line in describe(path).splitlines()]
    assert lines[0] == [str(path)]
    assert ["kind", "softbit_codec,", "format", "1"] in lines
    assert ["size", f"{path.stat().st_size}", "bytes,", "64", "values"] in lines
    assert ["id", f"{algorithms.bundle.load(path).id:08x}"] in lines
    assert ["bits_per_symbol", "6"] in lines
    assert ["snr_db", "[-4,", "24.5]"] in lines
    assert ["snr_db", "bits_per_llr", "bler"] in lines
    assert ["12", "2.71235"] in lines
    assert ["14", "2.65", "0.01"] in lines
    assert ["codebook", "F32", "[64]"] in lines


@pytest.mark.parametrize(
    "config",
    [{}, {"measured": {"bler": 0.1}}, {"measured": 3}, {"measured": [{}, {"a": {}}]}, {"a": None}],
)
def test_describes_whatever_a_configuration_holds(bundle, config):
    assert "softbit_codec" in describe(bundle(config))


def test_shows_nothing_that_could_command_a_terminal(bundle):
    evil = "\x1b]0;owned\x07\x9b31m\r\n"
    text = describe(bundle({evil: {evil: [evil]}, "data": "x" * 9999}, kind=evil, name=evil))
    assert all(c.isprintable() or c == "\n" for c in text)
    assert max(map(len, text.splitlines())) < 400
    assert "owned" in text


def test_refuses_in_one_sentence(tmp_path):
    path = tmp_path / "no.safetensors"
    path.write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(algorithms.bundle_error) as error:
        describe(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_tells_a_task_quantizer_in_a_line(tmp_path):
    pytest.importorskip("safetensors")  # writes the design
    from fewbit_trainer.task_quantizer.designs import design

    made = design({"method": "closed_form", "rate": 0.5, "samples": 0})
    lines = [line.strip() for line in describe(made.write(tmp_path / "tbq")).splitlines()]
    # 68 ADCs of 3 levels and 12 of 2: 119.78 bits of 120
    said = "chain  240 inputs, 80 ADCs, 80 outputs; 119.8 bits a vector, 0.499 an input"
    assert said in lines
    levels = next(line for line in lines if line.startswith("levels"))
    assert levels.split(maxsplit=1)[1] in ("[68 x 3, 12 x 2]", "[12 x 2, 68 x 3]")


@pytest.mark.parametrize(
    ("kind", "config"),
    [("task_quantizer", {"task": "estimation"}), ("unfolded_detector", {"network": "admm"})],
)
def test_says_why_a_sound_bundle_does_not_load(bundle, kind, config):
    text = describe(bundle(config, kind=kind))
    assert "does not load: " in text


def test_tells_an_unfolded_detector_in_a_line():
    lines = [line.split() for line in describe(find_model("kaq_admm10_16x64")).splitlines()]
    said = "detector admm-10-int8, 64 antennas, 16 users, 4 bits a symbol"
    assert said.split() in lines
