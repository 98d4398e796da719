# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the networks of gr-fewbit and writes them as bundles. Never imports gnuradio.

Only the standard library and numpy are imported here, so that ``fewbit_trainer.bundle`` works
without torch; ``fewbit_trainer.run.train`` is the way in to training.
"""
