# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-latency`: what quantization gains in time (the paper's Fig. 6).

Times hang on the machine: another run gives other numbers, and a resumed one goes on with its own.
Candidates are timed in one process, whatever --workers says.
"""

from __future__ import annotations

import dataclasses
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gnuradio.fewbit import algorithms

from fewbit_lab import bench, kaq_models, results
from fewbit_lab.figures import Run
from fewbit_lab.kaq_claims import judged
from fewbit_lab.kaq_curves import Interval
from fewbit_lab.kaq_latency_times import MODES, TORCH, Ends, Mode, Times, TimeTable
from fewbit_lab.monte_carlo import StopRule
from fewbit_lab.results import Claim, Result, Series, curve

FLOAT, PTQ, QAT, KAQ = "float32", "int8, PTQ", "int8, QAT", "int8, KAQ"
NARROW, IN_TORCH = "int8, PTQ, 4-bit vectors", "torch in place, float32"
VARIANTS = (FLOAT, PTQ, QAT, KAQ, NARROW, IN_TORCH)
LAYERS_LABEL, RELATIVE_LABEL = "layers", "latency over float32's"
PER_LAYER = "per layer, ADMM-Net"

#: The paper's quantised networks take a fifth less time than its full precision.
PAPER_RATIO = 0.8
#: What quantizers were trained for changes nothing that runs.
ALIKE = (0.95, 1.05)

ROUNDS, BATCHES = 15, 30
ROUNDS_QUICK, BATCHES_QUICK = 5, 8


@dataclass(frozen=True)
class Family:
    """A network with its models: quantised afterwards, trained through, KAQ; and one whose
    vectors have fewer bits."""

    name: str
    layers: int
    ptq: str
    qat: str = ""
    kaq: str = ""
    narrow: str = ""

    @property
    def models(self) -> dict[str, str]:
        """Those there are, by variant."""
        every = {PTQ: self.ptq, QAT: self.qat, KAQ: self.kaq, NARROW: self.narrow}
        return {variant: model for variant, model in every.items() if model}


ADMM_5 = Family(
    "ADMM-5",
    5,
    "kaq_admm5",
    "kaq_admm5_w4a8_qat",
    "kaq_admm5_w4a8_kaq",
    "kaq_admm5_w8a4_ptq",
)
ADMM_10 = Family("ADMM-10", 10, "kaq_admm10")
PGD = Family("PGD-Net", 5, "kaq_pgd_paper_ptq", "kaq_pgd_paper_qat", "kaq_pgd_paper_kaq")
FAMILIES = (ADMM_5, ADMM_10, PGD)


def latency(run: Run) -> Result:
    """Nanoseconds a vector of every network in every arithmetic, whole and per layer."""
    rounds, batches = (ROUNDS_QUICK, BATCHES_QUICK) if run.quick else (ROUNDS, BATCHES)
    candidates = _candidates(run)
    task = Times(rounds, candidates)
    fingerprint = {"measure": repr(task), "candidates": sorted(candidates), "on": _versions()}
    points = [{"mode": mode.key} for mode in MODES]
    alone = dataclasses.replace(run, executor=None, workers=1)
    found = alone.monte_carlo(points, task, StopRule(most=batches), fingerprint)
    table = TimeTable({mode.key: part for mode, part in zip(MODES, found, strict=True)})
    result = Result(run.id, seed=run.seed, command=run.command, versions=_versions())
    for mode in MODES:
        result.series += _series(table, mode)
    result.rows = _rows(table)
    result.claims = all_claims(table)
    return result


# -- candidates ----------------------------------------------------------------------------------


def _name(family: Family, variant: str) -> str:
    return f"{family.name}, {variant}"


def _candidates(run: Run) -> dict[str, str]:
    """Every network that there is, in int8 (the paper's too) and float32; what lacks a Python
    package is left out, and said."""
    found: dict[str, str | None] = {}
    for family in FAMILIES:
        for variant, model in family.models.items():
            file = kaq_models.find(model, run.output / "models")
            if file is None:
                continue
            integer: Path | None = file
            if family is PGD:
                integer = kaq_models.twin(run, file, "int8", **_integer_widths(run))
            found[_name(family, variant)] = _text("unfolded:", integer)
            if variant == PTQ:
                own = kaq_models.twin(run, file, "float32")
                found[_name(family, FLOAT)] = _text("unfolded:", own)
                found[_name(family, IN_TORCH)] = _text(TORCH, own if _there("torch") else None)
    absent = [package for package in ("safetensors", "torch") if not _there(package)]
    kaq_models.say_left_out(run, (name for name, text in found.items() if not text), absent)
    return {name: text for name, text in found.items() if text}


def _text(kind: str, file: Path | None) -> str | None:
    return None if file is None else f"{kind}{file}"


def _there(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _integer_widths(run: Run) -> dict[str, int]:
    """Of the shipped int8 network, for networks that were quantised in part."""
    file = kaq_models.find(ADMM_5.ptq, run.output / "models")
    config = algorithms.bundle.load(str(file)).config if file is not None else {}
    names = ("matrix_bits", "activation_bits", "filter_bits", "input_bits")
    return {name: config.get(name, 8) for name in names}


def _versions() -> dict[str, str]:
    found = results.versions() | {"instruction set": algorithms.instruction_sets()[0]}
    if _there("torch"):
        found["torch"] = __import__("torch").__version__
    return found | {"processor": str(bench.machine().get("processor", ""))}


# -- claims --------------------------------------------------------------------------------------


def all_claims(table: TimeTable) -> list[Claim]:
    claims = []
    for mode in MODES:
        for family in FAMILIES:
            ours, own = _name(family, PTQ), _name(family, FLOAT)
            found = table.ratio(mode.key, ours, own)
            claims.append(_shorter(f"{family.name} in int8", mode, found))
        per_layer = table.layer_ratio(mode.key, _ends(PTQ), _ends(FLOAT))
        claims.append(_shorter("a layer of ADMM-Net in int8", mode, per_layer))
    for mode in MODES:
        for family in (ADMM_5, PGD):
            for variant in (QAT, KAQ):
                text = f"{_name(family, variant)}: as long as quantised afterwards; {mode.title}"
                found = table.ratio(mode.key, _name(family, variant), _name(family, PTQ))
                claims.append(judged(text, found, ALIKE))
    return claims


def _shorter(what: str, mode: Mode, found: Interval) -> Claim:
    text = f"{what}: a fifth less time than float32, as the paper's; {mode.title}"
    return judged(text, found, PAPER_RATIO)


def _ends(variant: str) -> Ends:
    """ADMM-Net of 5 and of 10 layers."""
    few, many = ((_name(family, variant), family.layers) for family in (ADMM_5, ADMM_10))
    return few, many


# -- numbers -------------------------------------------------------------------------------------


def time_label(mode: Mode) -> str:
    """Of a curve's y: what panel it stands in."""
    return f"ns a vector; {mode.title}"


def _series(table: TimeTable, mode: Mode) -> list[Series]:
    """Times, and times over float32's of the same network."""
    series = []
    for family in FAMILIES:
        for variant in VARIANTS:
            name = _name(family, variant)
            found = [1e9 * value for value in table.seconds(mode.key, name)]
            relative = table.ratio(mode.key, name, _name(family, FLOAT))
            series += _point(name, family.layers, found, time_label(mode))
            label = f"{RELATIVE_LABEL}; {mode.title}"
            series += _point(name, family.layers, list(relative), label)
    for variant in (FLOAT, PTQ, IN_TORCH):
        found = [1e9 * value for value in table.layer_seconds(mode.key, _ends(variant))]
        series += _point(f"{PER_LAYER}, {variant}", 1, found, time_label(mode))
        relative = table.layer_ratio(mode.key, _ends(variant), _ends(FLOAT))
        label = f"{RELATIVE_LABEL}; {mode.title}"
        series += _point(f"{PER_LAYER}, {variant}", 1, list(relative), label)
    return series


def _point(name: str, layers: int, found: list[float], label: str) -> list[Series]:
    y, lo, hi = found
    if y != y:
        return []
    return [curve(name, [float(layers)], [y], LAYERS_LABEL, label, lo=[lo], hi=[hi])]


def _rows(table: TimeTable) -> list[dict[str, Any]]:
    rows = []
    for family in FAMILIES:
        for variant in VARIANTS:
            name = _name(family, variant)
            times = {m.key: [1e9 * v for v in table.seconds(m.key, name)] for m in MODES}
            if times[MODES[0].key][0] == times[MODES[0].key][0]:
                calls = {m.key: m.in_torch if variant == IN_TORCH else m.vectors for m in MODES}
                row = {"name": name, "layers": family.layers, "unit": "ns", **times}
                rows.append(row | {"vectors a call": calls})
    return rows
