# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""GNU Radio Companion's own platform, loaded with this module's blocks and no display."""

import logging
from pathlib import Path

import pytest
from gnuradio import gr
from gnuradio.grc.core import Messages
from gnuradio.grc.core.platform import Platform
from grc_files import BLOCK_FILES


class _Keeper(logging.Handler):
    """Keeps what is logged: the platform logs a block that fails to load, and goes on."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture(scope="session")
def platform() -> Platform:
    loaded = Platform(
        name="gr-fewbit tests",
        prefs=gr.prefs(),
        version=gr.version(),
        version_parts=(gr.major_version(), gr.api_version(), gr.minor_version()),
    )
    keeper = _Keeper()
    logger = logging.getLogger("gnuradio.grc")
    logger.addHandler(keeper)
    system_blocks = Path(gr.prefix()) / "share" / "gnuradio" / "grc" / "blocks"
    loaded.build_library([str(system_blocks), *map(str, BLOCK_FILES)])
    logger.removeHandler(keeper)
    loaded.warnings_while_loading = keeper.lines
    loaded.messages = []
    Messages.register_messenger(loaded.messages.append)
    return loaded
