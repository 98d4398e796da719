# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receivers that run on few bits: blocks, and under `algorithms` the classes they are made of.

The blocks (`fewbit.harq_buffer`, ...) are GNU Radio blocks. `fewbit.algorithms` holds the same
algorithms as plain classes on numpy arrays, with no flowgraph around them. Nothing here imports
torch.
"""

import sys

from gnuradio.fewbit.analog_maps import matrix_map, phase_shifter_map, real_form
from gnuradio.fewbit.fewbit_python import *
from gnuradio.fewbit.fewbit_python import algorithms
from gnuradio.fewbit.sigmf_source import sigmf_source

# `from gnuradio.fewbit.algorithms import ldpc_decoder` finds a module only by its full name here.
sys.modules[__name__ + ".algorithms"] = algorithms
