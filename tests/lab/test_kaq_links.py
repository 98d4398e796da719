# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-links`, made short; its links against numpy's, and its claim."""

import json

import absent_packages
import batches_alike
import numpy as np
import pytest
from fewbit_lab import kaq_link, kaq_links_figure, kaq_plots
from fewbit_lab.command import main
from fewbit_lab.kaq_curves import BitErrorTable
from fewbit_lab.kaq_links_figure import INT8, PLACES, Effort, not_below_lmmse


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.key)
def test_a_link_has_its_antennas_symbols_correlation_and_the_snr_it_says(place):
    link = place.link
    drawn = kaq_link.draw(3000, 10.0, seed=11, link=link)
    assert drawn.h.shape == (3000, link.antennas, link.users)
    assert drawn.bits.shape == (3000, link.users, link.bits_per_symbol)
    # Gray, 3GPP, from an axis' last bit outwards: s, s (2 - s'), s (4 - s' (2 - s'')).
    half = link.bits_per_symbol // 2
    axes = 0.0
    for number in reversed(range(half)):
        signs = 1.0 - 2.0 * drawn.bits[..., 2 * number : 2 * number + 2]
        reach = 2.0 ** (half - 1 - number)
        axes = signs * (1.0 if number == half - 1 else reach - axes)
    x = (axes[..., 0] + 1j * axes[..., 1]) / np.sqrt(2 * (4**half - 1) / 3)
    through = np.einsum("nij,nj->ni", drawn.h, x)
    noise = drawn.y - through
    assert np.mean(np.abs(noise) ** 2) == pytest.approx(0.1, rel=0.03)
    # Correlated entries of H leave fewer independent ones: .9 at both ends, about three a channel.
    assert np.mean(np.abs(through) ** 2) == pytest.approx(1.0, rel=0.1)
    rows = np.mean(drawn.h[:, 1:] * drawn.h[:, :-1].conj()).real * link.users
    columns = np.mean(drawn.h[..., 1:] * drawn.h[..., :-1].conj()).real * link.users
    assert (rows, columns) == pytest.approx((link.correlation,) * 2, abs=0.06)


def table_of(ratios):
    """So many times LMMSE's errors at each SNR."""
    errors = {snr: {"LMMSE": 10_000, INT8: round(10_000 * x)} for snr, x in ratios.items()}
    return batches_alike.table_of(errors, vectors=5000)


@pytest.mark.parametrize(
    ("ratios", "holds"),
    [({0.0: 0.99, 5.0: 0.5}, True), ({0.0: 0.5, 5.0: 1.01}, False), ({0.0: 1.0}, True)],
)
def test_one_snr_with_more_errors_than_lmmse_refutes_the_claim(ratios, holds):
    claim = not_below_lmmse(PLACES[0], table_of(ratios), INT8)
    assert claim.holds is holds
    assert claim.value == pytest.approx(max(ratios.values()))


def test_the_claim_leaves_out_where_lmmse_makes_no_error_and_is_undecided_without_any():
    none = [{"vectors": 10, "errors": {"LMMSE": 0, INT8: 3}, "squares": {}}] * 3
    some = [{"vectors": 10, "errors": {"LMMSE": 9, INT8: 3}, "squares": {}}] * 3
    assert not_below_lmmse(PLACES[0], BitErrorTable({9.0: none, 1.0: some}), INT8).holds is True
    assert not_below_lmmse(PLACES[0], BitErrorTable({9.0: none}), INT8).holds is None


def test_the_figure_has_every_link_with_its_network_and_its_rivals(tmp_path, monkeypatch):
    monkeypatch.setattr(kaq_links_figure, "QUICK", Effort(64, least=2, most=2, errors=1))
    assert main(["reproduce", "kaq-links", "--quick", "--output", str(tmp_path)]) in (0, 1)
    assert (tmp_path / "kaq-links.png").stat().st_size > 10_000
    found = json.loads((tmp_path / "kaq-links.json").read_text())
    for place in PLACES:
        names = {s["name"] for s in found["series"] if s["y_label"] == place.label}
        assert {"LMMSE", "V-BLAST", "K-Best 16", "EP, 10 iterations", INT8} <= names
    rows = [row for row in found["rows"] if row["link"] == "16 users, 32 antennas"]
    assert all(row["vectors"] == [128] * 5 for row in rows)
    assert len(found["claims"]) == 2 * len(PLACES)


def test_a_tick_stands_at_every_snr_that_is_measured_and_what_is_missing_is_said_once(
    tmp_path, monkeypatch, capsys
):
    absent_packages.hide(monkeypatch, "safetensors", "torch")
    monkeypatch.setattr(kaq_links_figure, "QUICK", Effort(16, least=2, most=2, errors=1))
    kept = []
    monkeypatch.setattr(kaq_plots, "save", lambda figure, path: kept.append(figure))
    assert main(["reproduce", "kaq-links", "--quick", "--output", str(tmp_path)]) in (0, 1)
    (sentence,) = (x for x in capsys.readouterr().err.splitlines() if "left out" in x)
    assert "as safetensors cannot be imported: ADMM-10, float; run `make trainer" in sentence
    (figure,) = kept
    figure.tight_layout()
    for axes, place in zip(figure.axes, PLACES, strict=False):
        low, high = axes.get_xlim()
        ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
        assert ticks == list(place.snr_db)
