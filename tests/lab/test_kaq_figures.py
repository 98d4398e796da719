# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-ber`, made short, its link and its claims, against numbers of numpy."""

import json
import math
import shutil

import batches_alike
import numpy as np
import pytest
from fewbit_lab import kaq_claims, kaq_figures, kaq_link, kaq_models, kaq_reference, kaq_schemes
from fewbit_lab.command import main
from fewbit_lab.kaq_curves import BitErrorTable
from fewbit_lab.model_files import models_path

SHORT = kaq_figures.Effort(vectors=256, least=2, most=2, errors=1)
SNR_DB = (15.0, 20.0)


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(kaq_figures, "QUICK", SHORT)
    monkeypatch.setattr(kaq_figures, "SNR_DB", SNR_DB)


def reproduce(folder, *more):
    return main(["reproduce", "kaq-ber", "--quick", "--output", str(folder), *more])


def read(folder):
    assert (folder / "kaq-ber.png").stat().st_size > 10_000
    return json.loads((folder / "kaq-ber.json").read_text())


def series(found, name):
    return next(s for s in found["series"] if s["name"] == name)


def test_the_figure_has_every_detector_on_the_same_vectors_and_the_reference(tmp_path, short):
    assert reproduce(tmp_path) in (0, 1)
    found = read(tmp_path)
    measured = {s["name"] for s in found["series"] if s["source"] == "measured"}
    assert {s.name for s in kaq_schemes.RIVALS} < measured
    assert {"ADMM-10, int8", "ADMM-5, int8", "PGD-Net, float"} < measured
    measured_rows = [row for row in found["rows"] if "vectors" in row]
    assert all(row["vectors"] == [512, 512] for row in measured_rows)
    assert {"PGD-Net, FP16", "PGD-Net, float, KAQ's range"} < {r["name"] for r in measured_rows}
    # ZF's error rate hardly falls from 15 to 20 dB; what 512 vectors say of it is within a fifth.
    assert series(found, "ZF")["y"] == pytest.approx([0.263, 0.159], rel=0.2)
    assert series(found, "LMMSE (reference)")["y"] == [0.179, 0.112, 0.0588, 0.0245]
    assert series(found, "EP, 10 iterations (reference)")["lo"][2:] == [0.0034, 0.0001]
    claims = {claim["text"]: claim["holds"] for claim in found["claims"]}
    assert any(text.startswith("ADMM-10, int8: at most 0.0075 at 20 dB") for text in claims)
    assert claims["ZF: .357 at 10 dB, as printed, within a tenth (not measured)"] is None


def test_the_figure_goes_on_to_the_same_numbers(tmp_path, short):
    reproduce(tmp_path, "--keep")
    first = read(tmp_path)["series"]
    kept = tmp_path / ".unfinished" / "kaq-ber-quick.jsonl"
    lines = kept.read_text().splitlines(keepends=True)
    assert len(lines) == 5  # a fingerprint, two batches at two SNRs
    kept.write_text("".join(lines[:2]))
    reproduce(tmp_path, "--keep")
    assert read(tmp_path)["series"] == first


def test_what_has_no_model_is_left_out_and_said(tmp_path, short, monkeypatch, capsys):
    installed = models_path()
    monkeypatch.setattr(kaq_models, "models_path", lambda: tmp_path / "none")
    monkeypatch.chdir(tmp_path)  # no `runs` either
    (tmp_path / "models").mkdir()
    shutil.copy(installed / "kaq_admm5.safetensors", tmp_path / "models")
    assert reproduce(tmp_path) in (0, 1)
    error = capsys.readouterr().err
    assert "left out, no model kaq_admm10, " in error and "kaq_admm5," not in error
    found = read(tmp_path)
    names = {s["name"] for s in found["series"]}
    assert "ADMM-5, int8" in names and "ADMM-10, int8" not in names
    bars = [c for c in found["claims"] if c["text"].startswith("ADMM-10, int8: at most")]
    assert len(bars) == 6 and all(claim["holds"] is None for claim in bars)


def test_a_broken_model_is_refused_in_a_sentence(tmp_path, short, monkeypatch, capsys):
    monkeypatch.setattr(kaq_models, "models_path", lambda: tmp_path / "none")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "kaq_pgd_paper.safetensors").write_bytes(b"\xff" * 64)
    assert reproduce(tmp_path) == 2
    error = capsys.readouterr().err
    assert "kaq_pgd_paper.safetensors" in error and "Traceback" not in error


def test_the_link_has_the_snr_it_says_and_a_channel_for_each_vector():
    drawn = kaq_link.draw(4000, 10.0, seed=7)
    assert drawn.h.shape == (4000, 16, 16) and drawn.sent.shape == (4000, 16)
    # Gray, 3GPP: b0, b2 the axis I (sign, then 1 = outer), b1, b3 the axis Q.
    bits = drawn.sent[..., None] >> np.arange(4)[::-1] & 1
    axis = (1 - 2.0 * bits[..., :2]) * (1 + 2 * bits[..., 2:]) / np.sqrt(10)
    noise = drawn.y - np.einsum("nij,nj->ni", drawn.h, axis[..., 0] + 1j * axis[..., 1])
    power = np.mean(np.abs(drawn.y - noise) ** 2) / np.mean(np.abs(noise) ** 2)
    # 64,000 exponential values below, less spread above: four deviations are 2.5 %.
    assert power == pytest.approx(10.0, rel=0.025)
    assert np.mean(np.abs(drawn.h) ** 2) == pytest.approx(1 / 16, rel=0.005)


def test_wrong_bits_are_counted_as_numpy_counts_them():
    detectors = {"LMMSE": "lmmse"}
    counts = kaq_link.BitErrors(300, "LMMSE", detectors)({"snr_db": 12.0}, 5)
    drawn = kaq_link.draw(300, 12.0, 5)
    h = drawn.h.astype(complex)
    gram = h.conj().transpose(0, 2, 1) @ h + drawn.noise_variance * np.eye(16)
    inverse = np.linalg.inv(gram)
    x = np.einsum("nij,njk,nk->ni", inverse, h.conj().transpose(0, 2, 1), drawn.y)
    x /= 1 - drawn.noise_variance * np.einsum("nii->ni", inverse).real
    axes = np.stack([x.real, x.imag], -1) * np.sqrt(10)
    bits = np.concatenate([axes < 0, np.abs(axes) > 2], -1)
    wrong = (bits != (drawn.sent[..., None] >> np.arange(4)[::-1] & 1)).sum((1, 2))
    assert abs(counts["errors"]["LMMSE"] - wrong.sum()) <= 2  # float32 at a threshold
    assert counts["watched"] == counts["errors"]["LMMSE"]
    assert counts["squares"]["LMMSE"] == pytest.approx((wrong**2).sum(), rel=0.01)


# -- claims --------------------------------------------------------------------------------------


def table_of(rates, snr_db=20.0, vectors=100_000):
    """Each detector errs in single bits, so many of a batch."""
    counts = {name: round(rate * vectors * 64) for name, rate in rates.items()}
    return batches_alike.table_of({snr_db: counts}, vectors=vectors)


@pytest.mark.parametrize(("rate", "holds"), [(0.0074, True), (0.0076, False), (0.0075, None)])
def test_a_bar_decides_by_the_whole_interval(rate, holds):
    table = table_of({"ADMM-10, int8": rate})
    (claim,) = kaq_claims.bars(table, kaq_schemes.ADMM_10, {20.0: 0.0075})
    assert claim.holds is holds


@pytest.mark.parametrize(("rate", "holds"), [(0.0588, True), (0.0640, True), (0.0652, False)])
def test_a_reference_value_has_a_tenth_and_its_rounding(rate, holds):
    table = table_of({"LMMSE": rate})
    claims = kaq_claims.rows(table, kaq_schemes.LMMSE)
    assert [claim.holds for claim in claims] == [None, None, holds, None]


def test_a_printed_range_is_known_to_its_digits():
    assert kaq_reference.limits(".0034-.0076") == pytest.approx((0.00335, 0.00765))
    assert kaq_reference.limits(".357") == pytest.approx((0.3565, 0.3575))


def test_a_ratio_on_the_same_vectors_has_a_jackknife_interval():
    """Tukey's, one batch left out in turn; Student's t of 3 degrees of freedom is 3.182."""
    above, below = np.array([30, 50, 40, 42]), np.array([29, 51, 41, 39])
    batches = [
        {"vectors": 10, "errors": {"a": int(a), "b": int(b)}, "squares": {}}
        for a, b in zip(above, below, strict=True)
    ]
    value, low, high = BitErrorTable({20.0: batches}).ratio("a", "b", 20.0)
    left_out = (above.sum() - above) / (below.sum() - below)
    half = 3.182 * np.sqrt(3 / 4 * np.sum((left_out - left_out.mean()) ** 2))
    assert value == pytest.approx(162 / 160)
    assert (value - low, high - value) == pytest.approx((half, half), rel=1e-3)


def test_no_errors_to_divide_by_decide_nothing():
    none = [{"vectors": 10, "errors": {"a": 3, "b": 0}, "squares": {}}] * 3
    assert math.isnan(BitErrorTable({20.0: none}).ratio("a", "b", 20.0)[0])
    assert math.isnan(BitErrorTable({20.0: none}).ratio("a", "c", 20.0)[0])
    claim = kaq_claims.times(
        BitErrorTable({20.0: none}), kaq_schemes.ADMM_5, kaq_schemes.ADMM_5_FLOAT, 20.0, 1.05
    )
    assert claim.holds is None
