# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the models, and the symbol detectors that each figure sets side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: Training sets of a CSI-uncertain model: ten draws, so that their spread shows.
CSI_DRAWS = 10
PILOTS = 200
#: Levels of an ADC that a short search takes at most: finer ones only add cost.
MOST_SEARCHED = 64


def rate_text(rate: float) -> str:
    """As in the models' names: 1, 2, and 125 for 1.25."""
    return f"{rate:.0f}" if rate == round(rate) else f"{100 * rate:.0f}"


def detection_model(rate: float, snr_db: float, variant: str = "") -> str:
    """task_detection_r1_12db, and with a variant task_detection_r1_12db_csi0."""
    name = f"task_detection_r{rate_text(rate)}_{snr_db:g}db"
    return f"{name}_{variant}" if variant else name


def estimation_model(levels: int, variant: str = "") -> str:
    """task_estimation_m8, and with a variant task_estimation_m8_snr."""
    name = f"task_estimation_m{levels}"
    return f"{name}_{variant}" if variant else name


def mixed_model(rate: float, variant: str = "") -> str:
    """task_estimation_mixed_r050."""
    name = f"task_estimation_mixed_r{100 * rate:03.0f}"
    return f"{name}_{variant}" if variant else name


@dataclass(frozen=True)
class Scheme:
    """A detector of a figure: a curve of one colour with its family.

    `receiver` is what task_receivers.make() reads. "{model}" in it stands for the name of the model
    of a point's rate and SNR, "{levels}" for the levels of an ADC at every antenna, "{few_levels}"
    for those of an ADC for each user. With `draws` there are as many models, of training sets drawn
    anew.
    """

    name: str
    family: str
    receiver: str
    variant: str = ""
    draws: int = 1

    def receivers(self, rate: float, snr_db: float) -> list[str]:
        """One text for each draw."""
        levels = {
            "levels": math.floor(2.0**rate + 1e-9),
            "few_levels": min(*lookup_levels(rate), MOST_SEARCHED),
        }
        return [
            self.receiver.format(model=detection_model(rate, snr_db, variant), **levels)
            for variant in self._variants()
        ]

    def models(self, rate: float, snr_db: float) -> list[str]:
        """The models that receivers() need."""
        if "{model}" not in self.receiver:
            return []
        return [detection_model(rate, snr_db, variant) for variant in self._variants()]

    def _variants(self) -> list[str]:
        if self.draws == 1:
            return [self.variant]
        return [f"{self.variant}{number}" for number in range(self.draws)]


MAP = Scheme("MAP, no quantization", "map", "map")
MAP_CSI = Scheme("MAP, CSI error", "map-csi", "map-csi")
MAP_FRAMES = Scheme("MAP, mean of ten channels with CSI error", "map-csi", "map-frames")
QMAP = Scheme("quantized MAP", "qmap", "qmap:levels={levels}")
QMAP_BEST = Scheme("quantized MAP, best support", "qmap", "qmap-best:levels={levels}")
QMAP_CSI = Scheme("quantized MAP, CSI error", "qmap-csi", "qmap-csi:levels={levels}")
LEARNED = Scheme("learned", "learned", "bundle:{model}")
LEARNED_PAPER = Scheme("learned, the paper's recipe", "learned", "bundle:{model}", "paper")
LEARNED_CSI = Scheme("learned, CSI uncertain", "learned-csi", "bundle:{model}", "csi", CSI_DRAWS)
UNIFORM = Scheme("learned, uniform thresholds", "uniform", "bundle:{model}", "uniform")
PASSING = Scheme("passing gradient", "passing", "bundle:{model}", "passing")
PASSING_AGC = Scheme("passing gradient, AGC", "passing", "bundle:{model}", "passing_agc")
PASSING_CSI = Scheme("passing gradient, CSI uncertain", "passing", "bundle:{model}", "passing_csi")
LOOKUP = Scheme("rotation and lookup", "lookup", "bundle:{model}", "lookup")
#: A quick run's: not the best rotation of many searches.
LOOKUP_QUICK = Scheme("rotation and lookup", "lookup", "search:levels={few_levels}")
LOOKUP_PILOTS = Scheme(
    f"rotation and lookup, {PILOTS} pilots",
    "lookup-pilots",
    f"pilots:levels={{few_levels}},pilots={PILOTS}",
)
LOOKUP_CSI = Scheme(
    "rotation and lookup, CSI uncertain", "lookup-csi", "frames:levels={few_levels}"
)


#: Of tbq-detection-r1 and -r2, of tbq-uniform, of tbq-rate-8db and -12db.
OVER_SNR = (
    MAP,
    MAP_CSI,
    MAP_FRAMES,
    QMAP,
    QMAP_BEST,
    QMAP_CSI,
    LEARNED,
    LEARNED_PAPER,
    LEARNED_CSI,
    PASSING,
    PASSING_AGC,
    LOOKUP,
    LOOKUP_PILOTS,
    LOOKUP_CSI,
)
THRESHOLDS = (MAP, LEARNED, UNIFORM, PASSING, PASSING_AGC)
OVER_RATE = (
    MAP,
    MAP_CSI,
    QMAP,
    QMAP_BEST,
    QMAP_CSI,
    LEARNED,
    LEARNED_CSI,
    PASSING,
    PASSING_AGC,
    PASSING_CSI,
    LOOKUP,
)


def lookup_levels(rate: float, inputs: int = 12, adcs: int = 4) -> list[int]:
    """Levels of `adcs` ADCs that spend a budget of rate x inputs bits: as equal as can be, at most
    256 each, and the codes' one byte."""
    budget = rate * inputs
    levels = [min(256, math.floor(2.0 ** (budget / adcs) + 1e-9))] * adcs
    for d in range(adcs):
        more = [*levels[:d], min(256, levels[d] + 1), *levels[d + 1 :]]
        if sum(map(math.log2, more)) <= budget + 1e-9:
            levels = more
    return levels
