# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every figure that `fewbit reproduce` knows, and how one is run."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fewbit_lab import monte_carlo, results
from fewbit_lab.errors import LabError
from fewbit_lab.progress import Progress


@dataclass(frozen=True)
class Figure:
    """A figure's name, what it shows in a line, and where its two functions are:
    `measure(run) -> Result` and `draw(result, path)`."""

    id: str
    summary: str
    measure: str
    draw: str


FIGURES = (
    Figure(
        "softbit-init",
        "latent variance at initialisation against Theorem 1 (paper's Fig. 2)",
        "fewbit_lab.softbit_figures:initialisation",
        "fewbit_lab.plots:initialisation",
    ),
    Figure(
        "softbit-bler",
        "block error rate over SNR and loss of every codec (Fig. 3)",
        "fewbit_lab.softbit_figures:block_error_rate",
        "fewbit_lab.plots:block_error_rate",
    ),
    Figure(
        "softbit-cost",
        "bits per LLR over SNR, with and without the coder, and its bound (Fig. 4)",
        "fewbit_lab.softbit_figures:cost",
        "fewbit_lab.plots:cost",
    ),
    Figure(
        "softbit-tradeoff",
        "added block error rate over bits per LLR, 256-QAM (Fig. 5)",
        "fewbit_lab.softbit_figures:tradeoff",
        "fewbit_lab.plots:tradeoff",
    ),
    Figure(
        "tbq-estimation",
        "mean square error of channel estimation over the rate (Fig. 5)",
        "fewbit_lab.task_estimation_figure:estimation",
        "fewbit_lab.task_plots:estimation",
    ),
    Figure(
        "tbq-detection-r1",
        "bit error rate over SNR at one bit per antenna (Fig. 7)",
        "fewbit_lab.task_detection_figures:detection_r1",
        "fewbit_lab.task_plots:over_snr",
    ),
    Figure(
        "tbq-detection-r2",
        "the same at two bits per antenna (Fig. 8)",
        "fewbit_lab.task_detection_figures:detection_r2",
        "fewbit_lab.task_plots:over_snr",
    ),
    Figure(
        "tbq-uniform",
        "learned against uniform thresholds and passing gradient (Fig. 9)",
        "fewbit_lab.task_detection_figures:uniform",
        "fewbit_lab.task_plots:over_snr",
    ),
    Figure(
        "tbq-rate-8db",
        "bit error rate over the rate at 8 dB (Fig. 10)",
        "fewbit_lab.task_detection_figures:rate_8db",
        "fewbit_lab.task_plots:over_rate",
    ),
    Figure(
        "tbq-rate-12db",
        "the same at 12 dB (Fig. 11)",
        "fewbit_lab.task_detection_figures:rate_12db",
        "fewbit_lab.task_plots:over_rate",
    ),
    Figure(
        "kaq-ber",
        "bit error rate of unfolded MIMO detectors and their rivals over SNR",
        "fewbit_lab.kaq_figures:bit_error_rate",
        "fewbit_lab.kaq_plots:bit_error_rate",
    ),
    Figure(
        "kaq-epochs",
        "accuracy over training epochs in float, under QAT and under KAQ (Fig. 5)",
        "fewbit_lab.kaq_epochs_figure:over_epochs",
        "fewbit_lab.kaq_epochs_plot:over_epochs",
    ),
    Figure(
        "kaq-latency",
        "time of unfolded networks in float32 and int8, whole and per layer (Fig. 6)",
        "fewbit_lab.kaq_latency_figure:latency",
        "fewbit_lab.kaq_latency_plot:latency",
    ),
    Figure(
        "kaq-soft",
        "what their LLRs tell over SNR, and whether they are calibrated",
        "fewbit_lab.kaq_soft_figure:soft_output",
        "fewbit_lab.kaq_soft_plot:soft_output",
    ),
    Figure(
        "kaq-links",
        "bit error rates on correlated channels, other antennas and symbols",
        "fewbit_lab.kaq_links_figure:other_links",
        "fewbit_lab.kaq_plots:other_links",
    ),
    Figure(
        "kaq-bits",
        "bit errors of ADMM-Net with 4 to 6 bits over those of float",
        "fewbit_lab.kaq_bits_figure:few_bits",
        "fewbit_lab.kaq_plots:few_bits",
    ),
)


@dataclass(frozen=True)
class Run:
    """What a figure is given: how long to run, on what, and where to keep unfinished work."""

    id: str
    quick: bool
    seed: int
    command: str
    output: Path
    fresh: bool = False
    keep: bool = False
    executor: Executor | None = None
    workers: int = 1

    def monte_carlo(
        self,
        points: Sequence[monte_carlo.Coordinates],
        measure: monte_carlo.Measure,
        stop: monte_carlo.StopRule | Callable[[monte_carlo.Coordinates], monte_carlo.StopRule],
        fingerprint: Mapping[str, Any],
        part: str = "",
    ) -> list[list[dict[str, Any]]]:
        """Measure points with this run's workers, resuming what an interrupted run left."""
        name = self.id + (f"-{part}" if part else "") + ("-quick" if self.quick else "")
        content = {**fingerprint, "seed": self.seed, "version": results.versions()["fewbit"]}
        store = monte_carlo.Store(self.output / ".unfinished" / f"{name}.jsonl", content)
        if self.fresh:
            store.remove()
        progress = Progress(name)
        found = monte_carlo.run(
            points,
            measure,
            stop,
            seed=self.seed,
            executor=self.executor,
            workers=self.workers,
            store=store,
            progress=progress,
        )
        progress.close("done")
        if not self.keep:
            store.remove()
        return found


def find(names: Sequence[str]) -> list[Figure]:
    """The figures of these names, in the order asked for; 'all' is every one."""
    known = {figure.id: figure for figure in FIGURES}
    if "all" in names:
        return list(FIGURES)
    for name in names:
        if name not in known:
            raise LabError(f"{name}: no such figure; expected one of {', '.join(known)}, or all")
    return [known[name] for name in dict.fromkeys(names)]


def reproduce(
    names: Sequence[str],
    *,
    quick: bool,
    workers: int,
    scheduler: str | None,
    output: Path,
    seed: int,
    command: str,
    fresh: bool = False,
    keep: bool = False,
) -> int:
    """Measure figures, write and draw them, print their claims. 1 where a claim does not hold."""
    chosen = find(names)
    refuted = 0
    with monte_carlo.executor_for(workers, scheduler) as (executor, count):
        for figure in chosen:
            run = Run(figure.id, quick, seed, command, output, fresh, keep, executor, count)
            try:
                result = _function(figure.measure)(run)
            except ImportError as error:
                raise LabError(
                    f"{figure.id}: {error.name or error} cannot be imported; `fewbit doctor` tells "
                    "how to get it"
                ) from error
            path = results.write(result, output)
            print(report(result))
            refuted += len(result.failed)
            print(f"wrote {path}" + _draw(figure, result, path.with_suffix(".png")))
    return 1 if refuted else 0


def report(result: results.Result) -> str:
    """The claims, a line each: what, found, bound, verdict."""
    verdicts = {True: "holds", False: "DOES NOT HOLD", None: "undecided"}
    lines = [result.id]
    for claim in result.claims:
        lines.append(
            f"  {verdicts[claim.holds]:13} {claim.text}: found {_number(claim.value)}, "
            f"bound {_number(claim.bound)}"
        )
    return "\n".join(lines)


def _draw(figure: Figure, result: results.Result, path: Path) -> str:
    if not result.series:
        print(f"{figure.id}: no picture, as there is nothing to draw", file=sys.stderr)
        return ""
    try:
        _function(figure.draw)(result, path)
    except ImportError:
        print("no picture: matplotlib is not installed (python3-matplotlib)", file=sys.stderr)
        return ""
    return f" and {path}"


def _function(place: str) -> Callable[..., Any]:
    module, name = place.split(":")
    return getattr(importlib.import_module(module), name)


def _number(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_number(v) for v in value) + "]"
    return f"{value:.4g}"
