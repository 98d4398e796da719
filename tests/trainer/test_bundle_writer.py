# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundle writer: what it writes is read by safetensors and by the C++ reader."""

import json
import subprocess
import sys

import numpy as np
import pytest

safetensors = pytest.importorskip("safetensors")

from fewbit_trainer.bundle import BundleError, write_bundle  # noqa: E402


def codec_model(k=6, levels=64, contexts=1, seed=1):
    """A softbit_codec with random weights."""
    random = np.random.default_rng(seed)
    hidden = 4 * k
    tensors = {}
    for half, widths in (
        ("encoder", [k, hidden, hidden, hidden, hidden, 3]),
        ("decoder", [3, hidden, hidden, hidden, hidden, k]),
    ):
        for layer, (inputs, outputs) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
            weight = random.normal(size=(outputs, inputs)).astype(np.float32)
            tensors[f"{half}.{layer}.weight"] = weight
            tensors[f"{half}.{layer}.bias"] = random.normal(size=outputs).astype(np.float32)
    tensors["codebook"] = np.linspace(-0.8, 0.8, levels, dtype=np.float32)
    cdf = np.round(np.linspace(0, 65536, levels + 1)).astype(np.int32)
    tensors["cdf"] = np.tile(cdf, (3, contexts, 1))
    if contexts > 1:
        tensors["context_table"] = random.normal(size=(3, 6, levels)).astype(np.float32)
        tensors["context_thresholds"] = np.sort(
            random.normal(size=(3, contexts - 1)).astype(np.float32), axis=1
        )
        tensors["context_start"] = np.zeros(3, dtype=np.float32)
    config = {
        "bits_per_symbol": k,
        "hidden": hidden,
        "latents": 3,
        "levels": levels,
        "contexts": contexts,
        "llr_sign": "positive_is_1",
        "llr_clip": 24.0,
        "cdf_precision": 16,
        "snr_db": [-4.0, 24.0],
        "seed": seed,
        "alpha": 1e-3,
        "data": "random weights",
        "measured": [{"snr_db": 12.0, "bits_per_llr": 2.7}],
    }
    return tensors, config


def scalar_model():
    tensors = {
        "snr_db": np.float32([0, 10]),
        "thresholds": np.tile(np.float32([-2, 0, 2]), (2, 6, 1)),
        "levels": np.tile(np.float32([-4, -1, 1, 4]), (2, 6, 1)),
        "cdf": np.tile(np.int32([0, 1000, 30000, 60000, 65536]), (2, 6, 1)),
    }
    config = {"bits_per_symbol": 6, "bits": 2, "llr_sign": "positive_is_1", "seed": 5}
    return tensors, config


@pytest.mark.parametrize("contexts", [1, 4])
def test_safetensors_and_the_cpp_reader_read_what_was_written(tmp_path, contexts):
    algorithms = pytest.importorskip("gnuradio.fewbit").algorithms
    tensors, config = codec_model(contexts=contexts)
    path = write_bundle(tmp_path / "deep" / "k6.safetensors", "softbit_codec", tensors, config)
    with safetensors.safe_open(path, framework="numpy") as theirs:
        assert set(theirs.keys()) == set(tensors)
        assert theirs.metadata()["fewbit.kind"] == "softbit_codec"
        assert all(np.array_equal(theirs.get_tensor(n), v) for n, v in tensors.items())
    model = algorithms.bundle.load(path, "softbit_codec")
    assert model.config == json.loads(json.dumps(config))
    for name, values in tensors.items():
        read = model.i32 if values.dtype == np.int32 else model.f32
        assert np.array_equal(read(name, values.shape), values)


def test_writes_scalar_codebooks_and_arrays_that_are_not_contiguous(tmp_path):
    algorithms = pytest.importorskip("gnuradio.fewbit").algorithms
    tensors, config = scalar_model()
    tensors["levels"] = np.asfortranarray(tensors["levels"])
    path = write_bundle(tmp_path / "scalar.safetensors", "scalar_codebook", tensors, config)
    model = algorithms.bundle.load(path, "scalar_codebook")
    assert np.array_equal(model.f32("levels", (2, 6, 4)), tensors["levels"])


def test_equal_models_give_equal_bytes_in_every_process(tmp_path):
    script = (
        "import sys; sys.path[:0] = [{folder!r}]\n"
        "from test_bundle_writer import *\n"
        "t, c = codec_model(contexts=4)\n"
        "write_bundle(sys.argv[1], 'softbit_codec', dict(reversed(t.items())), c)\n"
    ).format(folder=str(__file__).rsplit("/", 1)[0])
    tensors, config = codec_model(contexts=4)
    first = write_bundle(tmp_path / "0", "softbit_codec", tensors, config).read_bytes()
    for run in ("1", "2"):
        subprocess.run([sys.executable, "-c", script, str(tmp_path / run)], check=True)
        assert (tmp_path / run).read_bytes() == first


def test_imports_neither_torch_nor_gnuradio():
    script = (
        "import sys, fewbit_trainer.bundle\n"
        "assert not {'torch', 'gnuradio'} & set(sys.modules), 'heavy import'"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def changed(values, index, value):
    values = values.copy()
    values[index] = value
    return values


CASES = [
    ("cdf", lambda v: v.astype(np.int64), "tensor 'cdf' is int64, expected float32 or int32"),
    ("cdf", lambda v: v.astype(np.float32), "float32 [3, 1, 65], expected int32 [3, 1, 65]"),
    ("cdf", lambda v: v[:, 0], "expected int32 [3, 1, 65]"),
    ("cdf", lambda v: changed(v, (0, 0, 0), 1), "not from 0 to 65536"),
    ("cdf", lambda v: changed(v, (0, 0, 64), 65535), "not from 0 to 65536"),
    ("cdf", lambda v: changed(v, (1, 0, 9), v[1, 0, 8]), "not increasing after [1, 0, 8]"),
    ("codebook", lambda v: v[::-1], "ascending values at equal distances"),
    ("codebook", lambda v: changed(v, 3, v[3] + 1e-3), "equal distances"),
    ("encoder.0.bias", lambda v: changed(v, 2, np.nan), "value [2] is nan"),
    ("encoder.0.bias", lambda v: changed(v, 2, np.inf), "value [2] is inf"),
    ("encoder.0.bias", lambda v: v.tolist(), "list, expected a numpy array"),
    ("decoder.4.weight", lambda v: v.T, "expected float32 [6, 24]"),
]


@pytest.mark.parametrize(("name", "change", "words"), CASES, ids=range(len(CASES)))
def test_refuses_a_wrong_tensor(tmp_path, name, change, words):
    tensors, config = codec_model()
    tensors[name] = change(tensors[name])
    path = tmp_path / "model.safetensors"
    path.write_text("what stood there")
    with pytest.raises(BundleError) as error:
        write_bundle(path, "softbit_codec", tensors, config)
    assert words in str(error.value) and "model.safetensors" in str(error.value)
    assert path.read_text() == "what stood there"
    assert list(tmp_path.iterdir()) == [path]


def test_refuses_tensors_that_are_missing_or_unknown(tmp_path):
    tensors, config = codec_model()
    with pytest.raises(BundleError, match="tensor 'extra' is there, expected no tensor"):
        write_bundle(tmp_path / "m", "softbit_codec", {**tensors, "extra": tensors["cdf"]}, config)
    del tensors["decoder.2.bias"]
    with pytest.raises(BundleError, match="tensor 'decoder.2.bias' is missing"):
        write_bundle(tmp_path / "m", "softbit_codec", tensors, config)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("bits_per_symbol", None, "config 'bits_per_symbol' is None"),
        ("bits_per_symbol", 6.0, "config 'bits_per_symbol' is 6.0, expected an integer"),
        ("levels", True, "config 'levels' is True"),
        ("latents", 4, "config 'latents' is 4"),
        ("llr_sign", "positive_is_0", "'positive_is_0', expected 'positive_is_1'"),
        ("llr_clip", 0, "more than 0"),
        ("llr_clip", "24", "a number"),
        ("cdf_precision", 15, "config 'cdf_precision' is 15"),
        ("alpha", float("nan"), "config 'alpha' is nan, expected a finite number"),
        ("measured", [{"bler": [float("inf")]}], r"config 'measured'\[0\] 'bler'\[0\] is inf"),
        ("measured", {1: 2}, "a key of config 'measured' is 1, expected text"),
        ("measured", np.float32(1), "of type float32"),
        ("contexts", 4, "tensor 'cdf' is int32"),
    ],
)
def test_refuses_a_wrong_configuration(tmp_path, key, value, words):
    tensors, config = codec_model()
    with pytest.raises(BundleError, match=words):
        write_bundle(tmp_path / "m", "softbit_codec", tensors, {**config, key: value})


def test_refuses_an_unknown_kind_and_a_model_too_large(tmp_path):
    tensors, config = codec_model()
    with pytest.raises(BundleError, match="the kind is 'codec', expected 'softbit_codec' or"):
        write_bundle(tmp_path / "m", "codec", tensors, config)
    with pytest.raises(BundleError, match="the header is .* bytes long"):
        write_bundle(tmp_path / "m", "softbit_codec", tensors, {**config, "data": "x" * 2**20})
    deep = []
    for _ in range(20):
        deep = [deep]
    with pytest.raises(BundleError, match="nested deeper"):
        write_bundle(tmp_path / "m", "softbit_codec", tensors, {**config, "data": deep})
