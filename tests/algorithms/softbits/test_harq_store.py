# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HARQ store against a model of its protocol made of dictionaries."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms

N = 48
RECORD = algorithms.harq_store.record_overhead
FLOAT_BODY = 4 * N + RECORD


def permutation(n=N, seed=1):
    return np.asarray(algorithms.interleaver(n, seed).permutation)


def to_codeword(llrs, rv, seed=1):
    """docs/architecture.md: transmitted bit i is codeword bit (permutation[i] + rv n/4) mod n."""
    n = len(llrs)
    codeword = np.empty(n, np.float32)
    codeword[(permutation(n, seed) + rv * n // 4) % n] = llrs
    return codeword


def tx(user=0, process=0, ndi=0, rv=0, attempt=0):
    return algorithms.harq_transmission(user, process, ndi, rv, attempt)


def store(users=2, processes=3, n=N, codec="float", budget=1 << 20, **options):
    return algorithms.harq_store(users, processes, n, codec, budget, **options)


class Model:
    """What the header promises, written with dictionaries and exact float32 sums."""

    def __init__(self, users, processes, budget, storage, limit):
        self.users, self.processes, self.budget = users, processes, budget
        self.storage, self.limit = storage, limit
        self.newest, self.acknowledged = {}, set()
        self.stored = {}  # (user, process) -> {attempt: codeword-order LLRs}, in order of keeping

    def refusal(self, t, n):
        if t.user >= self.users:
            return "unknown_user"
        if t.process >= self.processes:
            return "unknown_process"
        if t.rv > 3 or t.attempt > 31:
            return "invalid_version"
        if n != N:
            return "wrong_length"
        return None

    def age(self, t):
        if (t.user, t.process) not in self.newest:
            return 1
        ahead = (t.ndi - self.newest[t.user, t.process]) % 256
        return 0 if ahead == 0 else (1 if ahead < 128 else -1)

    def total(self, key):
        total = np.zeros(N, np.float32)
        for llrs in self.stored[key].values():
            total = total + llrs
        return total

    def combine(self, t, llrs):
        refusal = self.refusal(t, len(llrs))
        if refusal:
            return refusal, None
        key, age = (t.user, t.process), self.age(t)
        if age < 0:
            return "stale", None
        if age == 0 and key in self.acknowledged:
            return "duplicate", None
        new = to_codeword(llrs, t.rv)
        if age > 0 or not self.stored.get(key):
            return "first", new
        if t.attempt in self.stored[key]:
            return "repeated", self.total(key)
        return "combined", self.total(key) + new

    def bytes(self):
        bodies = sum(
            (1 if self.storage == "combined" else len(kept))
            for kept in self.stored.values()
            if kept
        )
        return bodies * FLOAT_BODY

    def begin(self, t):
        key = (t.user, t.process)
        if self.age(t) > 0:
            self.stored[key] = {}
            self.newest[key] = t.ndi
            self.acknowledged.discard(key)

    def keep(self, t, llrs):
        refusal = self.refusal(t, len(llrs))
        if refusal:
            return refusal
        key, age = (t.user, t.process), self.age(t)
        if age < 0:
            return "stale"
        if age == 0 and key in self.acknowledged:
            return "duplicate"
        self.begin(t)
        kept = self.stored.setdefault(key, {})
        if t.attempt in kept:
            return "repeated"
        if self.storage == "per_transmission" and len(kept) == self.limit:
            return "too_many"
        grows = self.storage == "per_transmission" or not kept
        if grows and self.bytes() + FLOAT_BODY > self.budget:
            return "full"
        kept[t.attempt] = to_codeword(llrs, t.rv)
        return "kept"

    def release(self, t):
        refusal = self.refusal(t, N)
        if refusal:
            return refusal
        key, age = (t.user, t.process), self.age(t)
        if age < 0:
            return "stale"
        if age == 0 and key in self.acknowledged:
            return "duplicate"
        self.begin(t)
        self.stored[key] = {}
        self.newest[key] = t.ndi
        self.acknowledged.add(key)
        return "released"


@pytest.mark.parametrize("storage", ["combined", "per_transmission"])
@pytest.mark.parametrize("bodies", [0, 1, 3.5, 100])
def test_random_operations_follow_the_protocol(storage, bodies):
    rng = np.random.default_rng([7, int(2 * bodies), len(storage)])
    budget = int(bodies * FLOAT_BODY)
    s = store(budget=budget, storage=storage, max_transmissions=3)
    model = Model(2, 3, budget, storage, 3)
    calls = {"combine": 0, "keep": 0, "release": 0}
    pending, peak = [], 0
    for _ in range(3000):
        ndi = model.newest.get((0, 0), 0) + int(rng.choice([0, 0, 0, 0, 1, 2, -1, 127, 128, -100]))
        t = tx(
            int(rng.choice([0, 1, 2], p=[0.6, 0.35, 0.05])),
            int(rng.choice([0, 1, 2, 3], p=[0.4, 0.3, 0.25, 0.05])),
            ndi % 256,
            int(rng.choice([0, 1, 2, 3, 4], p=[0.24, 0.24, 0.24, 0.24, 0.04])),
            int(rng.choice([0, 1, 2, 3, 31, 32], p=[0.3, 0.3, 0.2, 0.12, 0.04, 0.04])),
        )
        n = N if rng.random() > 0.03 else int(rng.choice([0, 1, N - 1, N + 1, 4 * N]))
        # Multiples of 1/8 below 2^10 add without rounding, so that any order of summation agrees.
        llrs = (rng.integers(-800, 800, n) / 8).astype(np.float32)
        expected, expected_llrs = model.combine(t, llrs)
        answer, combined = s.combine(t, llrs)
        calls["combine"] += 1
        assert answer.outcome == expected
        assert (combined is None) == (expected_llrs is None)
        if combined is not None:
            np.testing.assert_array_equal(combined, expected_llrs)
            pending.append((t, llrs, combined, answer))
        if pending and rng.random() < 0.8:  # results come late and out of order
            t, llrs, combined, answer = pending.pop(int(rng.integers(len(pending))))
            if rng.random() < 0.3:
                calls["release"] += 1
                assert s.release(t) == model.release(t)
            else:
                calls["keep"] += 1
                assert s.keep(t, llrs, combined, answer) == model.keep(t, llrs)
        assert s.bytes_in_use == model.bytes() <= budget
        assert s.body_bytes == s.bodies * 4 * N
        peak = max(peak, s.bytes_in_use)
        key = (t.user, t.process)
        holds = model.age(t) == 0 and bool(model.stored.get(key)) and key in model.newest
        assert s.holds(t) == (holds and model.refusal(t, N) is None)
    assert s.peak_bytes == peak
    counters = s.counters()
    for call, count in calls.items():
        assert sum(v for k, v in counters.items() if k.startswith(call + ".")) == count


def test_lifetime_of_a_block():
    s = store()
    a, b = np.full(N, 1.0, np.float32), np.full(N, -3.0, np.float32)
    answer, combined = s.combine(tx(), a)
    assert (answer.outcome, answer.attempts) == ("first", 0b1)
    assert s.keep(tx(), a, combined, answer) == "kept"
    answer, combined = s.combine(tx(rv=2, attempt=1), b)
    assert (answer.outcome, answer.attempts) == ("combined", 0b11)
    np.testing.assert_array_equal(combined, np.full(N, -2.0))
    assert s.release(tx(rv=2, attempt=1)) == "released"
    assert s.bytes_in_use == 0
    assert s.combine(tx(attempt=2), a)[0].outcome == "duplicate"
    assert s.combine(tx(ndi=1), a)[0].outcome == "first"


def test_a_stale_transmission_is_told_the_newest_indicator():
    s = store()
    assert s.release(tx(ndi=9)) == "released"
    answer, combined = s.combine(tx(ndi=8), np.zeros(N, np.float32))
    assert (answer.outcome, answer.newest_ndi, combined) == ("stale", 9, None)


def test_an_indicator_wraps_around():
    s = store()
    for ndi in [*range(250, 256), *range(6)]:
        assert s.combine(tx(ndi=ndi), np.ones(N, np.float32))[0].outcome == "first"
        assert s.release(tx(ndi=ndi)) == "released"


@pytest.mark.parametrize("storage", ["combined", "per_transmission"])
def test_two_transmissions_in_decoding_at_once_are_both_kept(storage):
    s = store(storage=storage)
    rng = np.random.default_rng(3)
    llrs = [(rng.integers(-80, 80, N) / 8).astype(np.float32) for _ in range(3)]
    answers = [s.combine(tx(rv=i, attempt=i), llrs[i]) for i in range(2)]
    assert [a.outcome for a, _ in answers] == ["first", "first"]
    for i in (1, 0):
        assert s.keep(tx(rv=i, attempt=i), llrs[i], answers[i][1], answers[i][0]) == "kept"
    answer, combined = s.combine(tx(rv=3, attempt=2), llrs[2])
    assert answer.attempts == 0b111
    np.testing.assert_array_equal(
        combined, to_codeword(llrs[0], 0) + to_codeword(llrs[1], 1) + to_codeword(llrs[2], 3)
    )


@pytest.mark.parametrize("storage", ["combined", "per_transmission"])
def test_a_store_a_tenth_of_the_size_needed_serves_the_first_that_come(storage):
    users, processes = 5, 4
    s = store(users, processes, budget=2 * FLOAT_BODY, storage=storage)
    llrs = np.ones(N, np.float32)
    outcomes = []
    for user in range(users):
        for process in range(processes):
            answer, combined = s.combine(tx(user, process), llrs)
            outcomes.append(s.keep(tx(user, process), llrs, combined, answer))
    assert outcomes == ["kept"] * 2 + ["full"] * 18
    assert s.bytes_in_use == s.budget_bytes == s.peak_bytes
    assert s.release(tx(0, 0)) == "released"  # room again, wherever the hole lies
    answer, combined = s.combine(tx(4, 3), llrs)
    assert answer.outcome == "first"
    assert s.keep(tx(4, 3), llrs, combined, answer) == "kept"
    assert s.combine(tx(0, 1, attempt=1), llrs)[0].outcome == "combined"


def test_a_new_block_frees_the_one_before():
    s = store(budget=FLOAT_BODY)
    llrs = np.ones(N, np.float32)
    for ndi in range(5):
        answer, combined = s.combine(tx(ndi=ndi), llrs)
        assert s.keep(tx(ndi=ndi), llrs, combined, answer) == "kept"
    assert s.counters()["superseded"] == 4
    assert s.bodies == 1


def test_too_many_transmissions_keep_those_before():
    s = store(storage="per_transmission", max_transmissions=2)
    llrs = np.ones(N, np.float32)
    for attempt, expected in enumerate(["kept", "kept", "too_many"]):
        answer, combined = s.combine(tx(attempt=attempt), llrs)
        assert s.keep(tx(attempt=attempt), llrs, combined, answer) == expected
    answer, combined = s.combine(tx(attempt=3), llrs)
    np.testing.assert_array_equal(combined, 3 * llrs)


@pytest.mark.parametrize("storage", ["combined", "per_transmission"])
def test_no_sum_is_nan_or_infinite(storage):
    s = store(storage=storage)
    first = np.zeros(N, np.float32)
    first[:4] = [np.nan, np.inf, -np.inf, 3e38]
    second = np.zeros(N, np.float32)
    second[:4] = [1.0, -np.inf, -np.inf, 3e38]
    answer, combined = s.combine(tx(), first)
    np.testing.assert_array_equal(
        combined, to_codeword(np.array([0, 1e6, -1e6, 1e6] + [0] * (N - 4)), 0)
    )
    assert s.keep(tx(), first, combined, answer) == "kept"
    _, combined = s.combine(tx(attempt=1), second)
    np.testing.assert_array_equal(
        combined, to_codeword(np.array([1, 0, -1e6, 1e6] + [0] * (N - 4)), 0)
    )


def test_forgetting_a_user_leaves_the_others():
    s = store()
    llrs = np.ones(N, np.float32)
    for user in range(2):
        answer, combined = s.combine(tx(user), llrs)
        s.keep(tx(user), llrs, combined, answer)
        s.release(tx(user, 1))
    s.forget(0)
    s.forget(99)
    assert s.combine(tx(0, 1), llrs)[0].outcome == "first"
    assert s.combine(tx(1, 1), llrs)[0].outcome == "duplicate"
    assert (s.holds(tx(0)), s.holds(tx(1))) == (False, True)
    s.clear()
    assert s.bytes_in_use == 0
    assert s.counters()["forgotten"] == 2


def uniform(bits):
    return f"uniform:bits={bits},clip=8"


def has(codec):
    try:
        algorithms.make_softbit_codec(codec)
    except ValueError:
        return False
    return True


coded = pytest.mark.skipif(not has(uniform(4)), reason="the uniform codec is not built")


@coded
@pytest.mark.parametrize("storage", ["combined", "per_transmission"])
def test_what_an_old_codec_stored_still_decodes(storage):
    s = store(storage=storage)
    llrs = np.linspace(-4, 4, N).astype(np.float32)
    for process, codec in enumerate(["float", uniform(4), uniform(6)]):
        s.set_codec(codec)
        answer, combined = s.combine(tx(0, process), llrs)
        assert s.keep(tx(0, process), llrs, combined, answer) == "kept"
    for process, tolerance in enumerate([0, 1, 0.3]):
        answer, combined = s.combine(tx(0, process, attempt=1), llrs)
        assert answer.outcome == "combined"
        np.testing.assert_allclose(combined, to_codeword(2 * llrs, 0), atol=tolerance)


@coded
def test_one_codec_too_many_drops_the_smallest_share_and_says_so():
    s = store(users=1, processes=8)
    llrs = np.ones(N, np.float32)

    def keep(process):
        answer, combined = s.combine(tx(0, process), llrs)
        assert s.keep(tx(0, process), llrs, combined, answer) == "kept"

    keep(0)
    keep(1)
    for process, bits in ((2, 4), (4, 6), (6, 8)):
        s.set_codec(uniform(bits))
        keep(process)
        if bits != 6:
            keep(process + 1)
    s.set_codec("uniform:bits=5,clip=8")  # the fifth; 6 bits had the fewest bodies
    keep(5)
    assert s.counters()["codec_evicted"] == 1
    held = [s.holds(tx(0, p)) for p in range(8)]
    assert held == [True, True, True, True, False, True, True, True]


@coded
def test_bodies_of_a_smaller_codec_fill_the_budget_with_no_byte_wasted():
    body = 4 * N // 8 + RECORD
    s = store(users=1, processes=100, codec=uniform(4), budget=10 * body)
    llrs, rng = np.ones(N, np.float32), np.random.default_rng(5)
    held = set()
    for step in range(2000):  # holes everywhere, and never a refusal while ten fit
        if len(held) == 10:
            process = int(rng.choice(sorted(held)))
            s.release(tx(0, process, ndi=step // 100 % 256))
            s.forget(0) if step % 500 == 499 else None
            held = set() if step % 500 == 499 else held - {process}
            continue
        process = int(rng.integers(100))
        t = tx(0, process, ndi=step // 100 % 256)
        answer, combined = s.combine(t, llrs)
        if answer.outcome != "first":
            continue
        held.discard(process)
        assert s.keep(t, llrs, combined, answer) == "kept"
        held.add(process)
    assert s.peak_bytes == s.budget_bytes


def test_refuses_bad_parameters():
    for bad in (
        dict(users=0),
        dict(processes=0),
        dict(users=1 << 13, processes=1 << 13),
        dict(n=0),
        dict(budget=1 << 32),
        dict(storage="both"),
        dict(storage="per_transmission", max_transmissions=0),
        dict(storage="per_transmission", max_transmissions=33),
        dict(codec="no such codec"),
    ):
        with pytest.raises((ValueError, RuntimeError)) as caught:
            store(**bad)
        assert "\n" not in str(caught.value)


def test_refuses_arrays_of_the_wrong_shape():
    s = store()
    with pytest.raises(ValueError, match="dimensions"):
        s.combine(tx(), np.zeros((2, N), np.float32))
    answer, _ = s.combine(tx(), np.zeros(N, np.float32))
    with pytest.raises(ValueError, match="combined"):
        s.keep(tx(), np.zeros(N, np.float32), np.zeros(N - 1, np.float32), answer)
