# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flowgraph starts without a warning for every buffer."""

from __future__ import annotations

from gnuradio import gr


def start_quietly(graph: gr.top_block) -> None:
    """Start, and show errors alone meanwhile: GNU Radio warns that items of 648 are rounded up to
    whole memory pages. The level is the process's, so what a block warns of in these moments is
    hidden too; then it is put back."""
    logging = gr.logging()
    before = logging.default_level()
    logging.set_default_level(gr.log_levels.error)
    try:
        graph.start()
    finally:
        logging.set_default_level(before)
