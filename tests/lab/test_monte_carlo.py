# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner: seeds, stop rules, workers, resuming."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fewbit_lab import monte_carlo
from fewbit_lab.errors import LabError
from fewbit_lab.monte_carlo import StopRule, Store, run, seed_of

POINTS = [{"snr": 10.0}, {"snr": 12.0}, {"snr": 14.0}]


def toss(coordinates, seed):
    """50 coins with a bias that depends on the point; at module level, so that workers find it."""
    coins = np.random.default_rng(seed).random(50)
    return {"packets": 50, "errors": int(np.sum(coins < 1.0 / coordinates["snr"])), "seed": seed}


class Interrupting:
    """A measurement that is interrupted after some batches."""

    def __init__(self, after):
        self.left = after

    def __call__(self, coordinates, seed):
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return toss(coordinates, seed)


RULE = StopRule(most=40, counter="errors", enough=20, least=2)


def test_seeds_differ_between_points_batches_and_roots():
    seeds = {
        seed_of(root, point, batch) for root in (1, 2) for point in POINTS for batch in range(50)
    }
    assert len(seeds) == 2 * 3 * 50
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_seeds_do_not_depend_on_the_order_of_coordinates():
    assert seed_of(1, {"a": 1, "b": 2}, 3) == seed_of(1, {"b": 2, "a": 1}, 3)


def test_stops_by_errors_and_by_packets():
    for batches, point in zip(run(POINTS, toss, RULE, seed=3), POINTS, strict=True):
        counts = np.cumsum([batch["errors"] for batch in batches])
        assert counts[-1] >= 20 or len(batches) == 40, point
        assert len(batches) == 2 or counts[-2] < 20
    assert [len(b) for b in run(POINTS, toss, StopRule(most=3), seed=3)] == [3, 3, 3]


def test_a_rule_may_differ_by_point():
    found = run(POINTS, toss, lambda point: StopRule(most=int(point["snr"])), seed=1)
    assert [len(batches) for batches in found] == [10, 12, 14]


@pytest.mark.parametrize("threads", [1, 3, 8])
def test_results_do_not_depend_on_who_ran_what(threads):
    alone = run(POINTS, toss, RULE, seed=5)
    with ThreadPoolExecutor(threads) as pool:
        assert run(POINTS, toss, RULE, seed=5, executor=pool, workers=threads) == alone


def test_results_do_not_depend_on_processes():
    with monte_carlo.executor_for(2) as (pool, workers):
        assert workers == 2
        points = POINTS[:1]
        assert run(points, toss, RULE, seed=5, executor=pool, workers=2) == run(
            points, toss, RULE, seed=5
        )


def test_an_interrupted_run_goes_on_where_it_was(tmp_path):
    store = Store(tmp_path / "run.jsonl", {"seed": 5})
    with pytest.raises(KeyboardInterrupt):
        run(POINTS, Interrupting(7), RULE, seed=5, store=store)
    whole = run(POINTS, toss, RULE, seed=5)
    left = Interrupting(sum(map(len, whole)) - 7)
    assert run(POINTS, left, RULE, seed=5, store=store) == whole
    assert left.left == 0
    assert run(POINTS, Interrupting(0), RULE, seed=5, store=store) == whole


def test_a_line_cut_short_is_measured_again(tmp_path):
    path = tmp_path / "run.jsonl"
    whole = run(POINTS, toss, RULE, seed=5, store=Store(path, {"seed": 5}))
    path.write_text(path.read_text()[:-20])
    counted = Interrupting(1)
    assert run(POINTS, counted, RULE, seed=5, store=Store(path, {"seed": 5})) == whole
    assert counted.left == 0
    for line in path.read_text().splitlines():
        json.loads(line)


def test_a_store_of_another_run_is_not_used(tmp_path):
    path = tmp_path / "run.jsonl"
    run(POINTS, toss, RULE, seed=5, store=Store(path, {"seed": 5}))
    other = run(POINTS, toss, RULE, seed=6, store=Store(path, {"seed": 6}))
    assert other == run(POINTS, toss, RULE, seed=6)


def test_a_failure_in_a_worker_is_raised():
    def fail(coordinates, seed):
        raise RuntimeError("no such codec")

    with ThreadPoolExecutor(2) as pool, pytest.raises(RuntimeError, match="no such codec"):
        run(POINTS, fail, RULE, seed=1, executor=pool, workers=2)


def test_refuses_no_workers():
    with pytest.raises(LabError, match="--workers is 0"), monte_carlo.executor_for(0):
        pass


def test_refuses_a_scheduler_that_is_not_there():
    with (
        pytest.raises(LabError, match="--scheduler"),
        monte_carlo.executor_for(1, "tcp://127.0.0.1:9"),
    ):
        pass


def test_refuses_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="cannot be written"):
        run(POINTS, toss, RULE, seed=1, store=Store(tmp_path / "file" / "run.jsonl", {}))
