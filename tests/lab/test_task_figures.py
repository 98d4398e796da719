# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task-based figures, made short, against formulas that are worked out here."""

import json
import math
import shutil
import sys

import numpy as np
import pytest
from fewbit_lab import (
    task_designs,
    task_detection_figures,
    task_estimation_figure,
    task_link,
    task_models,
    task_receivers,
)
from fewbit_lab.command import main

pytest.importorskip("safetensors")  # designs are written as bundles

from fewbit_trainer.task_quantizer.designs import design


def read(folder, name):
    assert (folder / f"{name}.png").stat().st_size > 10_000
    return json.loads((folder / f"{name}.json").read_text())


def verdicts(found):
    return {claim["text"]: claim["holds"] for claim in found["claims"]}


def series(found, name):
    return next(s for s in found["series"] if s["name"] == name)


# -- channel estimation --------------------------------------------------------------------------


def nothing_installed(monkeypatch, tmp_path):
    """Shipped models would be found before those of a test."""
    monkeypatch.setattr(task_models, "models_path", lambda: tmp_path / "none")


@pytest.fixture(scope="module")
def designs(tmp_path_factory):
    """A folder that keeps what the first test has designed."""
    return tmp_path_factory.mktemp("designs")


@pytest.fixture
def short_estimation(monkeypatch, tmp_path, designs):
    figure = task_estimation_figure
    nothing_installed(monkeypatch, tmp_path)
    shutil.copytree(designs, tmp_path / "models")
    monkeypatch.setattr(figure, "LEVELS", (2, 8, 16))
    monkeypatch.setattr(figure, "MIXED_RATES", (0.5,))
    monkeypatch.setattr(figure, "PHASE_BITS", (3,))
    monkeypatch.setattr(figure, "VECTORS_QUICK", 256)
    monkeypatch.setattr(figure, "BLMMSE_BATCHES_QUICK", 4)
    monkeypatch.setattr(figure, "MISTAKEN_DRAWS_QUICK", 2)
    yield
    for made in (tmp_path / "models").glob("designs-*"):
        shutil.copytree(made, designs / made.name, dirs_exist_ok=True)


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
    assert refuted and all(text.startswith("learned, from the closed form: ") for text in refuted)
    assert any("within 3% of the Lloyd-Max target" in text for text in refuted)


def test_a_quick_run_leaves_out_what_is_not_trained_and_says_so(tmp_path, short_estimation, capsys):
    assert estimate(tmp_path) == 0
    assert "a quick run trains nothing; no model task_estimation_m2, " in capsys.readouterr().err
    found = read(tmp_path, "tbq-estimation")
    assert not any(s["name"].startswith("learned") for s in found["series"])
    unknown = [text for text, holds in verdicts(found).items() if holds is None]
    assert any(text.startswith("learned, from random weights: within 3%") for text in unknown)


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
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["reproduce", "tbq-estimation", "--output", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "task_estimation_m2" in error and "PyTorch" in error and "Traceback" not in error


def test_a_ratio_of_errors_on_the_same_realisations_has_a_jackknife_interval():
    """Tukey's, with one batch left out in turn; Student's t of 3 degrees of freedom is 3.182."""
    above, below = np.array([3.0, 5.0, 4.0, 4.2]), np.array([2.9, 5.1, 4.1, 3.9])
    batches = [{"mse": pair, "linear_mse": 1.0} for pair in zip(above, below, strict=True)]
    table = task_estimation_figure.SquaredErrorTable(["a", "b"], batches)
    value, low, high = table.ratio("a", "b")
    left_out = (above.sum() - above) / (below.sum() - below)
    half = 3.182 * np.sqrt(3 / 4 * np.sum((left_out - left_out.mean()) ** 2))
    assert value == pytest.approx(16.2 / 16.0)
    assert (value - low, high - value) == pytest.approx((half, half), rel=1e-3)


# -- symbol detection ----------------------------------------------------------------------------

SNR_DB = (10.0, 12.0)


@pytest.fixture
def short_detection(monkeypatch, tmp_path):
    monkeypatch.setattr(task_detection_figures, "SNR_DB", SNR_DB)
    monkeypatch.setattr(task_detection_figures, "RATES", (1.0, 2.5))
    nothing_installed(monkeypatch, tmp_path)
    (tmp_path / "models").mkdir()


def detect(figure, folder, *more):
    return main(["reproduce", figure, "--quick", "--output", str(folder), *more])


def one_bit_map_error_rate(snr_db):
    """Every antenna's sign alone: the error rate summed over all 4096 cells."""
    channel = np.exp(-np.abs(np.arange(12)[:, None] - np.arange(4)))
    bits = (np.arange(16)[:, None] >> np.arange(4)) & 1
    means = (1 - 2 * bits) @ channel.T
    standard = means * 10 ** (snr_db / 20)
    positive = 0.5 + 0.5 * np.vectorize(math.erf)(standard / 2**0.5)
    cells = (np.arange(4096)[:, None] >> np.arange(12)) & 1
    likelihood = np.exp(cells @ np.log(positive).T + (1 - cells) @ np.log1p(-positive).T)
    decided = bits[np.argmax(likelihood, axis=1)]
    wrong = (decided[:, None, :] != bits[None]).sum(axis=2)
    return float((likelihood * wrong).sum() / 16 / 4)


def test_detection_rates_are_those_of_formulas(tmp_path, short_detection):
    assert detect("tbq-detection-r1", tmp_path) in (0, 1)
    found = read(tmp_path, "tbq-detection-r1")
    measured = series(found, "quantized MAP")
    assert measured["x"] == list(SNR_DB)
    for snr, y, lo, hi in zip(*(measured[k] for k in ("x", "y", "lo", "hi")), strict=True):
        assert lo < y < hi
        assert abs(one_bit_map_error_rate(snr) - y) < 2.5 * (hi - lo) / 2
    exact, simulated = (
        series(found, f"rotation and lookup{what}") for what in (", exact formula", "")
    )
    assert exact["source"] == "theory"
    for y, lo, hi in zip(exact["y"], simulated["lo"], simulated["hi"], strict=True):
        assert abs(y - (lo + hi) / 2) < 2.5 * (hi - lo) / 2
    best = series(found, "MAP, no quantization")["y"]
    assert all(a < b for a, b in zip(best, exact["y"], strict=True))
    names = {s["name"] for s in found["series"]}
    assert {"MAP, CSI error", "rotation and lookup, 200 pilots", "the paper's learned"} <= names
    assert not any(name.startswith("learned") for name in names)  # no model, no reference marks


def test_a_model_is_measured_where_it_is_and_a_poor_one_is_refuted(tmp_path, short_detection):
    models = tmp_path / "models"
    for snr in SNR_DB:
        good = {"method": "rotation_lookup", "levels": 8, "snr_db": snr, "starts": 2}
        design(good).write(models / "good.safetensors")
        for variant in ("", *(f"_csi{n}" for n in range(3))):
            name = f"task_detection_r1_{snr:g}db{variant}.safetensors"
            shutil.copy(models / "good.safetensors", models / name)
        design({"method": "quantized_map", "levels": 2, "snr_db": snr}).write(
            models / f"task_detection_r1_{snr:g}db_uniform.safetensors"
        )
        design({"method": "quantized_map", "levels": 4, "snr_db": snr}).write(
            models / f"task_detection_r1_{snr:g}db_passing.safetensors"
        )
    assert detect("tbq-uniform", tmp_path) == 1
    found = verdicts(read(tmp_path, "tbq-uniform"))
    assert found[next(text for text in found if text.startswith("learned errs less"))] is True
    refuted = [text for text, holds in found.items() if holds is False]
    assert len(refuted) == 1 and refuted[0].startswith("learned, uniform thresholds errs less")
    detect("tbq-detection-r1", tmp_path)
    found = read(tmp_path, "tbq-detection-r1")
    claims = verdicts(found)
    reached = next(text for text in claims if text.startswith("learned: 1e-3 at 11.3 dB"))
    assert claims[reached] is True
    gain = next(text for text in claims if "2.9 times" in text)
    assert claims[gain] is True
    row = next(r for r in found["rows"] if r["name"] == "learned, CSI uncertain")
    assert [len(draws) for draws in row["draws"]] == [3, 3]


def test_rates_take_the_levels_that_they_allow(tmp_path, short_detection):
    assert detect("tbq-rate-12db", tmp_path) == 0
    found = read(tmp_path, "tbq-rate-12db")
    curve = series(found, "quantized MAP")
    assert curve["x"] == [1.0, 2.5] and curve["y"][1] < curve["y"][0] / 5
    lookup, best = series(found, "rotation and lookup"), series(found, "MAP, no quantization")
    assert lookup["lo"][1] < best["hi"][1]
    finer = series(found, "quantized MAP, best support")
    assert finer["hi"][1] < curve["lo"][1]


def test_detection_goes_on_to_the_same_numbers(tmp_path, short_detection):
    assert detect("tbq-rate-12db", tmp_path, "--keep") == 0
    first = read(tmp_path, "tbq-rate-12db")["series"]
    kept = tmp_path / ".unfinished" / "tbq-rate-12db-quick.jsonl"
    lines = kept.read_text().splitlines(keepends=True)
    kept.write_text("".join(lines[:4]))
    assert detect("tbq-rate-12db", tmp_path, "--keep") == 0
    assert read(tmp_path, "tbq-rate-12db")["series"] == first


@pytest.mark.parametrize("kind", ["map-csi", "map-frames", "qmap-csi:levels=2", "frames:levels=3"])
def test_a_drawn_receiver_differs_from_draw_to_draw_and_repeats_with_its_seed(kind):
    def decided(seed):
        receiver = task_receivers.make(kind, 6.0, {}, np.random.default_rng(seed))
        return receiver.classes(task_link.detection_draw(2000, 6.0, 1)[0])

    assert np.array_equal(decided(1), decided(1))
    assert not np.array_equal(decided(1), decided(2))


def exact_map_error_rate(levels, support, snr_db):
    """Every bit's error rate behind uniform ADCs at the antennas, summed over all cells; the class
    probabilities of the cells of six antennas by those of the other six."""
    channel = np.exp(-np.abs(np.arange(12)[:, None] - np.arange(4)))
    bits = (np.arange(16)[:, None] >> np.arange(4)) & 1
    edges = np.concatenate([[-np.inf], support * (2 * np.arange(1, levels) / levels - 1), [np.inf]])
    standard = (edges[:, None, None] - (1 - 2 * bits) @ channel.T) * 10 ** (snr_db / 20)
    cells = np.diff(0.5 + 0.5 * np.vectorize(math.erf)(standard / 2**0.5), axis=0)
    halves = []
    for antennas in (range(6), range(6, 12)):
        joint = np.ones((1, 16))
        for a in antennas:
            joint = (joint[:, None, :] * cells[:, :, a]).reshape(-1, 16)
        halves.append(joint)
    total = 0.0
    for bit in bits.T.astype(bool):
        one, zero = (halves[0][:, side] @ halves[1][:, side].T for side in (bit, ~bit))
        total += np.minimum(one, zero).sum()
    return total / 16 / 4


def test_the_best_support_of_a_quantized_map_errs_least():
    _, support = task_receivers.best_quantized_map(3, 10.0)
    rates = {a: exact_map_error_rate(3, a, 10.0) for a in task_receivers.SUPPORTS}
    assert rates[support] <= 1.02 * min(rates.values())
    assert rates[support] < rates[2.0] / 3  # the paper's overload nothing, and say little
    receiver = task_receivers.make("qmap-best:levels=3", 10.0, {}, np.random.default_rng(1))
    x, sent = task_link.detection_draw(200_000, 10.0, 3)
    wrong = task_link.wrong_bits(receiver.classes(x), sent)
    error = wrong.std() / 4 / np.sqrt(len(x))
    assert wrong.mean() / 4 == pytest.approx(rates[support], abs=4 * error)


def test_finer_adcs_keep_the_supports_of_coarse_ones():
    coarse = design({"method": "rotation_lookup", "levels": [8, 4, 8, 4], "starts": 1})
    same = task_designs._with_levels(coarse, [8, 4, 8, 4]).chain
    for one, other in zip(same.thresholds, coarse.chain.thresholds, strict=True):
        assert one == pytest.approx(other, rel=1e-5)
    assert same.digital.log_likelihood == pytest.approx(coarse.chain.digital.log_likelihood, 1e-3)
    fine = task_designs._with_levels(coarse, [16, 8, 16, 8]).chain
    for one, other in zip(fine.thresholds, coarse.chain.thresholds, strict=True):
        assert one[1::2] == pytest.approx(other, rel=1e-5)  # between them, as many more


def test_map_decides_for_the_nearest_point():
    x, _ = task_link.detection_draw(2000, 8.0, 2)
    channel = np.exp(-np.abs(np.arange(12)[:, None] - np.arange(4)))
    bits = (np.arange(16)[:, None] >> np.arange(4)) & 1
    distance = ((x[:, None, :] - (1 - 2 * bits) @ channel.T) ** 2).sum(axis=2)
    receiver = task_receivers.make("map", 8.0, {}, np.random.default_rng(1))
    assert np.array_equal(receiver.classes(x), np.argmin(distance, axis=1))


def test_an_unsound_model_is_named_before_anything_is_measured(tmp_path, short_detection, capsys):
    (tmp_path / "models" / "task_detection_r1_10db.safetensors").write_bytes(b"no model")
    assert detect("tbq-uniform", tmp_path) == 2
    assert "task_detection_r1_10db" in capsys.readouterr().err
