# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated link: what its LLRs and errors mean, against probability theory alone."""

import numpy as np
import pytest
from fewbit_lab.monte_carlo import StopRule, executor_for, run
from fewbit_lab.softbit_link import LinkSetting, SoftbitLink
from fewbit_lab.softbit_measurements import BlockErrors
from fewbit_lab.softbit_schemes import FLOAT, Scheme


def codeword_bits(reception):
    """What was transmitted, in demapper order, by the code's own encoder."""
    from gnuradio.fewbit import algorithms

    codewords = algorithms.ldpc_encoder().encode(reception.bits)
    return np.take_along_axis(codewords, reception.permutations, axis=1)


@pytest.mark.parametrize("bits_per_symbol,snr_db", [(4, 8.0), (6, 12.0), (8, 18.0)])
def test_an_llr_is_the_logarithm_of_the_odds_of_a_one(bits_per_symbol, snr_db):
    # Of the bits whose LLR is near L, the share of ones is 1 / (1 + exp(-L)): Bayes, no code.
    link = SoftbitLink(LinkSetting(bits_per_symbol=bits_per_symbol))
    reception = link.receive(300, snr_db, seed=3)
    sent, llrs = codeword_bits(reception), reception.llrs
    for low in np.arange(-4.0, 4.0):
        chosen = (llrs >= low) & (llrs < low + 1.0)
        expected = np.mean(1.0 / (1.0 + np.exp(-llrs[chosen])))
        error = np.sqrt(expected * (1.0 - expected) / np.sum(chosen))
        assert np.mean(sent[chosen]) == pytest.approx(expected, abs=4.5 * error)


def test_a_noise_free_link_has_no_block_error():
    link = SoftbitLink(LinkSetting())
    reception = link.receive(50, 60.0, seed=1)
    assert reception.bits.shape == (50, 324) and reception.llrs.shape == (50, 648)
    assert not link.block_errors(reception, reception.llrs).any()


def test_every_block_is_wrong_where_nothing_is_known():
    link = SoftbitLink(LinkSetting())
    reception = link.receive(20, 10.0, seed=1)
    assert link.block_errors(reception, np.zeros_like(reception.llrs)).all()


def test_a_seed_gives_the_same_packets_and_another_gives_others():
    setting = LinkSetting()
    first = SoftbitLink(setting).receive(10, 12.0, seed=5)
    link = SoftbitLink(setting)
    link.receive(7, 9.0, seed=1)
    again = link.receive(10, 12.0, seed=5)
    assert np.array_equal(first.llrs, again.llrs) and np.array_equal(first.bits, again.bits)
    assert not np.array_equal(first.llrs, link.receive(10, 12.0, seed=6).llrs)


def test_refuses_an_unknown_profile():
    with pytest.raises(ValueError, match="profile"):
        SoftbitLink(LinkSetting(profile="no such channel"))


def test_paired_schemes_see_the_same_packets_whoever_runs_them():
    measure = BlockErrors(LinkSetting(), (FLOAT, Scheme("again", "float", "float")), packets=40)
    points = [{"snr_db": 11.5}]
    alone = run(points, measure, StopRule(most=3), seed=2)
    assert all(batch["errors"][0] == batch["errors"][1] for batch in alone[0])
    assert all(batch["bytes"] == [4 * 648 * 40] * 2 for batch in alone[0])
    with executor_for(2) as (pool, workers):
        spread = run(points, measure, StopRule(most=3), seed=2, executor=pool, workers=workers)
    assert spread == alone
