# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-ber`: runs that go on until a claim is decided, and SNRs near a bar."""

import json

import numpy as np
import pytest
from fewbit_lab import kaq_figures, kaq_link, kaq_longer, kaq_schemes
from fewbit_lab.command import main
from fewbit_lab.kaq_curves import BitErrorTable
from fewbit_lab.kaq_link import Effort, Parts
from fewbit_lab.kaq_longer import LOOKS, Question, rule

KBEST, ADMM, FLOAT = kaq_schemes.KBEST_16, kaq_schemes.ADMM_5, kaq_schemes.ADMM_5_FLOAT
BAR = Question("bar", KBEST, 20.0, 1.2e-4)
VECTORS = 8192


def batches_of(rate, count, seed=1):
    """Batches of independent bits that err at a rate."""
    errors = np.random.default_rng(seed).binomial(64 * VECTORS, rate, count)
    return [
        {"vectors": VECTORS, "errors": {KBEST.name: int(e)}, "squares": {KBEST.name: int(e)}}
        for e in errors
    ]


@pytest.mark.parametrize(("rate", "looks"), [(6e-5, 1), (2.4e-4, 1), (1.165e-4, 2)])
def test_a_run_ends_at_the_first_look_that_decides(rate, looks):
    """64 batches have 4,000 errors at the bar: 99 % are 4 % to each side, in 192 they are 2.3 %."""
    batches = batches_of(rate, LOOKS[-1])
    assert rule(BAR).needed(batches) == LOOKS[looks - 1]
    assert rule(BAR).needed(batches[: LOOKS[0] - 1]) is None


def test_a_run_at_its_very_bar_ends_at_the_last_look():
    batches = batches_of(1.2e-4, LOOKS[-1], seed=4)
    assert rule(BAR).needed(batches) == LOOKS[-1] == rule(BAR).most
    assert rule(BAR).needed(batches[:-1]) is None


def test_at_the_bar_few_runs_are_decided_by_luck():
    """Of 200 runs at the bar each look errs in one of a hundred: 8 are expected to stop early, and
    more than 17 come in one of a thousand."""
    early = sum(rule(BAR).needed(batches_of(1.2e-4, LOOKS[-1], seed)) < LOOKS[-1]
                for seed in range(200))  # fmt: skip
    assert early <= 17


def test_a_ratio_is_decided_on_the_same_vectors():
    question = Question("ratio", ADMM, 25.0, 1.05, of=FLOAT)
    base = np.random.default_rng(2).poisson(200, LOOKS[0])
    errors = [{ADMM.name: int(1.02 * b), FLOAT.name: int(b)} for b in base]
    batches = [{"vectors": VECTORS, "errors": e, "squares": e} for e in errors]
    assert question.names == (ADMM.name, FLOAT.name)
    assert question.decided(batches)
    none = [{"vectors": 1, "errors": {ADMM.name: 0, FLOAT.name: 0}, "squares": {}}] * 3
    assert not question.decided(none)


def test_a_table_takes_batches_of_some_detectors_for_those_alone():
    main_batch = {"vectors": 10, "errors": {"a": 64, "b": 32}, "squares": {"a": 64, "b": 32}}
    longer = {"vectors": 30, "errors": {"a": 0}, "squares": {"a": 0}}
    table = BitErrorTable({20.0: [main_batch, longer]})
    assert table.vectors("a", 20.0) == 40 and table.vectors("b", 20.0) == 10
    assert table.rate("a", 20.0)[0] == pytest.approx(64 / (40 * 64))
    assert table.ratio("a", "b", 20.0)[0] == 2.0


def test_parts_are_measured_by_their_name():
    parts = Parts(lambda point, seed: {"main": seed}, {"near": lambda point, seed: {"near": seed}})
    assert parts({"snr_db": 20.0}, 3) == {"main": 3}
    assert parts({"snr_db": 20.0, "part": "near"}, 4) == {"near": 4}


def test_a_full_run_has_more_snrs_near_the_bar_and_more_vectors_where_it_was_open(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(kaq_figures, "FULL", Effort(64, least=1, most=1, errors=1))
    monkeypatch.setattr(kaq_figures, "NEAR_EFFORT", Effort(64, least=1, most=1, errors=1))
    monkeypatch.setattr(kaq_longer, "LOOKS", (1, 2))
    monkeypatch.setattr(kaq_link, "draw", drawn_once(kaq_link.draw))
    assert main(["reproduce", "kaq-ber", "--output", str(tmp_path)]) in (0, 1)
    found = json.loads((tmp_path / "kaq-ber.json").read_text())
    rows = {row["name"]: row for row in found["rows"] if "vectors" in row}
    kbest = dict(zip(rows[KBEST.name]["snr_db"], rows[KBEST.name]["vectors"], strict=True))
    assert set(kaq_figures.NEAR_SNR_DB) < kbest.keys()
    assert kbest[20.0] in (128, 192) and kbest[19.0] == kbest[15.0] == 64
    assert rows["LMMSE"]["snr_db"] == [0, 5, 10, 15, 20, 25]
    (bar,) = [r for r in found["rows"] if r["name"] == KBEST.name and "reaches" in r]
    assert bar["reaches"] == 1.2e-4 and len(bar["at_db"]) == 3


def drawn_once(draw):
    """Channels are the slow part, and their values no matter here."""
    known = {}

    def drawn(vectors, snr_db, seed, link):
        if snr_db not in known:
            known[snr_db] = draw(vectors, snr_db, 1, link)
        return known[snr_db]

    return drawn
