# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fitted LLRs tell more, say how often they are wrong, and change nothing else."""

import dataclasses
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from fewbit_trainer.unfolded_detector import bundle_file  # noqa: E402
from fewbit_trainer.unfolded_detector.channels import draw  # noqa: E402
from fewbit_trainer.unfolded_detector.detection import detect  # noqa: E402
from fewbit_trainer.unfolded_detector.measuring import channel_figures  # noqa: E402
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


def test_the_same_seed_gives_the_same_tables(fitted):
    again = shipped()
    fit_mixture(again)
    for name, table in fitted.mixture.tables.items():
        assert torch.equal(table, again.mixture.tables[name])


def test_nothing_is_fitted_where_nothing_is_asked_for():
    for schedule in ({"llr_iterations": 0}, {"loss": "mean_square"}):
        model = shipped(**schedule)
        fit_mixture(model)
        assert model.mixture is None
