# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-latency`: how it takes times and judges them. No test asserts a time."""

import functools
import json
import math
import random

import absent_packages
import pytest
from fewbit_lab import kaq_latency_figure, kaq_latency_plot, kaq_latency_times
from fewbit_lab.command import main
from fewbit_lab.confidence import median_interval
from fewbit_lab.kaq_latency_figure import ADMM_5, ADMM_10, FAMILIES, FLOAT, PTQ, QAT, VARIANTS
from fewbit_lab.kaq_latency_times import MODES, Times, TimeTable, median_times
from fewbit_lab.results import Result
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
    claims = {c.text.partition(" (")[0]: c for c in kaq_latency_figure.all_claims(table)}
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


class Placed:
    """A detector whose time hangs on where it lies: drawn when it is made, within a tenth."""

    def __init__(self, clock, drawn):
        self._clock, self._seconds = clock, drawn.uniform(0.95, 1.05) * 1e-4

    def prepare(self, h, noise_variance):
        pass

    def labels(self, y, block_len):
        self._clock.now += self._seconds


def test_where_arrays_lie_is_part_of_the_spread(monkeypatch):
    """Two networks alike. Made once for all batches they would be apart by what was drawn then,
    without any spread, and by 5 % in a quarter of all runs; made anew in every batch, all 8 are 5 %
    apart on one side in one run of ten million."""
    clock, drawn = Clock(), random.Random(1)
    timed = functools.partial(median_times, clock=clock)
    monkeypatch.setattr(kaq_latency_times, "median_times", timed)
    monkeypatch.setattr(
        kaq_latency_times.algorithms, "make_detector", lambda *_: Placed(clock, drawn)
    )
    candidates = {name(ADMM_5, variant): f"unfolded:{variant}" for variant in (PTQ, QAT)}
    spread = set()
    for run in range(200):
        task, mode = Times(1, candidates), MODES[2]
        batches = [task({"mode": mode.key}, 8 * run + batch) for batch in range(8)]
        low, high = TimeTable({mode.key: batches}).ratio(mode.key, *reversed(candidates))[1:]
        assert low < 1.05 and high > 0.95
        spread.add(round(high - low, 9))
    assert len(spread) == 200 and min(spread) > 0.0


def drawn_axes(times, monkeypatch, tmp_path):
    """What the picture of such times is made of, by numpy's order of its panels."""
    kept = []
    monkeypatch.setattr(kaq_latency_plot, "save", lambda figure, path: kept.append(figure))
    table = table_of(times)
    result = Result("kaq-latency")
    for mode in MODES:
        result.series += kaq_latency_figure._series(table, mode)
    kaq_latency_plot.latency(result, tmp_path / "picture.png")
    kept[0].tight_layout()
    kept[0].canvas.draw()
    return kept[0].axes


def test_numbers_of_bars_that_are_alike_do_not_meet(monkeypatch, tmp_path):
    times = {name(f, v): f.layers * 2.2e-8 for f in FAMILIES for v in VARIANTS}
    axes = drawn_axes(times, monkeypatch, tmp_path)
    assert len(axes) == 6
    for panel in axes:
        boxes = [text.get_window_extent() for text in panel.texts]
        assert len(boxes) > 15
        assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
        legend = panel.get_legend()
        if legend is not None:
            assert not any(legend.get_window_extent().overlaps(box) for box in boxes)


def test_no_panel_and_no_group_is_empty(monkeypatch, tmp_path):
    times = {name(ADMM_5, PTQ): 5e-8, name(ADMM_5, QAT): 5e-8, name(ADMM_10, PTQ): 9e-8}
    axes = drawn_axes(times, monkeypatch, tmp_path)
    assert len(axes) == len(MODES)  # nothing to set beside float32
    for panel in axes:
        names = [tick.get_text() for tick in panel.get_xticklabels()]
        assert names == ["ADMM-5\n5 layers", "ADMM-10\n10 layers", "ADMM-Net\nper layer"]
        assert len(panel.patches) == 4


def test_what_lacks_a_package_is_left_out_and_said_once(tmp_path, monkeypatch, capsys):
    absent_packages.hide(monkeypatch, "safetensors", "torch")
    monkeypatch.setattr(kaq_latency_figure, "ROUNDS_QUICK", 1)
    monkeypatch.setattr(kaq_latency_figure, "BATCHES_QUICK", 6)
    monkeypatch.setattr(kaq_latency_times, "WINDOW_S", 1e-5)
    assert main(["reproduce", "kaq-latency", "--quick", "--output", str(tmp_path)]) in (0, 1)
    said = capsys.readouterr()
    (sentence,) = (line for line in said.err.splitlines() if "left out" in line)
    assert "as safetensors and torch cannot be imported: ADMM-5, float32; ADMM-5, torch" in sentence
    assert sentence.endswith("; run `make trainer-packages` in the source tree")
    assert "nan" not in said.out and said.out.count("(not measured)") == 18
    found = json.loads((tmp_path / "kaq-latency.json").read_text())
    assert "torch" not in found["versions"] and len(found["claims"]) == 24
    labels = {s["y_label"].partition(";")[0] for s in found["series"]}
    assert labels == {"ns a vector"}


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
