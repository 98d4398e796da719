# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-bits`: its models' names, its claims, and its files made short."""

import json

import absent_packages
import batches_alike
import pytest
from fewbit_lab import kaq_bits_figure
from fewbit_lab.command import main
from fewbit_lab.kaq_bits_figure import ALL, BASE, HOW, MATRIX, VECTORS, all_claims
from fewbit_lab.kaq_link import Effort


def test_the_models_are_the_trainers():
    pytest.importorskip("torch")
    from fewbit_trainer.unfolded_detector.figure_models import figure_config, figure_names

    names = [scheme.model for scheme in kaq_bits_figure.SCHEMES]
    assert set(names) <= set(figure_names())
    config = figure_config(VECTORS.model(5, "kaq")).quantization
    assert (config.matrix_bits, config.activation_bits, config.dynamic_step) == (8, 5, True)
    assert figure_config(MATRIX.model(6, "ptq")).quantization.training == "none"


def table_of(times):
    """At 20 dB so many times float's errors; the same in every batch, so that limits are none."""
    errors = {BASE.name: 100_000} | {name: round(100_000 * x) for name, x in times.items()}
    return batches_alike.table_of({20.0: errors}, vectors=50_000)


def verdicts(times):
    return {c.text.partition(" at 20 dB")[0]: c.holds for c in all_claims(table_of(times))}


def test_quantised_networks_are_held_to_float_to_each_other_and_to_the_reference():
    times = {
        MATRIX.scheme(4, "ptq").name: 3.0,
        MATRIX.scheme(4, "qat").name: 1.31,
        MATRIX.scheme(4, "kaq").name: 1.29,
        VECTORS.scheme(4, "ptq").name: 1.2,
        VECTORS.scheme(4, "qat").name: 1.1,
    }
    found = verdicts(times)
    assert found["matrix, 4 bits, PTQ: 3.0 times float's errors, as printed, in a tenth"] is True
    assert found["matrix, 4 bits, QAT: at most 1.3 times float's errors"] is False
    assert found["matrix, 4 bits, KAQ: at most 1.3 times float's errors"] is True
    assert found["matrix, 4 bits: KAQ makes no more errors than QAT"] is True
    text = "layers' vectors, 4 bits, PTQ: 1.9 times float's errors, as printed, in a tenth"
    assert found[text] is False
    assert found["layers' vectors, 4 bits: QAT makes no more errors than PTQ"] is True


def test_what_has_no_model_is_undecided():
    found = verdicts({})
    assert len(found) == 15 and set(found.values()) == {None}


def test_the_figure_has_a_curve_over_bits_for_each_way_to_train(tmp_path, monkeypatch):
    pytest.importorskip("safetensors")  # writes the network in float
    monkeypatch.setattr(kaq_bits_figure, "QUICK", Effort(256, least=2, most=2, errors=1))
    monkeypatch.setattr(kaq_bits_figure, "SNR_DB", (15.0, 20.0))
    assert main(["reproduce", "kaq-bits", "--quick", "--output", str(tmp_path)]) in (0, 1)
    assert (tmp_path / "kaq-bits.png").stat().st_size > 10_000
    found = json.loads((tmp_path / "kaq-bits.json").read_text())
    panel = [s for s in found["series"] if s["y_label"] == MATRIX.label(20.0)]
    curves = {s["name"]: s for s in panel if s["source"] == "measured"}
    assert {"QAT", "KAQ"} <= curves.keys() and 8.0 in curves["PTQ"]["x"]
    assert [s["y"] for s in panel if s["source"] == "paper"] == [[3.0]]
    assert all(row["vectors"] == [512, 512] for row in found["rows"])
    labels = {s["y_label"] for s in found["series"]}
    assert {what.label(15.0) for what in (MATRIX, VECTORS, ALL)} < labels and len(HOW) == 3


def test_without_the_float_network_it_says_so_and_draws_no_empty_panels(
    tmp_path, monkeypatch, capsys
):
    absent_packages.hide(monkeypatch, "safetensors", "torch")
    monkeypatch.setattr(kaq_bits_figure, "QUICK", Effort(256, least=2, most=2, errors=1))
    monkeypatch.setattr(kaq_bits_figure, "SNR_DB", (20.0,))
    assert main(["reproduce", "kaq-bits", "--quick", "--output", str(tmp_path)]) in (0, 1)
    said = capsys.readouterr()
    (sentence,) = (line for line in said.err.splitlines() if "left out" in line)
    assert "as safetensors cannot be imported: ADMM-5, float; run `make trainer-pack" in sentence
    assert "no picture" in said.err and "nan" not in said.out
    assert sorted(p.name for p in tmp_path.glob("kaq-bits*")) == ["kaq-bits.json"]
    found = json.loads((tmp_path / "kaq-bits.json").read_text())
    assert found["series"] == [] and all("times_float" not in row for row in found["rows"])
    assert all(row["ber"][0][0] > 0 for row in found["rows"]) and len(found["rows"]) > 20
