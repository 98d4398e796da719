# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped detectors do what their cards state, on channels that neither saw."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from fewbit_trainer.unfolded_detector import bundle_file  # noqa: E402
from fewbit_trainer.unfolded_detector.channels import draw  # noqa: E402
from fewbit_trainer.unfolded_detector.measuring import channel_figures  # noqa: E402

MODELS = Path(__file__).parents[3] / "models"
#: Bit error rates in int8 at 15 and 20 dB that are to be kept.
MOST = {"kaq_admm5": (0.081, 0.015), "kaq_admm10": (0.075, 0.0075)}


@pytest.mark.parametrize("name", MOST)
@pytest.mark.parametrize("place", [0, 1])
def test_flagships_keep_their_bars_in_int8(name, place):
    """512 channels of 8 vectors; a standard error is 2 % (15 dB) to 11 % (20 dB)."""
    detector = bundle_file.load(MODELS / f"{name}.safetensors")
    snr = torch.full((512,), (15.0, 20.0)[place])
    received = draw(detector.config.link, snr, 8, torch.Generator().manual_seed(77))
    wrong, _ = channel_figures(detector, received)
    whole, _ = channel_figures(detector, received, "float32")
    assert float(wrong.mean()) < MOST[name][place]
    # The same vectors: int8 may cost 5 % of float's errors, and some chance.
    assert float(wrong.mean()) < 1.05 * float(whole.mean()) + 2e-4


def test_int8_keeps_up_with_float_where_the_noise_is_small():
    """Correlation .9 at 38 dB, 512 channels of 8 vectors. 8 bits for W y have several times float's
    errors here; the same vectors, so that chance is within a few per cent."""
    detector = bundle_file.load(MODELS / "kaq_admm10_corr9.safetensors")
    generator = torch.Generator().manual_seed(78)
    received = draw(detector.config.link, torch.full((512,), 38.0), 8, generator)
    wrong, _ = channel_figures(detector, received)
    whole, _ = channel_figures(detector, received, "float32")
    assert 1e-3 < float(whole.mean()) < 0.01
    assert float(wrong.mean()) < 1.1 * float(whole.mean())


def test_the_papers_network_is_no_better_than_the_paper_says():
    detector = bundle_file.load(MODELS / "kaq_pgd_paper.safetensors")
    snr = torch.full((2000,), 20.0)
    received = draw(detector.config.link, snr, 1, torch.Generator().manual_seed(77))
    wrong, _ = channel_figures(detector, received)
    assert float(wrong.mean()) == pytest.approx(0.195, abs=0.006)


@pytest.mark.parametrize("path", sorted(MODELS.glob("kaq_*.safetensors")), ids=lambda p: p.stem)
def test_every_shipped_detector_loads_and_has_a_card(path):
    detector = bundle_file.load(path)
    assert detector.config.link.users >= 1
    assert path.stat().st_size < 200_000
    cards = "".join(card.read_text() for card in MODELS.glob("kaq_*.md"))
    assert f"`{path.stem}`" in cards
