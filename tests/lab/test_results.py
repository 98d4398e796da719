# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The format of results/<id>.json."""

import json
import math

import pytest
from fewbit_lab import results
from fewbit_lab.errors import LabError
from fewbit_lab.results import Claim, Result, Series, at_most, curve, within


def example():
    return Result(
        id="softbit-bler",
        series=[
            curve(
                "float",
                [10.0, 12.0],
                [0.9, math.nan],
                "SNR [dB]",
                "BLER",
                lo=[0.8, 0.0],
                hi=[0.95, 1.0],
            ),
            curve("paper", [10.0], [0.95], "SNR [dB]", "BLER", source="paper"),
        ],
        claims=[Claim("loses at most", 0.18, 0.12, True)],
        seed=7,
        command="fewbit reproduce softbit-bler",
        versions=results.versions(),
    )


def test_holds_every_key_of_the_format(tmp_path):
    path = results.write(example(), tmp_path / "new" / "folder")
    assert path.name == "softbit-bler.json"
    content = json.loads(path.read_text())
    assert set(content) == {"id", "series", "claims", "seed", "command", "versions"}
    series_keys = {"name", "x", "y", "lo", "hi", "x_label", "y_label", "source"}
    assert all(set(series) == series_keys for series in content["series"])
    assert set(content["claims"][0]) == {"text", "bound", "value", "holds"}
    assert content["series"][1]["lo"] == [0.95]
    assert {"fewbit", "numpy", "gnuradio"} <= set(content["versions"])


def test_comes_back_as_it_was_written(tmp_path):
    written = example()
    read = results.read(results.write(written, tmp_path))
    assert read.claims == written.claims
    assert read.series[1] == written.series[1]
    assert math.isnan(read.series[0].y[1])


def test_is_strict_json_without_nan(tmp_path):
    text = results.write(example(), tmp_path).read_text()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the file"))


def test_leaves_the_old_file_where_writing_fails(tmp_path):
    path = results.write(example(), tmp_path)
    before = path.read_text()
    broken = example()
    broken.rows = [{"value": object()}]
    with pytest.raises(TypeError):
        results.write(broken, tmp_path)
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": 1, "series": 3}', "\x00"])
def test_refuses_a_file_of_another_kind(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(LabError, match="other.json"):
        results.read(path)


def test_refuses_a_series_of_unequal_lengths():
    with pytest.raises(ValueError, match="lengths"):
        Series("a", [1.0], [1.0, 2.0], [1.0], [1.0], "x", "y")
    with pytest.raises(ValueError, match="source"):
        curve("a", [1.0], [1.0], "x", "y", source="guess")


def test_a_claim_is_undecided_where_the_noise_could_explain_it():
    assert at_most("loss", (0.1, 0.05, 0.18), 0.18).holds is True
    assert at_most("loss", (0.1, 0.05, 0.19), 0.18).holds is None
    assert at_most("loss", (0.2, 0.15, 0.25), 0.18).holds is None
    assert at_most("loss", (0.2, 0.19, 0.21), 0.18).holds is False
    assert at_most("loss", (math.inf, 0.19, math.inf), 0.18).holds is False
    assert at_most("loss", (0.1, -math.inf, math.inf), 0.18).holds is None
    assert at_most("loss", (math.nan,) * 3, 0.18).holds is None
    assert at_most("loss", (0.1, math.nan, math.nan), 0.18).holds is None


def test_a_band_is_met_by_the_whole_interval_or_missed_by_all_of_it():
    band = (1.0, 2.0)
    assert within("bits", (1.5, 1.0, 2.0), band).holds is True
    assert within("bits", (1.5, 0.9, 2.1), band).holds is None  # wider than the band
    assert within("bits", (1.9, 1.7, 2.1), band).holds is None
    assert within("bits", (2.2, 2.1, 2.3), band).holds is False
    assert within("bits", (0.8, 0.7, 0.9), band).holds is False
    assert within("bits", (math.nan,) * 3, band).holds is None
