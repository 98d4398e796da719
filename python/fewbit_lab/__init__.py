# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laboratory behind the `fewbit` command: figures, rivals side by side, reports.

Everything is measured on the C++ classes of `gnuradio.fewbit.algorithms`, the ones that the
blocks run on. The trainer is reached only to train (`fewbit train`, `fewbit reproduce
softbit-init`), and only then is torch imported.
"""

__version__ = "0.1.0"
