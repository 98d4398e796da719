# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-latency`: how it takes times and judges them. No test asserts a time."""

import json
import math

import pytest
from fewbit_lab import kaq_latency_figure, kaq_latency_times
from fewbit_lab.command import main
from fewbit_lab.confidence import median_interval
from fewbit_lab.kaq_latency_figure import ADMM_5, ADMM_10, FLOAT, PTQ, QAT
from fewbit_lab.kaq_latency_times import MODES, TimeTable, median_times
from scipy.stats import binom


class Clock:
    """A clock that calls move on."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def call(self, seconds):
        def run():
            self.now += seconds

        return run


def test_times_are_a_vectors_and_every_call_goes_once_before_it_is_timed():
    clock = Clock()
    calls = {"slow": clock.call(4e-4), "fast": clock.call(2e-6)}
    items = {"slow": 100, "fast": 50}
    assert median_times(calls, items, 7, seed=1, clock=clock) == pytest.approx(
        {"slow": 4e-6, "fast": 4e-8}
    )


def test_a_slow_spell_of_a_few_rounds_does_not_count():
    clock = Clock()
    lengths = iter([1e-3] * 2 + [1e-3] * 6 + [9.0] * 4 + [1e-3] * 99)

    def call():
        clock.now += next(lengths)

    found = median_times({"it": call}, {"it": 1}, 9, seed=1, clock=clock)
    assert found["it"] == pytest.approx(1e-3)


@pytest.mark.parametrize("n", [6, 8, 15, 30, 31])
def test_a_medians_limits_are_the_sign_tests(n):
    """Order statistics r and n + 1 - r hold the median with 1 - 2 P(Binomial(n, 1/2) < r)."""
    values = [float(7 * i % n) for i in range(n)]  # 0 .. n - 1 in disorder, n no multiple of 7
    value, low, high = median_interval(values)
    rank = int(low) + 1
    assert value == (n - 1) / 2 and high == n - rank
    assert 1 - 2 * binom.cdf(rank - 1, n, 0.5) >= 0.95 > 1 - 2 * binom.cdf(rank, n, 0.5)


def test_too_few_values_have_no_limits():
    assert median_interval([1.0] * 5) == (1.0, -math.inf, math.inf)
    assert all(map(math.isnan, median_interval([])))


def table_of(times, batches=8):
    """The same seconds of a vector in every mode and batch, by name."""
    return TimeTable({mode.key: [{"seconds": times}] * batches for mode in MODES})


def name(family, variant):
    return f"{family.name}, {variant}"


def test_whole_networks_and_their_layers_are_held_to_the_papers_fifth():
    table = table_of(
        {
            name(ADMM_5, FLOAT): 200.0, name(ADMM_5, PTQ): 170.0, name(ADMM_5, QAT): 180.0,
            name(ADMM_10, FLOAT): 300.0, name(ADMM_10, PTQ): 230.0,
        }
    )  # fmt: skip
    claims = {c.text.partition(" (95")[0]: c for c in kaq_latency_figure.all_claims(table)}
    verdicts = {
        text: claim.holds for text, claim in claims.items() if text.endswith(MODES[0].title)
    }
    fifth = "a fifth less time than float32, as the paper's; " + MODES[0].title
    assert verdicts[f"ADMM-5 in int8: {fifth}"] is False  # .85
    assert verdicts[f"ADMM-10 in int8: {fifth}"] is True  # .77
    assert verdicts[f"a layer of ADMM-Net in int8: {fifth}"] is True  # 12 of 20
    assert verdicts[f"PGD-Net in int8: {fifth}"] is None  # not there
    alike = f"ADMM-5, int8, QAT: as long as quantised afterwards; {MODES[0].title}"
    assert verdicts[alike] is False  # 1.06


def test_the_figure_times_every_network_and_goes_on_where_it_was(tmp_path, monkeypatch):
    pytest.importorskip("safetensors")  # writes the networks in float
    monkeypatch.setattr(kaq_latency_figure, "ROUNDS_QUICK", 1)
    monkeypatch.setattr(kaq_latency_figure, "BATCHES_QUICK", 6)
    monkeypatch.setattr(kaq_latency_times, "WINDOW_S", 1e-5)
    arguments = ["reproduce", "kaq-latency", "--quick", "--keep", "--output", str(tmp_path)]
    assert main(arguments) in (0, 1)
    assert (tmp_path / "kaq-latency.png").stat().st_size > 10_000
    found = json.loads((tmp_path / "kaq-latency.json").read_text())
    rows = {row["name"]: row for row in found["rows"]}
    assert {"ADMM-5, float32", "ADMM-10, int8, PTQ", "PGD-Net, int8, KAQ"} < rows.keys()
    assert all(row[mode.key][0] > 0 for row in rows.values() for mode in MODES)
    assert len(found["claims"]) == 24 and found["versions"]["processor"]
    assert main(arguments) in (0, 1)  # all batches are there: the very same numbers
    assert json.loads((tmp_path / "kaq-latency.json").read_text())["rows"] == found["rows"]
