# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""From batches of bit errors to curves, and to the SNR at which one reaches a target."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fewbit_lab import task_link, task_receivers
from fewbit_lab.confidence import clustered_wilson, mean_interval
from fewbit_lab.figures import Run
from fewbit_lab.monte_carlo import Coordinates, StopRule
from fewbit_lab.results import Series, curve, interval_curve
from fewbit_lab.snr_loss import Interval, crossing
from fewbit_lab.task_measurements import BitErrors
from fewbit_lab.task_schemes import Scheme

BER_LABEL = "bit error rate"
SNR_LABEL = "SNR [dB]"
RATE_LABEL = "bits per real input R"
USERS = task_link.DETECTION_USERS


@dataclass(frozen=True)
class Effort:
    """How long a receiver is measured: until it has made `errors` errors, at most `batches`."""

    vectors: int
    batches: int
    errors: int
    errors_of_a_draw: int
    drawn: Mapping[str, int]
    """Batches of each kind of drawn receiver"""

    def rule(self, coordinates: Coordinates) -> StopRule:
        kind, settings = task_receivers.parse(coordinates["receiver"])
        if kind in self.drawn:
            return StopRule(most=self.drawn[kind])
        many = "_csi" in settings.get("name", "")
        enough = self.errors_of_a_draw if many else self.errors
        return StopRule(most=self.batches, counter="errors", enough=enough)


FULL = Effort(
    vectors=1 << 16,
    batches=256,
    errors=5000,
    errors_of_a_draw=1000,
    drawn={"map-csi": 200, "map-frames": 200, "qmap-csi": 100, "pilots": 12, "frames": 12},
)
QUICK = Effort(
    vectors=1 << 14,
    batches=16,
    errors=200,
    errors_of_a_draw=100,
    drawn={"map-csi": 10, "map-frames": 10, "qmap-csi": 5, "pilots": 1, "frames": 1},
)


@dataclass(frozen=True)
class Place:
    """A point of a figure's axis."""

    rate: float
    snr_db: float


class BitErrorTable:
    """Bit error rates of schemes at places, with 95 % limits."""

    def __init__(
        self,
        schemes: Sequence[Scheme],
        places: Sequence[Place],
        axis: Callable[[Place], float],
        label: str,
        counts: Mapping[tuple[str, float], list[dict[str, Any]]],
    ) -> None:
        self.schemes, self.places = list(schemes), list(places)
        self._axis, self._label, self._counts = axis, label, counts

    @property
    def x(self) -> list[float]:
        return [self._axis(place) for place in self.places]

    def rates_of_draws(self, scheme: Scheme, place: Place) -> list[float]:
        """The bit error rate of each model of a scheme that has been measured."""
        return [_rate(batches) for batches in self._batches(scheme, place)]

    def rate(self, scheme: Scheme, place: Place) -> Interval:
        """(rate, low, high): over the draws where the scheme has several, over the receivers where
        they are drawn in each batch, else of the count. NaN where there is no model."""
        found = self._batches(scheme, place)
        if not found:
            return (math.nan,) * 3
        if len(found) > 1:
            return _positive(mean_interval([_rate(batches) for batches in found]))
        kind = scheme.receiver.partition(":")[0]
        if kind in task_receivers.DRAWN:
            return _positive(mean_interval([_rate([batch]) for batch in found[0]]))
        low, high = clustered_wilson(**self.sums(scheme, place), bits=USERS)
        return _rate(found[0]), low, high

    def sums(self, scheme: Scheme, place: Place) -> dict[str, int]:
        """Vectors, errors and squares of all batches and draws."""
        every = [batch for batches in self._batches(scheme, place) for batch in batches]
        return {key: sum(b[key] for b in every) for key in ("vectors", "errors", "squares")}

    def series(self, scheme: Scheme) -> list[Series]:
        """The scheme's curve over the places where it was measured; of several draws, the least and
        the most of them too."""
        measured = [place for place in self.places if self._batches(scheme, place)]
        if not measured:
            return []
        x = [self._axis(place) for place in measured]
        rates = [self.rate(scheme, place) for place in measured]
        found = [interval_curve(scheme.name, x, rates, self._label, BER_LABEL)]
        if scheme.draws > 1:
            draws = [self.rates_of_draws(scheme, place) for place in measured]
            for name, pick in (("least", min), ("most", max)):
                values = [pick(d) for d in draws]
                text = f"{scheme.name}: {name} of {max(map(len, draws))} draws"
                found.append(curve(text, x, values, self._label, BER_LABEL))
        return found

    def snr_reaching(self, scheme: Scheme, target: float) -> Interval:
        """(SNR, low, high) in dB at which a curve over SNR falls to a target."""
        rates = [self.rate(scheme, place) for place in self.places]
        return crossing(self.x, rates, target)

    def draws_reaching(self, scheme: Scheme, target: float) -> list[float]:
        """The SNR in dB at which the models of each draw fall to a target, infinite where they do
        not."""
        found = []
        for number in range(scheme.draws):
            rates = []
            for place in self.places:
                text = scheme.receivers(place.rate, place.snr_db)[number]
                batches = self._counts.get((text, place.snr_db))
                rates.append((_rate(batches) if batches else math.nan,) * 3)
            found.append(crossing(self.x, rates, target)[0])
        return found

    def _batches(self, scheme: Scheme, place: Place) -> list[list[dict[str, Any]]]:
        keys = [(text, place.snr_db) for text in scheme.receivers(place.rate, place.snr_db)]
        return [self._counts[key] for key in keys if key in self._counts]


def measure(
    run: Run,
    schemes: Sequence[Scheme],
    places: Sequence[Place],
    files: Mapping[str, str],
    identities: Mapping[str, int],
    axis: Callable[[Place], float],
    label: str,
) -> BitErrorTable:
    """Count the bit errors of every receiver of the schemes whose model is there."""
    effort = QUICK if run.quick else FULL
    points = []
    for place in places:
        for scheme in schemes:
            texts = scheme.receivers(place.rate, place.snr_db)
            models = scheme.models(place.rate, place.snr_db) or [""] * len(texts)
            for text, model in zip(texts, models, strict=True):
                point = {"receiver": text, "snr_db": place.snr_db}
                if (not model or model in files) and point not in points:
                    points.append(point)
    task = BitErrors(effort.vectors, dict(files))
    fingerprint = {"measure": repr(task), "models": dict(identities)}
    found = run.monte_carlo(points, task, effort.rule, fingerprint)
    keys = [(point["receiver"], point["snr_db"]) for point in points]
    return BitErrorTable(schemes, places, axis, label, dict(zip(keys, found, strict=True)))


def _rate(batches: list[dict[str, Any]]) -> float:
    bits = USERS * sum(batch["vectors"] for batch in batches)
    return sum(batch["errors"] for batch in batches) / bits


def _positive(found: Interval) -> Interval:
    return found[0], max(0.0, found[1]), found[2]
