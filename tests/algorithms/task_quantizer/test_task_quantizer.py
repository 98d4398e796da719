# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole chain: bundles against numpy, the fused pass against its parts, hostile files."""

import shutil

import numpy as np
import pytest
import task_quantizer_oracle as oracle
from gnuradio.fewbit import algorithms

task_quantizer = algorithms.task_quantizer
bundle_error = algorithms.bundle_error


@pytest.fixture(params=algorithms.instruction_sets())
def instruction_set(request):
    algorithms.use_instruction_set(request.param)
    yield request.param
    algorithms.use_instruction_set("")


def some_vectors(n, vectors, seed=2):
    return np.random.default_rng(seed).normal(size=(vectors, n)).astype(np.float32)


CHAINS = {
    "lookup": {},
    "ragged": {"inputs": 10},
    "unlike": {"inputs": 16, "levels": (8, 4, 8, 3)},
    "mixed": {"levels": (2, 256, 3, 64)},
    "fine": {"levels": (64,) * 4},
    "network": {"digital": "network"},
    "layers": {"analog_hidden": (20,), "agc": "block"},
    "one": {"inputs": 1, "levels": (2,), "outputs": 1},
    "estimation": {
        "task": "estimation",
        "digital": "affine",
        "inputs": 240,
        "levels": (8,) * 80,
        "outputs": 80,
    },
    "powers": {
        "task": "estimation",
        "digital": "affine",
        "agc": "block",
        "powers": 3,
        "levels": (8,) * 6,
        "outputs": 5,
    },
    "estimating network": {"task": "estimation", "digital": "network", "outputs": 3},
    "wide network": {
        "task": "estimation",
        "digital": "network",
        "inputs": 60,
        "levels": (4, 16, 33) * 10,
        "digital_hidden": (50,),
        "outputs": 7,
    },
    "very wide": {"inputs": 300, "levels": (8,) * 40, "digital": "network"},
    "phases": {"inputs": 24, "levels": (4,) * 8, "phase_shifters": True},
}


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    made = {}
    for name, settings in CHAINS.items():
        path = folder / f"{name}.safetensors"
        tensors, config = oracle.random_bundle(path, **settings)
        made[name] = task_quantizer(path), tensors, config
    return made


@pytest.mark.parametrize("name", CHAINS)
def test_a_bundle_is_what_numpy_makes_of_it(bundles, name):
    """Codes of small fixed maps exactly; of others wherever z is clear of every threshold."""
    chain, tensors, config = bundles[name]
    x = some_vectors(config["inputs"], 500)
    gain, levels = tensors["agc.gain"], config["levels"]
    layers = [
        (tensors[f"analog.{i}.weight"], tensors[f"analog.{i}.bias"])
        for i in range(config["analog_layers"])
    ]
    v = oracle.run_layers(layers, x) * gain
    g = oracle.block_gains(v, 1) if config["agc"] == "block" else np.ones(500)
    z = v * g[:, None]
    expected = oracle.codes_of(levels, tensors["adc.thresholds"], z)
    near = oracle.codes_of(levels, tensors["adc.thresholds"] + 1e-5, z)
    below = oracle.codes_of(levels, tensors["adc.thresholds"] - 1e-5, z)
    clear = ((near == expected) & (below == expected)).all(-1)
    codes, gains = chain.codes(x)
    assert clear.mean() > 0.9
    np.testing.assert_array_equal(codes[clear], expected[clear])
    np.testing.assert_allclose(gains, g, rtol=1e-5)
    if config["analog_layers"] == 1 and config["agc"] == "fixed" and len(gain) < 30:
        exact = oracle.combine_exactly(*layers[0], gain, x)
        np.testing.assert_array_equal(
            codes, oracle.codes_of(levels, tensors["adc.thresholds"], exact)
        )
    if config["digital"] == "affine":
        rows = oracle.rows_of(levels, codes)
        q = tensors["adc.levels"][rows].astype(float)
        weight, bias = tensors["digital.weight"], tensors["digital.bias"]
        s = sum(g[:, None] ** -j * (q @ weight[j].T + bias[j]) for j in range(len(weight)))
        np.testing.assert_allclose(chain.estimate(x), s, rtol=1e-4, atol=1e-3)
    if config["digital"] == "lookup":
        scores = tensors["digital.log_likelihood"][oracle.rows_of(levels, codes)].sum(-2)
        np.testing.assert_allclose(chain.llrs(x), oracle.llrs(scores, config["outputs"]), atol=1e-4)


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("vectors", [0, 1, 7, 8, 17, 255, 257, 1000])
@pytest.mark.parametrize("block_len", [1, 3, 300, 2000])
def test_one_pass_gives_what_the_parts_give(bundles, instruction_set, name, vectors, block_len):
    chain, _, config = bundles[name]
    x = some_vectors(config["inputs"], vectors)
    x[vectors // 2 : vectors // 2 + 1] = np.nan
    z, gains = chain.analog.combine_with_gains(x, block_len)
    codes = chain.adc.quantize(z)
    found, found_gains = chain.codes(x, block_len)
    np.testing.assert_array_equal(found, codes)
    np.testing.assert_array_equal(found_gains, gains)
    np.testing.assert_array_equal(
        chain.estimate(x, block_len), chain.digital.estimate(codes, gains)
    )
    if chain.task == "detection":
        for method in ("classes", "decide", "posteriors", "llrs"):
            np.testing.assert_array_equal(
                getattr(chain, method)(x, block_len), getattr(chain.digital, method)(codes)
            )


@pytest.mark.parametrize(
    "levels",
    [(8,) * 4, (4,) * 5, (16,) * 3, (2, 3), (5, 6, 7), (20, 9, 2, 2), (8, 4, 8, 3)],
    ids=str,
)
def test_what_lies_on_a_threshold_is_decided_as_its_code(instruction_set, levels):
    """Whole numbers as thresholds and inputs."""
    p = len(levels)
    adc = algorithms.scalar_adc(levels, np.concatenate([np.arange(1, m) for m in levels]))
    rng = np.random.default_rng(3)
    table = -rng.gamma(2, 1, (sum(levels), 8)).astype(np.float32)
    chain = task_quantizer(
        algorithms.analog_map.identity(p), adc, algorithms.digital_map.lookup(adc, 3, table)
    )
    x = rng.integers(-1, 22, (259, p)).astype(np.float32)
    codes = np.clip(x, 0, np.array(levels) - 1)
    np.testing.assert_array_equal(chain.codes(x)[0], codes)
    expected = table[oracle.rows_of(levels, codes.astype(int))].sum(-2).argmax(-1)
    np.testing.assert_array_equal(chain.classes(x), expected)
    np.testing.assert_array_equal(chain.decide(x), oracle.user_bits(3)[expected])


@pytest.mark.parametrize("vectors", [3, 300])
def test_what_lies_on_a_threshold_is_estimated_from_its_code(instruction_set, vectors):
    """A combiner too large for the small kernel; whole numbers, which no rounding moves."""
    levels = [8, 3, 16, 2] * 10
    adc = algorithms.scalar_adc(
        levels,
        np.concatenate([np.arange(1, m) for m in levels]),
        np.concatenate([np.arange(m) for m in levels]),
    )
    estimate = algorithms.digital_map.affine(adc, np.eye(40), np.zeros(40))
    chain = task_quantizer(algorithms.analog_map.identity(40), adc, estimate)
    x = np.random.default_rng(4).integers(-1, 18, (vectors, 40)).astype(np.float32)
    np.testing.assert_array_equal(chain.estimate(x), np.clip(x, 0, np.array(levels) - 1))


def test_takes_complex_vectors(bundles):
    chain, _, config = bundles["phases"]
    x = some_vectors(24, 50)
    assert chain.complex_inputs
    np.testing.assert_array_equal(chain.llrs(x[:, :12] + 1j * x[:, 12:]), chain.llrs(x))


def test_knows_its_rate(bundles):
    chain, _, _ = bundles["mixed"]
    assert chain.bits_per_vector == pytest.approx(1 + 8 + np.log2(3) + 6)
    assert chain.rate == pytest.approx(chain.bits_per_vector / 12)
    assert chain.method == "random weights"


def test_parts_can_be_swapped_and_must_fit(bundles):
    chain, _, _ = bundles["lookup"]
    x = some_vectors(12, 100)
    copy = task_quantizer(chain.analog, chain.adc, chain.digital)
    copy.adc = algorithms.scalar_adc.uniform([8] * 4, 2)
    codes, _ = copy.codes(x)
    np.testing.assert_array_equal(codes, copy.adc.quantize(chain.analog.combine(x)))
    with pytest.raises(ValueError, match="made for other ADCs or levels"):
        copy.adc = algorithms.scalar_adc.uniform([4] * 4, 2)
    np.testing.assert_array_equal(copy.codes(x)[0], codes)
    with pytest.raises(ValueError, match="12 outputs, expected one for each of the 4 ADCs"):
        task_quantizer(algorithms.analog_map.identity(12), chain.adc, chain.digital)


def test_an_estimator_does_not_detect(bundles):
    chain, _, _ = bundles["estimation"]
    with pytest.raises(ValueError, match="the task is estimation, expected detection"):
        chain.decide(some_vectors(240, 1))


def test_refuses_vectors_of_another_length(bundles):
    chain, _, _ = bundles["lookup"]
    with pytest.raises(ValueError, match="last dimension is 11, expected 12"):
        chain.decide(some_vectors(11, 5))


# -- hostile bundles ---------------------------------------------------------------------------
def swap(key, value):
    def change(tensors, config, metadata):
        config[key] = value

    return change


def drop(key):
    return lambda tensors, config, metadata: config.pop(key)


def tensor(name, value):
    def change(tensors, config, metadata):
        tensors[name] = np.asarray(value, np.float32)

    return change


def without(name):
    return lambda tensors, config, metadata: tensors.pop(name)


def unsorted(tensors, config, metadata):
    tensors["adc.thresholds"][8] = 100


def conjugated(tensors, config, metadata):
    """What phase shifters do to the imaginary parts, turned round."""
    tensors["analog.0.weight"][:4, 12:] *= -1


def another_kind(tensors, config, metadata):
    metadata["fewbit.kind"] = "softbit_codec"


LOOKUP, AFFINE = {}, CHAINS["powers"]
HOSTILE = [
    (LOOKUP, another_kind, "'softbit_codec', expected 'task_quantizer'"),
    (LOOKUP, swap("task", "guessing"), "config 'task' is 'guessing', expected one of"),
    (LOOKUP, swap("task", "estimation, detection"), "config 'task' is"),
    (LOOKUP, swap("task", ""), "config 'task' is ''"),
    (LOOKUP, drop("task"), "config 'task' is missing"),
    (LOOKUP, swap("inputs", 0), "config 'inputs' is"),
    (LOOKUP, swap("inputs", 10**9), "expected an integer from 1 to 1024"),
    (LOOKUP, swap("inputs", 13), "config 'inputs' is 13, expected an even number"),
    (LOOKUP, swap("inputs", 14), r"tensor 'analog.0.weight' is F32 \[4, 12\]"),
    (LOOKUP, swap("outputs", 9), "expected an integer from 1 to 8"),
    (LOOKUP, swap("outputs", 3), "tensor 'digital.log_likelihood' is"),
    (LOOKUP, swap("levels", [8, 8, 8]), "config 'levels' is"),
    (LOOKUP, swap("levels", [8, 8, 8, 1]), "config 'levels', value 3 is 1.0"),
    (LOOKUP, swap("levels", [8, 8, 8, 257]), "expected an integer from 2 to 256"),
    (LOOKUP, swap("levels", [8, 8, 8, 8.5]), "expected an integer from 2 to 256"),
    (LOOKUP, swap("levels", [8, 8, 8, 7]), "tensor 'adc.thresholds' is"),
    (LOOKUP, swap("levels", 8), "config 'levels' is"),
    (LOOKUP, swap("analog", "magic"), "config 'analog' is 'magic'"),
    (LOOKUP, swap("analog_layers", 2), "tensor 'analog.1.weight' is missing"),
    (LOOKUP, swap("analog_layers", 9), "expected an integer from 1 to 8"),
    (LOOKUP, swap("agc", "fast"), "config 'agc' is 'fast', expected one of fixed, block"),
    (LOOKUP, swap("digital", "affine"), "expected 'lookup' or 'network' for detection"),
    (LOOKUP, swap("digital", "network"), "config 'digital_layers' is missing"),
    (LOOKUP, swap("complex_inputs", 1), "config 'complex_inputs' is.*expected true or false"),
    (LOOKUP, swap("llr_sign", "positive_is_0"), "config 'llr_sign' is"),
    (LOOKUP, swap("method", 5), "config 'method' is"),
    (LOOKUP, unsorted, "tensor 'adc.thresholds', value 9 is.*no less than the one before it"),
    (LOOKUP, tensor("agc.gain", [1, 1, 0, 1]), "tensor 'agc.gain', value 2 is 0.0.*positive"),
    (LOOKUP, tensor("agc.gain", [1, 1, -1, 1]), "tensor 'agc.gain', value 2 is -1.0"),
    (LOOKUP, tensor("agc.gain", [1, 1, np.nan, 1]), "tensor 'agc.gain', value 2 is NaN"),
    (LOOKUP, without("agc.gain"), "tensor 'agc.gain' is missing"),
    (LOOKUP, without("adc.levels"), "tensor 'adc.levels' is missing"),
    (LOOKUP, tensor("analog.0.weight", np.ones((4, 12, 1))), "the shape has 3 dimensions"),
    (LOOKUP, tensor("analog.0.weight", np.ones((5, 12))), "tensor 'analog.0.bias' is"),
    (LOOKUP, tensor("analog.0.weight", np.ones((2000, 12))), "2000, expected 1 to 1024"),
    (LOOKUP, tensor("digital.log_likelihood", np.full((32, 16), -3e30)), "at most 1e30"),
    (AFFINE, swap("powers", 0), "config 'powers' is"),
    (AFFINE, swap("powers", 2), r"tensor 'digital.bias' is F32 \[3, 5\]"),
    (AFFINE, swap("digital", "lookup"), "expected 'affine' or 'network' for estimation"),
    (CHAINS["network"], swap("digital_layers", 3), "tensor 'digital.2.weight' is missing"),
    (CHAINS["network"], swap("outputs", 3), "last layer's outputs is 16, expected 8"),
    (CHAINS["phases"], without("analog.phases"), "tensor 'analog.phases' is missing"),
    (CHAINS["phases"], tensor("analog.phases", np.zeros((4, 12))), "'analog.0.weight' at row 0"),
    (CHAINS["phases"], conjugated, "'analog.0.weight' at row 0, column 0 is"),
    (CHAINS["phases"], swap("analog_layers", 2), "config 'analog_layers' is"),
]


@pytest.mark.parametrize(("settings", "change", "sentence"), HOSTILE)
def test_refuses_a_hostile_bundle_in_one_sentence(tmp_path, settings, change, sentence):
    path = tmp_path / "hostile.safetensors"
    oracle.random_bundle(path, **settings, change=change)
    with pytest.raises(bundle_error, match=sentence) as refusal:
        task_quantizer(path)
    assert "\n" not in str(refusal.value)


def test_refuses_truncated_and_missing_files(bundles, tmp_path):
    path = tmp_path / "some.safetensors"
    oracle.random_bundle(path)
    whole = path.read_bytes()
    for size in (0, 7, 8, 100, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(bundle_error):
            task_quantizer(path)
    with pytest.raises(bundle_error):
        task_quantizer(tmp_path / "nothing")


def test_a_moved_file_is_not_needed_any_more(tmp_path):
    path = tmp_path / "some.safetensors"
    oracle.random_bundle(path)
    chain = task_quantizer(path)
    shutil.move(path, tmp_path / "elsewhere")
    assert chain.decide(some_vectors(12, 3)).shape == (3, 4)
