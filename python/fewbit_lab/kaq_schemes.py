# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `fewbit reproduce kaq-ber` compares: detectors by specification, or networks by name."""

from __future__ import annotations

from dataclasses import dataclass

from fewbit_lab import kaq_reference as reference
from fewbit_lab.kaq_reference import Row


@dataclass(frozen=True)
class Scheme:
    """A detector: a specification of `algorithms.make_detector`, or a model's name and `how` it is
    run (kaq_link.detector_of); with `float32` the model's own float network."""

    name: str
    detector: str = ""
    model: str = ""
    float32: bool = False
    how: str = "unfolded"
    row: Row | None = None


ZF = Scheme("ZF", "zf", row=reference.ZF)
LMMSE = Scheme("LMMSE", "lmmse", row=reference.LMMSE)
VBLAST = Scheme("V-BLAST", "vblast", row=reference.VBLAST)
KBEST_4, KBEST_16, KBEST_64 = (
    Scheme(f"K-Best {k}", f"kbest:k={k}", row=reference.KBEST[k]) for k in (4, 16, 64)
)
EP = Scheme("EP, 10 iterations", "ep", row=reference.EP)
#: Damping .3, the usual one, is not the best at every SNR: less of the new value as well.
EP_SLOWER = tuple(
    Scheme(f"EP, damping {share}", f"ep:damping={share}") for share in (".1", ".05", ".02", ".01")
)

ADMM_5 = Scheme("ADMM-5, int8", model="kaq_admm5")
ADMM_10 = Scheme("ADMM-10, int8", model="kaq_admm10")
ADMM_5_FLOAT = Scheme("ADMM-5, float", model="kaq_admm5", float32=True)
ADMM_10_FLOAT = Scheme("ADMM-10, float", model="kaq_admm10", float32=True)
ADMM_10_HALF = Scheme("ADMM-10, FP16", model="kaq_admm10", how="float16")

PGD = Scheme("PGD-Net, float", model="kaq_pgd_paper", row=reference.PGD)
PGD_PTQ = Scheme("PGD-Net, PTQ", model="kaq_pgd_paper_ptq")
PGD_QAT = Scheme("PGD-Net, QAT", model="kaq_pgd_paper_qat", row=reference.PGD_QAT)
PGD_KAQ = Scheme("PGD-Net, KAQ", model="kaq_pgd_paper_kaq", row=reference.PGD_KAQ)
PGD_HALF = Scheme("PGD-Net, FP16", model="kaq_pgd_paper", how="float16")
#: Float with the range of KAQ's quantizers and no rounding; and trained with a clip for threshold.
PGD_FLOAT_CLIP = Scheme(
    "PGD-Net, float, KAQ's range",
    model="kaq_pgd_paper_kaq",
    how="clipped",
    row=reference.PGD_CLIP,
)
PGD_BOX = Scheme("PGD-Net, float, clip for threshold", model="kaq_pgd_paper_box")
PGD_CLIP = Scheme("PGD-Net, learned range alone", model="kaq_pgd_paper_clip")
PGD_STEP = Scheme("PGD-Net, range by SNR alone", model="kaq_pgd_paper_step")
PGD_MMD = Scheme("PGD-Net, MMD alone", model="kaq_pgd_paper_mmd")

#: Fewer bits, 5 layers, W bits of the matrix and A of the layers' vectors. QAT's and KAQ's were
#: trained for 60 epochs, PTQ's and their float base for 40.
FEW_BITS = tuple(
    Scheme(f"ADMM-5, {width.upper()} {how.upper()}", model=f"kaq_admm5_{width}_{how}")
    for width in ("w4a8", "w8a4")
    for how in ("ptq", "qat", "kaq")
)

RIVALS = (ZF, LMMSE, VBLAST, KBEST_4, KBEST_16, KBEST_64, EP, *EP_SLOWER)
PAPER = (
    PGD,
    PGD_HALF,
    PGD_PTQ,
    PGD_QAT,
    PGD_KAQ,
    PGD_FLOAT_CLIP,
    PGD_BOX,
    PGD_CLIP,
    PGD_STEP,
    PGD_MMD,
)
OURS = (ADMM_5_FLOAT, ADMM_5, ADMM_10_FLOAT, ADMM_10_HALF, ADMM_10)
ALL = (*RIVALS, *OURS, *FEW_BITS, *PAPER)
