# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting a flowgraph hides GNU Radio's warnings about buffers, and no others."""

import ctypes

import pytest
from fewbit_lab.command import main
from fewbit_lab.harq_flowgraph import HarqLinkSetting, run_link
from fewbit_lab.quiet_start import start_quietly
from gnuradio import blocks, gr


@pytest.fixture
def warns():
    """The process logs from warnings on, whatever ran before."""
    logging, before = gr.logging(), gr.logging().default_level()
    logging.set_default_level(gr.log_levels.warn)
    yield logging
    logging.set_default_level(before)


def _logged(capfd):
    ctypes.CDLL(None).fflush(None)  # the log is written by C
    return "".join(capfd.readouterr())


def _graph():
    """With a buffer whose items fill no whole number of pages."""
    graph = gr.top_block()
    graph.connect(
        blocks.null_source(648), blocks.head(648, 10), blocks.copy(648), blocks.null_sink(648)
    )
    return graph


def test_buffers_are_made_without_a_warning_and_blocks_go_on_to_warn(warns, capfd):
    graph = _graph()
    start_quietly(graph)
    graph.wait()
    assert "alloc" not in _logged(capfd)
    assert warns.default_level() == gr.log_levels.warn
    gr.logger("after").warn("of the user's own")
    assert "of the user's own" in _logged(capfd)
    _graph().run()
    assert "alloc" in _logged(capfd)  # or else this tests nothing


def test_a_start_that_fails_puts_the_level_back(warns):
    class Broken:
        def start(self):
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        start_quietly(Broken())
    assert warns.default_level() == gr.log_levels.warn


def test_the_links_leave_the_level_as_it_was(warns, capfd):
    assert main(["detect", "lmmse", "--snr", "40", "--vectors", "100"]) == 0
    run_link(HarqLinkSetting(snr_db=45.0, n_blocks=5))
    assert warns.default_level() == gr.log_levels.warn
    assert "alloc" not in _logged(capfd)
