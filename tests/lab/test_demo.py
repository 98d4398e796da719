# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: a whole HARQ link in GNU Radio, at the ends where the answer is known."""

import json

import pytest
from fewbit_lab import demo, harq_flowgraph, results
from fewbit_lab.demo import Row, summary, table
from fewbit_lab.harq_flowgraph import HarqLink, HarqLinkSetting, HarqOutcome, run_link

OUTCOME = HarqOutcome(
    blocks=10,
    transmissions=14,
    first_bler=0.4,
    first_interval=(0.1, 0.7),
    harq_bler=0.0,
    harq_interval=(0.0, 0.3),
    throughput=1.98,
    bits_per_llr=2.1,
    peak_bytes=1234,
    kilobits_per_second=56.7,
    unaccounted=0,
)


def test_a_clean_link_delivers_every_block_at_once():
    shares = []
    outcome = run_link(HarqLinkSetting(snr_db=45.0, n_blocks=60), shares.append)
    assert (outcome.blocks, outcome.transmissions) == (60, 60)
    assert outcome.first_bler == outcome.harq_bler == 0.0
    assert outcome.throughput == pytest.approx(300 / 108)
    assert outcome.unaccounted == 0 and outcome.peak_bytes == 0
    assert all(0.0 <= share <= 1.0 for share in shares)


def test_a_drowned_link_gives_every_block_up_and_accounts_for_it():
    outcome = run_link(HarqLinkSetting(snr_db=-15.0, n_blocks=20, max_attempts=2))
    assert (outcome.blocks, outcome.transmissions) == (20, 40)
    assert outcome.first_bler == outcome.harq_bler == 1.0
    assert outcome.unaccounted == 0 and outcome.throughput == 0.0


def test_harq_rescues_blocks_and_the_buffer_holds_them():
    outcome = run_link(HarqLinkSetting(snr_db=10.0, n_blocks=100))
    # First transmissions fail at .95 here, three more with Chase combining hardly ever.
    assert outcome.first_bler > 0.8 and outcome.harq_bler < 0.1
    assert outcome.unaccounted == 0
    # Bodies of 648 floats and 8 bytes of record each, whenever anyone looks.
    assert outcome.peak_bytes >= 4 * 648 + 8
    assert outcome.bits_per_llr == pytest.approx(32.0 + 8 * 8 / 648)


class Heard:
    """A block whose counters are what a test says."""

    def __init__(self, **counts):
        self._counts = counts

    def counters(self):
        return self._counts

    report = counters


def link_that_heard(of_the_meter, delivered):
    link = HarqLink(HarqLinkSetting(n_blocks=10))
    link.transmitter = Heard(sent=10, acknowledged=9, failed=1, in_flight=0, transmissions=12)
    link.meter = Heard(**{
        "after_harq.blocks": of_the_meter, "after_harq.block_errors": 1, "after_harq.bler": 0.1,
        "after_harq.bler_low": 0.0, "after_harq.bler_high": 0.4,
        "first.bler": 0.2, "first.bler_low": 0.0, "first.bler_high": 0.5,
    })  # fmt: skip
    counters = link.buffer.counters() | {"delivered": delivered}
    link.buffer = Heard(**counters)
    link.buffer.peak_bytes = lambda: 0
    return link


@pytest.mark.parametrize("delivered,unaccounted", [(9, 0), (8, 1), (10, -1)])
def test_what_the_receiver_delivered_is_held_against_what_was_sent(delivered, unaccounted):
    assert harq_flowgraph._outcome(link_that_heard(10, delivered), 1.0).unaccounted == unaccounted


def test_a_meter_that_misses_blocks_is_an_error_in_one_sentence():
    with pytest.raises(TimeoutError, match="end of 9 blocks, expected the 10"):
        harq_flowgraph._wait_for_meter(link_that_heard(9, 9), patience_s=0.05)
    harq_flowgraph._wait_for_meter(link_that_heard(10, 9), patience_s=0.05)


def test_the_demo_stores_the_learned_codec_both_ways():
    names = [case.name for case in demo.codec_cases()]
    assert len(set(names)) == len(names)
    assert {"learned K=6 (sum)", "learned K=6 (each)", "uncompressed (sum)"} <= set(names)


def test_a_link_that_stands_still_is_an_error_and_not_a_hang():
    setting = HarqLinkSetting(snr_db=20.0, n_blocks=1_000_000)
    with pytest.raises(TimeoutError, match="stands still"):
        run_link(setting, timeout_s=0.2)


def test_refuses_a_codec_that_does_not_exist():
    with pytest.raises(ValueError, match="no-such-codec"):
        HarqLink(HarqLinkSetting(codec="no-such-codec"))


def test_the_table_has_a_line_for_each_row():
    text = table([Row("float", 10.0, OUTCOME), Row("learned K=6", 13.0, OUTCOME)])
    lines = text.splitlines()
    assert len(lines) == 4 and len({len(line) for line in lines}) == 1
    assert "1.40" in lines[2] and "1234" in lines[3] and "learned K=6" in lines[3]


def test_the_summary_is_a_result(tmp_path):
    rows = [Row("float", snr, OUTCOME) for snr in (10.0, 13.0)]
    result = summary(rows, seed=1, command="fewbit demo")
    content = json.loads(results.write(result, tmp_path).read_text())
    assert content["id"] == "demo" and len(content["rows"]) == 2
    assert all(series["x"] == [10.0, 13.0] for series in content["series"])
    assert content["claims"][0]["holds"] is True


def test_the_demo_runs_and_writes_both_files(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(demo, "SNR_DB", (30.0,))
    monkeypatch.setattr(demo, "codec_cases", lambda: (demo.Case(demo.FLOAT, "combined"),))
    assert demo.demo(tmp_path, quick=True) == 0
    assert "uncompressed (sum)" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {"demo.json", "demo.png"}
