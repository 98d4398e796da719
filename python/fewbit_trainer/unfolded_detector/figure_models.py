# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unfolded detectors that the figures compare, by name: how each is trained.

    kaq_admm5, kaq_admm10           ADMM-Net in int8, 16 x 16, 16-QAM, 0 to 25 dB
    kaq_admm10_qpsk, _64qam         other symbols
    kaq_admm10_8x8, _16x32, _16x64  other antennas: users x antennas
    kaq_admm10_corr5, _corr9        Kronecker correlation .5 or .9 at both ends
    kaq_admm5_w4a8_qat              4-bit matrix, 8-bit activations, trained through: _qat, _kaq;
                                    quantised afterwards: _ptq
    kaq_admm5_w5a8_.., w6a8_..      5, 6 bits; w8a4_.. the activations'
    kaq_admm5_w4a8_apart_qat        the same with the matrix' diagonal apart
    kaq_admm5_all4_qat              4 bits for filter and received vector too; in float sums
    kaq_pgd_paper                   the paper's PGD-Net in float
    kaq_pgd_paper_ptq               quantised afterwards, its range the largest magnitude
    kaq_pgd_paper_qat, _kaq         trained through: static steps; KAQ
    kaq_pgd_paper_clip              of KAQ the learned range alone
    kaq_pgd_paper_step              the range that follows the SNR alone
    kaq_pgd_paper_mmd               the MMD alone
    kaq_pgd_paper_box               in float, each layer a learned clip in place of its threshold
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from ..config import ConfigError, config_from_dict
from ..sweep import Run, add_options, run_all
from .config import UnfoldedDetectorConfig

WIDTHS = (4, 5, 6)
_MMD_WEIGHT = 0.1

_ADMM = re.compile(
    r"kaq_admm(?P<layers>\d+)"
    r"(?:_(?P<link>qpsk|64qam|8x8|16x32|16x64|corr5|corr9)"
    r"|_(?:w(?P<matrix>[4-8])a(?P<activation>[4-8])|all(?P<all>[4-8]))"
    r"(?P<apart>_apart)?_(?P<how>ptq|qat|kaq))?"
)
_PGD = re.compile(r"kaq_pgd_paper(?:_(?P<how>ptq|qat|kaq|clip|step|mmd|box))?")

# Where a link's bit errors fall from many to few.
_LINKS: dict[str, tuple[dict[str, Any], tuple[float, float]]] = {
    "": ({}, (0, 25)),
    "qpsk": ({"bits_per_symbol": 2}, (-5, 15)),
    "64qam": ({"bits_per_symbol": 6}, (5, 30)),
    "8x8": ({"users": 8, "antennas": 8}, (0, 25)),
    "16x32": ({"antennas": 32}, (-5, 15)),
    "16x64": ({"antennas": 64}, (-10, 10)),
    "corr5": ({"receive_correlation": 0.5, "transmit_correlation": 0.5}, (0, 30)),
    "corr9": ({"receive_correlation": 0.9, "transmit_correlation": 0.9}, (0, 40)),
}
_KNOT_SPACING_DB = 5


def figure_config(name: str) -> UnfoldedDetectorConfig:
    """The training run of a figure's model; raises ConfigError for another name."""
    admm, pgd = _ADMM.fullmatch(name), _PGD.fullmatch(name)
    if admm is not None:
        settings = _admm(admm)
    elif pgd is not None:
        settings = _pgd(pgd["how"] or "")
    else:
        raise ConfigError(f"{name!r} is no figure's model, expected such as kaq_admm5_w4a8_qat or "
                          "kaq_pgd_paper_kaq")  # fmt: skip
    config = config_from_dict({"kind": "unfolded_detector", "name": name, **settings})
    assert isinstance(config, UnfoldedDetectorConfig)
    return config


def _admm(found: re.Match[str]) -> dict[str, Any]:
    layers = int(found["layers"])
    link, (low, high) = _LINKS[found["link"] or ""]
    points = list(range(low, high + 1, _KNOT_SPACING_DB))
    epochs = 40 if layers <= 5 else 60
    settings: dict[str, Any] = {
        "link": {**link, "snr_db": [low, high]},
        "network": {"layers": layers, "knots_db": points},
        "quantization": {"arithmetic": "int8"},
        "schedule": {"epochs": epochs, "steps": 50, "channels": 128, "vectors": 8,
                     "learning_rate": 0.06},
        "measure": {"channels": 8192, "snr_db": points},
    }  # fmt: skip
    if found["how"] is None:
        # kaq-soft looks at the flagship's LLRs where one vector in a hundred fails.
        flagship = layers == 10 and not found["link"]
        settings["schedule"]["llr_channels"] = 131072 if flagship else 32768
    else:
        quantization = settings["quantization"]
        quantization |= _widths(found)
        if found["how"] != "ptq":
            quantization |= {"training": "straight_through", "float_epochs": epochs * 3 // 4}
            settings["schedule"]["epochs"] = epochs * 3 // 2
        if found["how"] == "kaq":
            quantization |= {"dynamic_step": True, "mmd_weight": _MMD_WEIGHT}
    return settings


def _widths(found: re.Match[str]) -> dict[str, Any]:
    widths: dict[str, Any] = {"diagonal": "apart" if found["apart"] else "inside"}
    if found["all"]:
        names = ("matrix_bits", "activation_bits", "filter_bits", "input_bits")
        # int8 has 16 bits for the filter and the received vector.
        return widths | {"arithmetic": "quantized"} | dict.fromkeys(names, int(found["all"]))
    return widths | {
        "matrix_bits": int(found["matrix"]),
        "activation_bits": int(found["activation"]),
    }


def _pgd(how: str) -> dict[str, Any]:
    points = [0, 5, 10, 15, 20, 25]
    settings: dict[str, Any] = {
        "link": {"snr_points_db": points},
        "network": {"kind": "pgd", "layers": 5, "denoiser": "soft_threshold", "tau": "scalar",
                    "knots_db": [12.5], "scale": "linear", "eta": 0.1, "width": 0.05},
        "schedule": {"loss": "mean_square", "epochs": 50, "samples": 50000, "channels": 128,
                     "vectors": 1, "learning_rate": 0.001, "decay": "halving",
                     "halve_epochs": 10},
        "measure": {"channels": 16384, "vectors": 1, "snr_db": points},
    }  # fmt: skip
    if how == "box":
        settings["network"] |= {"denoiser": "clip", "width": 3.0}
    if how in ("", "box"):
        return settings
    settings["quantization"] = {
        "arithmetic": "quantized",
        "training": "none" if how == "ptq" else "straight_through",
        "matrix_bits": 0,
        "filter_bits": 0,
        "input_bits": 0,
        "steps": "largest",
        "learned_step": how in ("kaq", "clip", "step"),
        "dynamic_step": how in ("kaq", "step"),
        "mmd_weight": _MMD_WEIGHT if how in ("kaq", "mmd") else 0.0,
    }
    return settings


def figure_names() -> list[str]:
    """Every trained model of every figure."""
    names = ["kaq_admm5", "kaq_admm10"]
    names += [f"kaq_admm10_{link}" for link in _LINKS if link]
    for how in ("ptq", "qat", "kaq"):
        for bits in WIDTHS:
            names += [f"kaq_admm5_{w}_{how}" for w in (f"w{bits}a8", f"w8a{bits}", f"all{bits}")]
        names.append(f"kaq_admm5_w4a8_apart_{how}")
    paper = ("ptq", "qat", "kaq", "clip", "step", "mmd", "box")
    return names + ["kaq_pgd_paper", *(f"kaq_pgd_paper_{how}" for how in paper)]


def main(arguments: list[str] | None = None) -> int:
    """``python -m fewbit_trainer.unfolded_detector.figure_models``: as `fewbit_trainer.sweep`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser, Path("results/models"))
    parser.add_argument("--only", default="", help="names that match this regular expression")
    options = parser.parse_args(arguments)
    names = [name for name in figure_names() if re.search(options.only, name)]
    runs = [Run(figure_config(name), options.output / f"{name}.safetensors") for name in names]
    return run_all(runs, options)


if __name__ == "__main__":
    sys.exit(main())
