# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deployed chain does what docs/task_quantizer.md says, and survives its bundle."""

import dataclasses
import json

import numpy as np
import pytest

safetensors = pytest.importorskip("safetensors")

from fewbit_trainer.bundle import BundleError, write_bundle  # noqa: E402
from fewbit_trainer.task_quantizer.chain import (  # noqa: E402
    BUNDLE_KIND,
    AffineMap,
    Chain,
    LookupMap,
    NetworkMap,
    class_bits,
    decide,
    load_chain,
    phase_shifter_weight,
    single,
    write_chain,
)

COUNTS = (2, 5, 3, 8)


def layer(random, outputs, inputs):
    return single(random.normal(size=(outputs, inputs))), single(random.normal(size=outputs))


def some_chain(digital="lookup", agc="fixed", shifters=False, n=6, k=3, seed=1):
    """A chain of random parameters."""
    random = np.random.default_rng(seed)
    p = len(COUNTS)
    analog, phases = (layer(random, 7, n), layer(random, p, 7)), None
    if shifters:
        phases = single(random.uniform(-np.pi, np.pi, (p // 2, n // 2)))
        analog = ((single(phase_shifter_weight(phases)), single(np.zeros(p))),)
    maps = {
        "lookup": LookupMap(single(random.normal(size=(sum(COUNTS), 2**k)))),
        "network": NetworkMap((layer(random, 9, p), layer(random, 2**k, 9))),
        "affine": AffineMap(
            single(random.normal(size=(3 if agc == "block" else 1, k, p))),
            single(random.normal(size=(3 if agc == "block" else 1, k))),
        ),
    }
    return Chain(
        task="estimation" if digital == "affine" else "detection",
        outputs=k,
        analog=analog,
        gain=single(random.uniform(0.2, 2.0, p)),
        thresholds=tuple(single(np.sort(random.normal(size=m - 1))) for m in COUNTS),
        levels=tuple(single(random.normal(size=m)) for m in COUNTS),
        digital=maps[digital],
        agc=agc,
        phases=phases,
        complex_inputs=shifters,
    )


def by_hand(chain, x, g=None):
    """Codes and outputs of one vector, number by number."""
    value = [float(v) for v in x]
    for number, (weight, bias) in enumerate(chain.analog):
        if number:
            value = [max(v, 0.0) for v in value]
        value = [sum(w * v for w, v in zip(row, value, strict=True)) + b
                 for row, b in zip(weight.tolist(), bias.tolist(), strict=True)]  # fmt: skip
    z = [a * v for a, v in zip(chain.gain.tolist(), value, strict=True)]
    if chain.agc == "block" and g is None:
        g = 1.0 / (sum(v * v for v in z) / len(z)) ** 0.5
    g = 1.0 if g is None else g
    codes = [sum(t <= g * v for t in ts.tolist())
             for ts, v in zip(chain.thresholds, z, strict=True)]  # fmt: skip
    q = [levels.tolist()[c] for levels, c in zip(chain.levels, codes, strict=True)]
    digital = chain.digital
    if isinstance(digital, LookupMap):
        first = [sum(COUNTS[:d]) for d in range(len(COUNTS))]
        rows = [digital.log_likelihood[f + c] for f, c in zip(first, codes, strict=True)]
        return codes, np.sum(rows, axis=0, dtype=np.float64)
    if isinstance(digital, AffineMap):
        powers = enumerate(zip(digital.weight, digital.bias, strict=True))
        return codes, sum((w.astype(np.float64) @ q + b) / g**j for j, (w, b) in powers)
    (w1, b1), (w2, b2) = digital.layers
    return codes, w2.astype(np.float64) @ np.maximum(w1.astype(np.float64) @ q + b1, 0.0) + b2


VARIANTS = [("lookup", "fixed", False), ("network", "fixed", True), ("affine", "fixed", False),
            ("affine", "block", False), ("affine", "block", True)]  # fmt: skip


@pytest.mark.parametrize(("digital", "agc", "shifters"), VARIANTS)
def test_chain_equals_the_equations_and_survives_its_bundle(tmp_path, digital, agc, shifters):
    chain = some_chain(digital, agc, shifters)
    x = np.random.default_rng(2).normal(size=(200, chain.inputs))
    codes, g = chain.codes(x)
    outputs = chain.outputs_of(codes, g)
    for row in range(len(x)):
        expected_codes, expected = by_hand(chain, x[row])
        assert codes[row].tolist() == expected_codes
        np.testing.assert_allclose(outputs[row], expected, rtol=1e-9, atol=1e-9)
    path = write_chain(
        tmp_path / "chain.safetensors", chain, method="random", snr_db=(1.0, 2.0), seed=3,
        data="none", measured=[{"mse": 1.0}], more={"note": "x"},
    )  # fmt: skip
    again = load_chain(path)
    np.testing.assert_array_equal(again(x), outputs)
    assert again.bundle_config() == chain.bundle_config()
    with safetensors.safe_open(path, "numpy") as file:
        config = json.loads(file.metadata()["fewbit.config"])
    assert (config["seed"], config["snr_db"], config["note"]) == (3, [1.0, 2.0], "x")


def test_a_block_shares_one_gain_and_a_dead_block_has_gain_1():
    chain = dataclasses.replace(some_chain("affine", "block"), analog=(
        (single(np.eye(4)), single(np.zeros(4))),))  # fmt: skip
    x = np.random.default_rng(4).normal(size=(9, 4))
    x[3:6] = 0.0
    x[7, 2] = np.nan
    z, g = chain.adc_inputs(x, block_len=3)
    scaled = chain.gain * x
    assert g[:3] == pytest.approx(np.mean(scaled[:3] ** 2) ** -0.5)
    np.testing.assert_array_equal(g[3:], 1.0)
    np.testing.assert_allclose(z[:3], g[0] * scaled[:3])
    assert chain.quantize(z)[7, 2] == 0


def test_a_threshold_belongs_to_the_upper_cell():
    chain = some_chain()
    z = np.zeros((1, 4))
    for d, thresholds in enumerate(chain.thresholds):
        z[0, d] = thresholds[-1]
    assert chain.quantize(z)[0].tolist() == [m - 1 for m in COUNTS]


def test_bits_and_decisions():
    assert class_bits(np.array([0, 6]), 3).tolist() == [[0, 0, 0], [0, 1, 1]]
    assert decide(np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 1.0]])).tolist() == [1, 0]


def test_rate_counts_bits_per_real_input():
    assert some_chain().rate == pytest.approx(np.log2(2 * 5 * 3 * 8) / 6)


def test_load_refuses_another_kind(tmp_path):
    tensors = {"snr_db": single([0.0]), "thresholds": single([[[0.0]] * 2]),
               "levels": single([[[-1.0, 1.0]] * 2]),
               "cdf": np.array([[[0, 1, 65536]] * 2], np.int32)}  # fmt: skip
    config = {"bits_per_symbol": 2, "bits": 1, "llr_sign": "positive_is_1", "seed": 1}
    path = write_bundle(tmp_path / "other", "scalar_codebook", tensors, config)
    with pytest.raises(BundleError, match="the kind is 'scalar_codebook', expected 'task_quant"):
        load_chain(path)


def draft(digital="lookup", agc="fixed", shifters=False):
    chain = some_chain(digital, agc, shifters)
    config = {**chain.bundle_config(), "method": "random", "snr_db": [0.0, 1.0], "seed": 1}
    return chain.tensors(), config


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("task", "classification", "config 'task' is 'classification', expected 'estimation' or"),
        ("task", "estimation", "config 'digital' is 'lookup', expected 'affine' or 'network'"),
        ("outputs", 9, "config 'outputs' is 9, expected an integer from 1 to 8"),
        ("outputs", 2, r"tensor 'digital.log_likelihood' is float32 \[18, 8\]"),
        ("inputs", 1025, "config 'inputs' is 1025"),
        ("levels", [], r"config 'levels' is \[\], expected a list of integers"),
        ("levels", None, "config 'levels' is None, expected a list"),
        ("levels", [2, 5, 3, 1], r"config 'levels'\[3\] is 1, expected an integer from 2 to 256"),
        ("levels", [2, 5, 3, 8.0], r"config 'levels'\[3\] is 8.0"),
        ("levels", [2, 5, 3], r"tensor 'analog.1.weight' is float32 \[4, 7\]"),
        ("levels", [2] * 1025, "config 'levels' is 1025 entries long, expected at most 1024"),
        ("analog", "lens", "config 'analog' is 'lens', expected 'layers' or 'phase_shifters'"),
        ("analog", "phase_shifters", "config 'analog_layers' is 2, expected an integer from 1 to"),
        ("analog_layers", 3, "tensor 'analog.2"),
        ("agc", "slow", "config 'agc' is 'slow', expected 'fixed' or 'block'"),
        ("digital", "affine", "config 'digital' is 'affine', expected 'lookup' or 'network'"),
        ("digital", "network", "config 'digital_layers' is missing"),
        ("llr_sign", "no", "expected 'positive_is_1'"),
        ("complex_inputs", 1, "config 'complex_inputs' is 1, expected true or false"),
        ("seed", -1, "config 'seed' is -1"),
    ],
)
def test_refuses_a_wrong_configuration(tmp_path, key, value, words):
    tensors, config = draft()
    with pytest.raises(BundleError, match=words):
        write_bundle(tmp_path / "m", BUNDLE_KIND, tensors, {**config, key: value})


def test_refuses_powers_where_the_gain_is_fixed(tmp_path):
    tensors, config = draft("affine", "block")
    with pytest.raises(BundleError, match="config 'powers' is 3, expected 1 unless 'agc' is 'blo"):
        write_bundle(tmp_path / "m", BUNDLE_KIND, tensors, {**config, "agc": "fixed"})


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("agc.gain", lambda v: -v, "tensor 'agc.gain' is not positive, expected gains above 0"),
        ("agc.gain", lambda v: 0 * v, "tensor 'agc.gain' is not positive"),
        ("adc.thresholds", lambda v: v[::-1].copy(), "'adc.thresholds' is not ascending"),
        ("adc.thresholds", lambda v: v[:-1], r"float32 \[13\], expected float32 \[14\]"),
        ("adc.levels", lambda v: v.reshape(2, -1), r"expected float32 \[18\]"),
        ("analog.0.bias", lambda v: np.float32([]), r"'analog.0.bias' is of shape \[0\]"),
        ("analog.0.bias", lambda v: v[:, None], r"'analog.0.bias' is of shape \[7, 1\]"),
    ],
)
def test_refuses_a_wrong_tensor(tmp_path, name, change, words):
    tensors, config = draft()
    with pytest.raises(BundleError, match=words):
        write_bundle(tmp_path / "m", BUNDLE_KIND, {**tensors, name: change(tensors[name])}, config)


def test_equal_thresholds_and_a_fall_between_adcs_pass(tmp_path):
    tensors, config = draft()
    tensors["adc.thresholds"] = single([9.0, 1, 1, 2, 3, -4, -4, 0, 0, 1, 2, 3, 4, 5])
    write_bundle(tmp_path / "m", BUNDLE_KIND, tensors, config)


def test_refuses_phases_that_are_not_the_weight_s(tmp_path):
    tensors, config = draft("affine", "block", True)
    tensors["analog.phases"] = tensors["analog.phases"] + np.float32(0.01)
    with pytest.raises(BundleError, match="'analog.0.weight' is .* off, expected the real form"):
        write_bundle(tmp_path / "m", BUNDLE_KIND, tensors, config)
