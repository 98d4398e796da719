# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task-based figures, made short, against formulas that are worked out here."""

import json
import math
import shutil
import sys

import numpy as np
import pytest
from fewbit_lab import task_designs, task_estimation_figure, task_models
from fewbit_lab.command import main


def read(folder, name):
    assert (folder / f"{name}.png").stat().st_size > 10_000
    return json.loads((folder / f"{name}.json").read_text())


def verdicts(found):
    return {claim["text"]: claim["holds"] for claim in found["claims"]}


def series(found, name):
    return next(s for s in found["series"] if s["name"] == name)


# -- channel estimation --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def designs(tmp_path_factory):
    """A folder that keeps what the first test has designed."""
    return tmp_path_factory.mktemp("designs")


@pytest.fixture
def short_estimation(monkeypatch, tmp_path, designs):
    figure = task_estimation_figure
    shutil.copytree(designs, tmp_path / "models")
    monkeypatch.setattr(figure, "LEVELS", (2, 8, 16))
    monkeypatch.setattr(figure, "MIXED_RATES", (0.5,))
    monkeypatch.setattr(figure, "PHASE_BITS", (3,))
    monkeypatch.setattr(figure, "VECTORS_QUICK", 256)
    monkeypatch.setattr(figure, "BLMMSE_BATCHES_QUICK", 4)
    monkeypatch.setattr(figure, "MISTAKEN_DRAWS_QUICK", 2)
    yield
    for file in (tmp_path / "models").glob("task_estimation_*_*.safetensors"):
        shutil.copy(file, designs)


def estimate(folder, *more):
    return main(["reproduce", "tbq-estimation", "--quick", "--output", str(folder), *more])


def test_estimation_has_the_paper_s_theory_and_its_measurements_agree(tmp_path, short_estimation):
    assert estimate(tmp_path) == 0
    found = read(tmp_path, "tbq-estimation")
    rates = [math.log2(m) / 3 for m in (2, 8, 16)]
    target = series(found, "Lloyd-Max target")
    assert target["x"] == pytest.approx(rates) and target["source"] == "theory"
    # 1/98 and the variance of the MMSE estimate; Max's distortions for 2, 8 and 16 levels.
    distortions = np.array([1 - 2 / np.pi, 0.034548, 0.009501])
    assert target["y"] == pytest.approx(1 / 98 + (0.5 - 1 / 98) * distortions, rel=2e-5)
    opt = series(found, "eta_opt, any quantizer")
    bound = 1 / 98 + 48 / 98 * 2.0 ** (-6 * np.array(opt["x"]))
    assert opt["y"] == pytest.approx(bound, rel=1e-12)
    measured = series(found, "closed form, moments known")
    for y, lo, hi, exact in zip(
        measured["y"], measured["lo"], measured["hi"], target["y"], strict=True
    ):
        assert lo < y < hi and abs(y - exact) < 2.2 * (hi - y)  # twice what 95 % allow
    sc = series(found, "eta_sc, the hardware-limited design's formula")
    assert sc["y"] == pytest.approx([0.2551, 0.0302, 0.0153], abs=5.1e-5)
    assert series(found, "BLMMSE")["y"][0] == pytest.approx(one_bit_blmmse(), rel=1e-6)
    assert None in verdicts(found).values() and False not in verdicts(found).values()
    assert {row.get("levels") for row in found["rows"]} >= {2, 8, 16}


def one_bit_blmmse():
    """Bussgang's theorem and the arcsine law, for y = 2 (Phi kron I) h + w of unit variances."""
    time, user = np.arange(12)[:, None], np.arange(4)
    phi = np.exp(-2j * np.pi * time * user / 12)
    c_y = 4 * phi @ phi.conj().T + np.eye(12)  # of one antenna; all are alike
    rho = c_y / 17
    c_r = 2 / np.pi * (np.arcsin(rho.real) + 1j * np.arcsin(rho.imag))
    c_hr = np.sqrt(2 / np.pi / 17) * 2 * phi.conj().T
    explained = np.trace(c_hr @ np.linalg.solve(c_r, c_hr.conj().T)).real / 4
    return 0.5 * (1 - explained)


def test_a_broken_design_refutes_its_claims_and_no_other(tmp_path, short_estimation):
    models = tmp_path / "models"
    for levels in (2, 8, 16):
        task_designs.write(
            f"task_estimation_m{levels}_linear", models / f"task_estimation_m{levels}.safetensors"
        )
    assert estimate(tmp_path) == 1
    found = verdicts(read(tmp_path, "tbq-estimation"))
    refuted = [text for text, holds in found.items() if holds is False]
    assert refuted and all(text.startswith("learned: ") for text in refuted)
    assert any("within 3% of the Lloyd-Max target" in text for text in refuted)


def test_a_quick_run_leaves_out_what_is_not_trained_and_says_so(tmp_path, short_estimation, capsys):
    assert estimate(tmp_path) == 0
    assert "a quick run trains nothing; no model task_estimation_m2, " in capsys.readouterr().err
    found = read(tmp_path, "tbq-estimation")
    assert "learned" not in [s["name"] for s in found["series"]]
    unknown = [text for text, holds in verdicts(found).items() if holds is None]
    assert any(text.startswith("learned: within 3%") for text in unknown)


def test_estimation_goes_on_to_the_same_numbers(tmp_path, short_estimation):
    assert estimate(tmp_path, "--keep") == 0
    first = read(tmp_path, "tbq-estimation")["series"]
    kept = tmp_path / ".unfinished" / "tbq-estimation-quick.jsonl"
    lines = kept.read_text().splitlines(keepends=True)
    kept.write_text("".join(lines[:5]))
    assert estimate(tmp_path, "--keep") == 0
    assert read(tmp_path, "tbq-estimation")["series"] == first


def test_a_full_run_without_torch_says_how_to_get_it(
    tmp_path, short_estimation, monkeypatch, capsys
):
    monkeypatch.setattr(task_models, "installed", lambda: tmp_path / "none")
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["reproduce", "tbq-estimation", "--output", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "task_estimation_m2" in error and "PyTorch" in error and "Traceback" not in error
