# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-epochs`: its claim and its files; the curves are the trainer's tests'."""

import json
import math

import pytest
from fewbit_lab import kaq_epochs_figure
from fewbit_lab.command import main
from fewbit_lab.errors import LabError
from fewbit_lab.kaq_epochs_figure import ADMM, KAQ, QAT, CurveTable, ahead


def curve_of(*accuracy):
    epochs = list(range(len(accuracy)))
    return {"epoch": epochs, "accuracy": list(accuracy), "quantized": [False] * len(epochs)}


def table_of(qat, kaq):
    """Curves that end at these accuracies, seed by seed."""
    ends = {ADMM.models[QAT]: qat, ADMM.models[KAQ]: kaq}
    return CurveTable({m: [curve_of(0.5, end) for end in values] for m, values in ends.items()})


@pytest.mark.parametrize(
    ("qat", "kaq", "holds"),
    [
        ((0.80, 0.90), (0.81, 0.911), True),  # seeds differ by more than QAT and KAQ do
        ((0.81, 0.911), (0.80, 0.90), False),
        ((0.80, 0.90), (0.81, 0.89), None),
        ((0.80,), (0.81,), None),
        ((), (), None),
    ],
)
def test_kaq_is_held_to_qat_from_the_same_seeds(qat, kaq, holds):
    assert ahead(table_of(qat, kaq), ADMM).holds is holds


def test_an_interval_over_seeds_is_students():
    table = table_of((0.80, 0.82, 0.84), (0.9,))
    value, low, high = table.final(ADMM.models[QAT])
    assert value == pytest.approx(0.82)  # t of 2 degrees of freedom is 4.303
    assert (high - value) == pytest.approx(4.303 * 0.02 / math.sqrt(3), rel=1e-3)
    assert table.accuracy(ADMM.models[KAQ], 0)[1] == -math.inf


def test_it_is_refused_in_a_sentence_without_torch(tmp_path, monkeypatch, capsys):
    def none(what):
        raise LabError(f"{what} needs PyTorch, which is not installed")

    monkeypatch.setattr(kaq_epochs_figure, "need_torch", none)
    assert main(["reproduce", "kaq-epochs", "--quick", "--output", str(tmp_path)]) == 2
    assert "kaq-epochs: training needs PyTorch" in capsys.readouterr().err


def test_the_figure_has_a_curve_for_each_training_and_goes_on(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    trained = []

    class Made(kaq_epochs_figure.LearningCurve):
        def __call__(self, coordinates, seed):
            trained.append(coordinates["model"])
            return curve_of(0.5, 0.7, 0.8 + 0.01 * coordinates["seed"])

    monkeypatch.setattr(kaq_epochs_figure, "LearningCurve", Made)
    monkeypatch.setattr(kaq_epochs_figure, "SEEDS_QUICK", 2)
    arguments = ["reproduce", "kaq-epochs", "--quick", "--keep", "--output", str(tmp_path)]
    assert main(arguments) == 0
    assert (tmp_path / "kaq-epochs.png").stat().st_size > 10_000
    found = json.loads((tmp_path / "kaq-epochs.json").read_text())
    assert [s["name"] for s in found["series"]] == ["float", "QAT", "KAQ"] * 2
    assert all(s["y"] == [0.5, 0.7, pytest.approx(0.815)] for s in found["series"])
    assert [claim["holds"] for claim in found["claims"]] == [True, True]  # level is no less
    assert len(trained) == 12
    assert main(arguments) == 0 and len(trained) == 12
