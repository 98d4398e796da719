# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit export`: onnx's own evaluator on the files gives what the C++ codec gives."""

import sys

import numpy as np
import pytest
import softbit_oracle
from fewbit_lab.command import main
from gnuradio import fewbit
from gnuradio.fewbit import algorithms

onnx = pytest.importorskip("onnx")
reference = pytest.importorskip("onnx.reference")


def evaluator(path):
    return reference.ReferenceEvaluator(onnx.load(path))


@pytest.mark.parametrize(
    ("name", "bits"),
    [("softbit_k4", 4), ("softbit_k6", 6), ("softbit_k8", 8), ("softbit_k6_context", 6)],
)
def test_the_networks_are_the_codec_s(name, bits, tmp_path, capsys):
    assert main(["export", f"{name}.safetensors", "--output", str(tmp_path / "new")]) == 0
    assert f"{name}.encoder.onnx and " in capsys.readouterr().out
    codec = algorithms.learned_codec(fewbit.find_model(f"{name}.safetensors"))
    rng = np.random.default_rng(5)
    llrs = rng.normal(0, 8, (50, bits)).astype(np.float32)
    llrs[0] = [1e6, -1e6] * (bits // 2)
    [latents] = evaluator(tmp_path / "new" / f"{name}.encoder.onnx").run(None, {"llrs": llrs})
    ours = codec.latents(llrs.reshape(1, -1))[0]
    np.testing.assert_allclose(latents, ours.reshape(-1, 3), atol=1e-5)

    model = algorithms.bundle.load(fewbit.find_model(f"{name}.safetensors"))
    codebook = model.f32("codebook", model.tensors["codebook"][1])
    indices = rng.integers(0, len(codebook), (50, 3))
    decode = evaluator(tmp_path / "new" / f"{name}.decoder.onnx")
    [decoded] = decode.run(None, {"latents": codebook[indices]})
    ours = codec.decode_indices(indices[None]).reshape(-1, bits)
    np.testing.assert_allclose(decoded, ours, atol=1e-3)


def test_files_say_where_they_come_from(tmp_path):
    bundle = tmp_path / "mine.safetensors"
    softbit_oracle.random_bundle(bundle, 4)
    assert main(["export", str(bundle), "--output", str(tmp_path)]) == 0
    for half, width in (("encoder", 4), ("decoder", 3)):
        model = onnx.load(tmp_path / f"mine.{half}.onnx")
        onnx.checker.check_model(model, full_check=True)
        said = {entry.key: entry.value for entry in model.metadata_props}
        assert said["fewbit.bundle_id"] == f"{algorithms.bundle.load(bundle).id:08x}"
        assert said["fewbit.llr_sign"] == "positive_is_1"
        free, fixed = model.graph.input[0].type.tensor_type.shape.dim
        assert (free.dim_param, fixed.dim_value) == ("symbols", width)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("max_mi_k6_b3.safetensors", "'scalar_codebook', expected 'softbit_codec'"),
        (__file__, "is not a bundle"),
        ("nowhere.safetensors", "no such file"),
    ],
)
def test_refuses_what_has_no_such_networks(file, said, tmp_path, capsys):
    assert main(["export", file, "--output", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_says_what_is_missing_and_where_it_cannot_write(tmp_path, capsys, monkeypatch):
    (tmp_path / "taken").write_text("a file")
    words = ["export", "softbit_k6.safetensors", "--output", str(tmp_path / "taken")]
    assert main(words) == 2
    assert "cannot be written" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert main(words) == 2
    assert "needs the package onnx" in capsys.readouterr().err
