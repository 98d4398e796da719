# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Task-based quantization: analog combiner, scalar ADCs and digital map, designed together.

After N. Shlezinger and Y. Eldar, "Deep Task-Based Quantization"; docs/task_quantizer.md has the
equations. `chain` and `lloyd_max` need numpy only; what trains needs torch.
"""
