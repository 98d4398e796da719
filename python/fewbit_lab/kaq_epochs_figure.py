# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-epochs`: accuracy over training epochs (the paper's Fig. 5).

Trains each network anew from several seeds, and so needs PyTorch; a curve is one batch of the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fewbit_lab import results
from fewbit_lab.confidence import mean_interval
from fewbit_lab.figures import Run
from fewbit_lab.kaq_curves import UNKNOWN, Interval
from fewbit_lab.monte_carlo import StopRule
from fewbit_lab.results import Claim, Result, Series, at_most, interval_curve
from fewbit_lab.train import need_torch

EPOCH_LABEL = "training epochs"
FLOAT, QAT, KAQ = "float", "QAT", "KAQ"


@dataclass(frozen=True)
class Network:
    """A network with its models by how they are trained, and seeds of a full run."""

    name: str
    models: Mapping[str, str]
    seeds: int

    @property
    def label(self) -> str:
        """Of a curve's y: what panel it stands in."""
        return f"share of right bits, {self.name}"


ADMM = Network(
    "ADMM-Net of 5 layers, 4-bit matrix",
    {FLOAT: "kaq_admm5", QAT: "kaq_admm5_w4a8_qat", KAQ: "kaq_admm5_w4a8_kaq"},
    seeds=5,
)
PGD = Network(
    "the paper's PGD-Net, 8-bit vectors",
    {FLOAT: "kaq_pgd_paper", QAT: "kaq_pgd_paper_qat", KAQ: "kaq_pgd_paper_kaq"},
    seeds=3,
)
NETWORKS = (ADMM, PGD)
EPOCHS_QUICK, SEEDS_QUICK = 3, 1


@dataclass(frozen=True)
class LearningCurve:
    """The curve of `coordinates["model"]` trained from `coordinates["seed"]`: `epoch`, `accuracy`
    and whether `quantized`, by point. `epochs` above 0 shorten the schedule."""

    epochs: int = 0

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        import torch
        from fewbit_trainer.unfolded_detector.learning_curve import figure_curve

        torch.set_num_threads(1)
        points = figure_curve(coordinates["model"], coordinates["seed"], epochs=self.epochs)
        return {
            "epoch": [point.epoch for point in points],
            "accuracy": [point.accuracy for point in points],
            "quantized": [point.quantized for point in points],
        }


class CurveTable:
    """Learning curves by model, one a seed, in the order of the seeds."""

    def __init__(self, curves: Mapping[str, list[Mapping[str, Any]]]) -> None:
        self._curves = curves

    def epochs(self, model: str) -> list[int]:
        found = self._curves.get(model, [])
        return list(found[0]["epoch"]) if found else []

    def accuracy(self, model: str, place: int) -> Interval:
        """At a point of the curve, over seeds."""
        return mean_interval([one["accuracy"][place] for one in self._curves[model]])

    def final(self, model: str) -> Interval:
        return self.accuracy(model, -1) if self._curves.get(model) else UNKNOWN

    def behind(self, model: str, of: str) -> Interval:
        """How much `model` is behind `of` at the end, over seeds that both were trained from."""
        ours, theirs = self._curves.get(model, []), self._curves.get(of, [])
        pairs = zip(ours, theirs, strict=False)
        found = [b["accuracy"][-1] - a["accuracy"][-1] for a, b in pairs]
        return mean_interval(found) if found else UNKNOWN


def over_epochs(run: Run) -> Result:
    """Share of right bits over epochs, in float, through static quantizers and under KAQ."""
    need_torch(f"{run.id}: training")
    points = _points(run)
    task = LearningCurve(EPOCHS_QUICK if run.quick else 0)
    fingerprint = {"measure": repr(task), "configurations": _configurations()}
    found = run.monte_carlo(points, task, StopRule(most=1), fingerprint)
    curves: dict[str, list[Mapping[str, Any]]] = {}
    for point, batches in zip(points, found, strict=True):
        curves.setdefault(point["model"], []).extend(batches)
    table = CurveTable(curves)
    result = Result(run.id, seed=run.seed, command=run.command, versions=_versions())
    result.series = [_curve(table, network, how) for network in NETWORKS for how in network.models]
    result.rows = [_row(table, network, how) for network in NETWORKS for how in network.models]
    result.claims = [ahead(table, network) for network in NETWORKS]
    return result


def ahead(table: CurveTable, network: Network) -> Claim:
    """KAQ ends no less accurate than QAT, from the same seeds."""
    text = f"{network.name}: KAQ ends at least as accurate as QAT; by how much it is behind"
    return at_most(text, table.behind(network.models[KAQ], network.models[QAT]), 0.0)


def _points(run: Run) -> list[dict[str, Any]]:
    """Seed by seed, so that an interrupted run has some of every curve."""
    seeds = {n.name: SEEDS_QUICK if run.quick else n.seeds for n in NETWORKS}
    return [
        {"model": model, "seed": run.seed + number}
        for number in range(max(seeds.values()))
        for network in NETWORKS
        for model in network.models.values()
        if number < seeds[network.name]
    ]


def _configurations() -> dict[str, Any]:
    from fewbit_trainer.config import config_to_dict
    from fewbit_trainer.unfolded_detector.figure_models import figure_config

    models = [model for network in NETWORKS for model in network.models.values()]
    return {model: config_to_dict(figure_config(model)) for model in models}


def _versions() -> dict[str, str]:
    import torch

    return results.versions() | {"torch": torch.__version__}


def _curve(table: CurveTable, network: Network, how: str) -> Series:
    model = network.models[how]
    epochs = table.epochs(model)
    found = [table.accuracy(model, place) for place in range(len(epochs))]
    return interval_curve(how, list(map(float, epochs)), found, EPOCH_LABEL, network.label)


def _row(table: CurveTable, network: Network, how: str) -> dict[str, Any]:
    model = network.models[how]
    return {
        "network": network.name,
        "training": how,
        "model": model,
        "epochs": table.epochs(model)[-1],
        "accuracy": list(table.final(model)),
    }
