# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hardened model run by torch and by the C++ class: the same codes and answers, vector by vector.

torch computes in float64 here. The class sums in float32, so an ADC's input within rounding of a
threshold may fall on its other side: those codes alone may differ, and they are few.
"""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
safe_open = pytest.importorskip("safetensors").safe_open
fewbit = pytest.importorskip("gnuradio.fewbit")

algorithms = fewbit.algorithms

ROUNDING = 2e-6  # of an ADC's input, whose standard deviation is 1


class TorchChain:
    """The bundle's equations in torch (docs/task_quantizer.md), from nothing but its tensors."""

    def __init__(self, name):
        with safe_open(f"{fewbit.models_path()}/{name}.safetensors", "pt") as bundle:
            self.config = json.loads(bundle.metadata()["fewbit.config"])
            self.tensors = {key: bundle.get_tensor(key).double() for key in bundle.keys()}
        counts = self.config["levels"]
        self.thresholds = self.tensors["adc.thresholds"].split([m - 1 for m in counts])
        self.levels = self.tensors["adc.levels"].split(counts)
        self.first = np.cumsum([0, *counts[:-1]])

    def layers(self, half, value):
        layer = 0
        while f"{half}.{layer}.weight" in self.tensors:
            value = torch.relu(value) if layer else value
            value = torch.nn.functional.linear(
                value, self.tensors[f"{half}.{layer}.weight"], self.tensors[f"{half}.{layer}.bias"]
            )
            layer += 1
        return value

    def adc_inputs(self, x):
        return self.layers("analog", torch.from_numpy(x).double()) * self.tensors["agc.gain"]

    def codes(self, z):
        columns = [
            torch.searchsorted(t, z[:, d].contiguous(), right=True)
            for d, t in enumerate(self.thresholds)
        ]
        return torch.stack(columns, 1)

    def near_a_threshold(self, z):
        near = [(z[:, d, None] - t).abs().amin(1) < ROUNDING for d, t in enumerate(self.thresholds)]
        return torch.stack(near, 1)

    def values(self, codes):
        return torch.stack([level[codes[:, d]] for d, level in enumerate(self.levels)], 1)

    def estimate(self, codes):
        q = self.values(codes)
        return q @ self.tensors["digital.weight"][0].T + self.tensors["digital.bias"][0]

    def scores(self, codes):
        if self.config["digital"] == "network":
            return self.layers("digital", self.values(codes))
        table = self.tensors["digital.log_likelihood"]
        return sum(table[self.first[d] + codes[:, d]] for d in range(codes.shape[1]))


def _bits(classes, users):
    return ((classes[:, None] >> np.arange(users)) & 1).astype(np.uint8)


@pytest.mark.parametrize("rate", ["r1", "r2"])
def test_a_million_detections_are_torch_s(rate):
    name = f"task_detection_{rate}_10db"
    model, chain = TorchChain(name), algorithms.task_quantizer(_path(name))
    rng = np.random.default_rng(7)
    sent = rng.integers(0, 16, 1_000_000)
    gains = np.exp(-np.abs(np.subtract.outer(np.arange(12), np.arange(4))))
    x = (1.0 - 2.0 * _bits(sent, 4)) @ gains.T + 10**-0.5 * rng.normal(size=(len(sent), 12))
    x = x.astype(np.float32)
    z = model.adc_inputs(x)
    expected, ours = model.codes(z).numpy(), chain.codes(x)[0]
    near = model.near_a_threshold(z).numpy()
    assert near.mean() < 1e-4
    assert np.array_equal(ours[~near], expected[~near])

    scores = model.scores(torch.from_numpy(ours.astype(np.int64)))
    best = scores.topk(2, 1).values
    clear = (best[:, 0] - best[:, 1] > 1e-4).numpy()  # two classes as probable: rounding decides
    assert clear.mean() > 0.999
    decided = chain.decide(x)
    assert np.array_equal(decided[clear], _bits(scores.argmax(1).numpy(), 4)[clear])


def test_estimates_are_torch_s():
    name = "task_estimation_m8"
    model, chain = TorchChain(name), algorithms.task_quantizer(_path(name))
    rng = np.random.default_rng(8)
    x = (2.0 * rng.normal(size=(20_000, 240))).astype(np.float32)
    z = model.adc_inputs(x)
    expected, ours = model.codes(z).numpy(), chain.codes(x)[0]
    near = model.near_a_threshold(z).numpy()
    assert near.mean() < 1e-4
    assert np.array_equal(ours[~near], expected[~near])
    estimate = model.estimate(torch.from_numpy(ours.astype(np.int64))).numpy()
    assert np.allclose(chain.estimate(x), estimate, atol=1e-5)


def _path(name):
    return f"{fewbit.models_path()}/{name}.safetensors"
