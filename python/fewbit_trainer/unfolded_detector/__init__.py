# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unfolded MIMO detection: PGD-Net and ADMM-Net, float and int8, trained end to end.

After Z. Ren et al., "Deep Unfolding with Kernel-based Quantization in MIMO Detection";
docs/unfolded_detector.md has the equations and the exact integer arithmetic.
"""
