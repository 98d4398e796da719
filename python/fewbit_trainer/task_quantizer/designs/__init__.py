# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Model-based task quantizers: no training, numpy only.

`design(config)` gives a `Design`, whose bundle the deployed chain loads as it loads a trained one:

    design({"method": "closed_form", "levels": 8}).write("tbq.safetensors")

Equations stand in each method's module, their common agreements in docs/task_quantizer.md.
"""

from .catalogue import METHODS, design
from .design import Design, DesignError

__all__ = ["METHODS", "Design", "DesignError", "design"]
