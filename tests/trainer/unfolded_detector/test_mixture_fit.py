# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fitted LLRs tell more, say how often they are wrong, and change nothing else."""

import dataclasses
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from fewbit_trainer.unfolded_detector import bundle_file, detection, mixture_fit  # noqa: E402
from fewbit_trainer.unfolded_detector.channels import draw  # noqa: E402
from fewbit_trainer.unfolded_detector.detection import detect  # noqa: E402
from fewbit_trainer.unfolded_detector.measuring import channel_figures  # noqa: E402
from fewbit_trainer.unfolded_detector.mixture import FIRST, FORESEEN  # noqa: E402
from fewbit_trainer.unfolded_detector.mixture_fit import fit_mixture  # noqa: E402
from fewbit_trainer.unfolded_detector.symbols import level_bits  # noqa: E402

MODELS = Path(__file__).parents[3] / "models"
SNR_DB = 17.5


def shipped(**schedule):
    """The flagship without its mixture, at one SNR, to be fitted in two seconds."""
    model = bundle_file.load(MODELS / "kaq_admm10.safetensors")
    model.mixture = None
    settings = {"llr_iterations": 25, "llr_channels": 1024} | schedule
    model.config = dataclasses.replace(
        model.config,
        link=dataclasses.replace(model.config.link, snr_db=(SNR_DB, SNR_DB)),
        schedule=dataclasses.replace(model.config.schedule, **settings),
    )
    return model


@pytest.fixture(scope="module")
def fitted():
    model = shipped()
    fit_mixture(model)
    return model


def received(model):
    """Vectors that the fit did not see."""
    snr = torch.full((1024,), SNR_DB)
    return draw(model.config.link, snr, 4, torch.Generator().manual_seed(7))


def test_llrs_tell_more_than_by_variance_and_doubt(fitted):
    """Measured 1.0 bits of 64; a standard error of the difference is .06."""
    plain, vectors = shipped(), received(fitted)
    wrong, told = channel_figures(fitted, vectors)
    wrong_before, told_before = channel_figures(plain, vectors)
    assert float((told - told_before).mean()) > 0.7
    # LLRs alone change: decisions are the output's.
    assert torch.equal(wrong, wrong_before)


def test_llrs_are_wrong_as_often_as_they_say(fitted):
    """In bins of one unit with at least 100 errors, within a factor of 2."""
    vectors = received(fitted)
    found = detect(fitted, vectors.channel, vectors.y, vectors.snr_db)
    wrong = (found.llrs > 0) != level_bits(4)[vectors.levels].bool()
    size = found.llrs.abs()
    bins = 0
    for low in range(12):
        some = (size >= low) & (size < low + 1)
        if int(wrong[some].sum()) >= 100:
            bins += 1
            ratio = wrong[some].double().mean() / torch.sigmoid(-size[some]).double().mean()
            assert 0.5 < float(ratio) < 2.0
    assert bins >= 5


def test_the_same_seed_gives_the_same_tables_and_another_others(fitted):
    again, other = shipped(), shipped()
    other.config = dataclasses.replace(other.config, seed=other.config.seed + 1)
    fit_mixture(again)
    fit_mixture(other)
    for name, table in fitted.mixture.tables.items():
        assert torch.equal(table, again.mixture.tables[name])
        assert not table.requires_grad
    assert not torch.equal(
        fitted.mixture.tables["spread"], other.mixture.tables["spread"]
    )


def test_it_is_fitted_to_as_many_deployed_outputs_as_are_asked_for(monkeypatch):
    """Four vectors over each channel, in the arithmetic of the bundle."""
    drawn = []

    def deployed_output(model, channel, y, snr_db, arithmetic=None):
        drawn.append((len(channel), y.shape[1], arithmetic))
        return detection.deployed_output(model, channel, y, snr_db, arithmetic)

    monkeypatch.setattr(mixture_fit, "deployed_output", deployed_output)
    monkeypatch.setattr(mixture_fit, "_tells_more", lambda model, mixture: True)
    fit_mixture(shipped(llr_iterations=1, llr_channels=700))
    assert sum(channels for channels, _, _ in drawn) == 700
    assert {(vectors, arithmetic) for _, vectors, arithmetic in drawn} == {(4, None)}


def test_a_fit_to_a_few_vectors_that_tells_less_is_left():
    """At 5 dB, where a mixture has nothing to gain: what fits 16 vectors fits no others."""
    model = shipped(llr_iterations=60, llr_channels=4)
    link = dataclasses.replace(model.config.link, snr_db=(5.0, 5.0))
    model.config = dataclasses.replace(model.config, link=link)
    fit_mixture(model)
    assert model.mixture is None


def test_knots_span_the_snrs_of_training():
    model = shipped(llr_iterations=5, llr_channels=1024)
    link = dataclasses.replace(model.config.link, snr_points_db=(10.0, 16.0, 20.0))
    model.config = dataclasses.replace(model.config, link=link)
    fit_mixture(model)
    assert model.mixture.snr_db.tolist() == [10.0, 12.5, 15.0, 17.5, 20.0]


def test_the_share_of_failures_unseen_is_what_is_found():
    """At 20 dB, where a vector in a hundred fails: cells that many vectors are in have left where
    they began, those that none is in have not."""
    model = shipped(llr_iterations=15, llr_channels=2048)
    link = dataclasses.replace(model.config.link, snr_db=(20.0, 20.0))
    model.config = dataclasses.replace(model.config, link=link)
    fit_mixture(model)
    moved = (model.mixture.tables["failure_unseen"][0] - FIRST["failure_unseen"]).abs()
    places = dict(zip(FORESEEN, moved.tolist(), strict=True))
    assert places[-5.5] > 0.5
    assert places[-1.25] < 0.01


def test_nothing_is_fitted_where_nothing_is_asked_for():
    for schedule in ({"llr_iterations": 0}, {"loss": "mean_square"}):
        model = shipped(**schedule)
        fit_mixture(model)
        assert model.mixture is None
