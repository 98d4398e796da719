# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundle reader on sound and on hostile files, which are made here byte by byte."""

import json
import os
import resource
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from gnuradio.fewbit import algorithms

METADATA = {
    "fewbit.kind": "softbit_codec",
    "fewbit.format": "1",
    "fewbit.config": json.dumps({"bits_per_symbol": 6, "measured": {"bits_per_llr": 2.7}}),
}
VALUES = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
CDF = np.array([[0, 5, 65536]], dtype=np.int32)
DATA = VALUES.tobytes() + CDF.tobytes()


def entry(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def sound_header():
    return {
        "__metadata__": dict(METADATA),
        "weight": entry("F32", [2, 3], 0, 24),
        "cdf": entry("I32", [1, 3], 24, 36),
    }


def file_of(header, data=DATA):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def short_id(value):
    return repr(value)[:24]


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # sentences cut long paths short

    def load_bytes(content, kind=""):
        path = Path("model.safetensors")
        path.write_bytes(content)
        return algorithms.bundle.load(path, kind)

    return load_bytes


def refused(load, content, *words, kind=""):
    with pytest.raises(algorithms.bundle_error) as error:
        load(content, kind)
    sentence = str(error.value)
    assert "model.safetensors" in sentence
    assert "\n" not in sentence and len(sentence) < 600
    for word in words:
        assert word in sentence, sentence


def test_reads_what_is_there(load):
    content = file_of(sound_header())
    model = load(content, "softbit_codec")
    assert model.kind == "softbit_codec"
    assert model.config == json.loads(METADATA["fewbit.config"])
    assert model.tensors == {"weight": ("F32", (2, 3)), "cdf": ("I32", (1, 3))}
    assert model.file_bytes == len(content)
    assert np.array_equal(model.f32("weight", [2, 3]), VALUES)
    assert np.array_equal(model.i32("cdf", (1, 3)), CDF)
    assert model.path.endswith("model.safetensors")


def test_the_id_follows_the_bytes_and_not_the_place(load, tmp_path):
    content = file_of(sound_header())
    other = tmp_path / "elsewhere.safetensors"
    other.write_bytes(content)
    first = load(content).id
    assert first == algorithms.bundle.load(str(other)).id
    changed = bytearray(content)
    changed[-1] ^= 1
    assert load(bytes(changed)).id != first
    hash_ = 2166136261  # FNV-1a, as published
    for byte in content:
        hash_ = (hash_ ^ byte) * 16777619 % 2**32
    assert first == hash_


def test_reads_scalars_and_empty_tensors_and_padded_headers(load):
    header = {
        "__metadata__": METADATA,
        "scalar": entry("F32", [], 0, 4),
        "none": entry("F32", [3, 0], 4, 4),
    }
    text = json.dumps(header).encode() + b"   "
    model = load(file_of(text, struct.pack("<f", 2.5)))
    assert model.f32("scalar", []) == 2.5
    assert model.f32("none", [3, 0]).shape == (3, 0)


def test_a_tensor_must_be_asked_for_as_it_is(load):
    model = load(file_of(sound_header()))
    for ask, words in [
        (lambda: model.f32("weight", [3, 2]), "F32 [2, 3], expected F32 [3, 2]"),
        (lambda: model.f32("weight", [6]), "expected F32 [6]"),
        (lambda: model.i32("weight", [2, 3]), "expected I32 [2, 3]"),
        (lambda: model.f32("bias", [3]), "tensor 'bias' is missing"),
    ]:
        with pytest.raises(algorithms.bundle_error) as error:
            ask()
        assert words in str(error.value)


def test_bundle_error_is_a_value_error():
    assert issubclass(algorithms.bundle_error, ValueError)


# Files that are not files.


def test_refuses_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, words in [
        (tmp_path / "absent.safetensors", "not there"),
        (tmp_path, "a directory"),
        (tmp_path / "pipe", "not a regular file"),
        ("", "not there"),
        (tmp_path / os.fsdecode(b"\xff\xfe\n"), "not there"),
    ]:
        with pytest.raises(algorithms.bundle_error, match=words):
            algorithms.bundle.load(path)


@pytest.mark.parametrize("size", [0, 1, 7])
def test_refuses_a_file_without_room_for_a_header_length(load, size):
    refused(load, b"\0" * size, f"{size} bytes long", "at least the 8 bytes")


def test_refuses_a_file_of_another_format(load):
    refused(load, b"PK\x03\x04" + bytes(60), "' is not a bundle: its first 8 bytes")
    refused(load, b"\x80\x04\x95" + bytes(60), "is not a bundle")
    refused(load, b"# A page\n\nof text\n", "is not a bundle")
    foreign = {name: tensor for name, tensor in sound_header().items() if name != "__metadata__"}
    refused(load, file_of(foreign), "is not a bundle: it is a .safetensors file whose metadata")


@pytest.mark.parametrize("length", [2**64 - 1, 2**63, 2**40, 2**20 + 1, 37])
def test_refuses_a_huge_header_length_without_reading_or_allocating(load, length):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(load, struct.pack("<Q", length) + b"{}" + bytes(34), "header length", str(length))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4 << 10  # KiB


def test_refuses_a_huge_file_before_reading_it(tmp_path):
    path = tmp_path / "huge.safetensors"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # sparse: takes no space
    with pytest.raises(algorithms.bundle_error, match="at most 16777216 bytes"):
        algorithms.bundle.load(path)


@pytest.mark.parametrize("kept", [8, 9, 40, -1, -12, -36])
def test_refuses_a_truncated_bundle(load, kept):
    refused(load, file_of(sound_header())[:kept])


# Headers that are not headers.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "not JSON"),
        (b"not json", "not JSON"),
        (b'{"a":', "not JSON"),
        (b"[]", "array, expected a JSON object"),
        (b"null", "null, expected a JSON object"),
        (b'{"\xff": 1}', "not JSON"),
        (b'{"a": 1e999}', "not JSON of finite numbers"),
        (b"{} {}", "not JSON"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"a":' * 100_000, "nested deeper"),
        (b'{"a": [[[[[]]]]]}', "nested deeper"),
    ],
    ids=short_id,
)
def test_refuses_a_header_that_is_no_json_object(load, text, words):
    refused(load, file_of(text), words)


def test_refuses_duplicate_keys_wherever_they_are(load):
    text = json.dumps(sound_header())
    refused(load, file_of(text.replace('"cdf"', '"weight"').encode()), "duplicate key 'weight'")
    text = json.dumps(sound_header()).replace('"dtype"', '"shape"', 1)
    refused(load, file_of(text.encode()), "duplicate key 'shape'")
    text = json.dumps(sound_header()).replace('"fewbit.format"', '"fewbit.kind"', 1)
    refused(load, file_of(text.encode()), "duplicate key 'fewbit.kind'")
    header = sound_header()
    header["__metadata__"]["fewbit.config"] = '{"seed": 1, "seed": 2}'
    refused(load, file_of(header), "fewbit.config", "duplicate key 'seed'")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("fewbit.kind", None, "'fewbit.kind' is missing"),
        ("fewbit.format", None, "'fewbit.format' is missing"),
        ("fewbit.config", None, "'fewbit.config' is missing"),
        ("fewbit.kind", "scalar_codebook", "'scalar_codebook', expected 'softbit_codec'"),
        ("fewbit.kind", "x\n\x1b[31m\u2028" * 99, "expected 'softbit_codec'"),
        ("fewbit.kind", 3, "number, expected a string"),
        ("fewbit.format", "2", "'2', expected '1'"),
        ("fewbit.config", "", "not JSON"),
        ("fewbit.config", "[1]", "array, expected a JSON object"),
        ("fewbit.config", '{"a": NaN}', "not JSON"),
        ("fewbit.config", "[" * 10_000, "nested deeper"),
    ],
    ids=short_id,
)
def test_refuses_wrong_metadata(load, key, value, words):
    header = sound_header()
    if value is None:
        del header["__metadata__"][key]
    else:
        header["__metadata__"][key] = value
    refused(load, file_of(header), words, kind="softbit_codec")


def test_refuses_metadata_that_are_no_object(load):
    for metadata in [None, [], "fewbit", 1]:
        refused(load, file_of({"__metadata__": metadata}, b""), "__metadata__")


# Tensors that are not tensors.


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (None, "an object of dtype"),
        ([], "an object of dtype"),
        ({}, "an object of dtype"),
        ({**entry("F32", [2, 3], 0, 24), "more": 1}, "nothing else"),
        (entry("F64", [3], 0, 24), "dtype"),
        (entry("BF16", [12], 0, 24), "dtype"),
        (entry(32, [2, 3], 0, 24), "dtype"),
        (entry("F32", 6, 0, 24), "shape"),
        (entry("F32", [-2, -3], 0, 24), "shape"),
        (entry("F32", [2.0, 3], 0, 24), "shape"),
        (entry("F32", [1] * 9, 0, 4), "9 dimensions"),
        (entry("F32", [2, 4], 0, 24), "32 bytes for shape [2, 4]"),
        (entry("F32", [2, 3], 0, 20), "24 bytes for shape"),
        (entry("F32", [2**62, 2, 3], 0, 24), "shape"),
        (entry("F32", [2**24] * 8, 0, 24), "bytes for shape"),
        (entry("F32", [2**24, 2**24, 2**16, 1], 0, 0), "bytes for shape"),
        (entry("F32", [2**64 + 6], 0, 24), "shape"),
        (entry("F32", [2, 3], 24, 0), "data_offsets"),
        (entry("F32", [2, 3], 2**64 - 24, 0), "data_offsets"),
        (entry("F32", [2, 3], 24, 48), "within the 36 bytes of data"),
        (entry("F32", [2, 3], -24, 0), "data_offsets"),
        (entry("F32", [2, 3], 0.0, 24.0), "data_offsets"),
        (entry("F32", [2, 3], 12, 36), "where the tensor before it ends"),
        (entry("F32", [5], 4, 24), "where the tensor before it ends"),
        (entry("F32", [5], 0, 20), "20, where the tensor before it ends"),
        ({"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24, 24]}, "two integers"),
    ],
    ids=short_id,
)
def test_refuses_a_wrong_tensor(load, tensor, words):
    header = sound_header()
    header["weight"] = tensor
    refused(load, file_of(header), "weight" if "before it" not in words else "", words)


def test_refuses_tensors_that_overlap(load):
    header = sound_header()
    header["cdf"] = entry("I32", [1, 3], 12, 24)
    refused(load, file_of(header), "tensor 'cdf', first byte is 12, expected 24")
    header["cdf"] = entry("I32", [2, 3], 0, 24)
    refused(load, file_of(header, VALUES.tobytes()), "first byte is 0, expected 24")


def test_refuses_bytes_that_are_no_tensors(load):
    refused(load, file_of(sound_header()) + b"smuggled", "the data's size is 44 bytes")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_refuses_weights_that_are_not_finite(load, value):
    values = VALUES.copy()
    values[1, 1] = value
    content = file_of(sound_header(), values.tobytes() + CDF.tobytes())
    refused(load, content, "tensor 'weight', value 4", "expected a finite number")


def test_many_mutated_bundles_load_or_are_refused_in_a_sentence(load):
    random = np.random.default_rng(99)
    sound = file_of(sound_header())
    length = struct.unpack("<Q", sound[:8])[0]
    tokens = [b'"', b"{", b"}", b"[", b"]", b",", b":", b"0", b"-", b"1e9", b"\\u0000", b"\xc3"]
    outcomes = {"loaded": 0, "refused": 0}
    for _ in range(4000):
        content = bytearray(sound)
        for _ in range(random.integers(1, 4)):
            place = int(random.integers(len(content)))
            match random.integers(6):
                case 0:
                    content[place] ^= 1 << random.integers(8)
                case 1:  # in the header, where it matters
                    content[8 + place % length] = random.integers(256)
                case 2:
                    del content[place : place + random.integers(1, 30)]
                case 3:
                    token = tokens[random.integers(len(tokens))]
                    content[place:place] = token
                case 4:
                    end = place + random.integers(1, 60)
                    content[place:place] = content[place:end]
                case 5:  # a header length that fits again
                    content[:8] = struct.pack("<Q", random.integers(0, len(content) + 2))
            if not content:
                break
        try:
            model = load(bytes(content))
            assert all(len(shape) <= 8 for _, shape in model.tensors.values())
            outcomes["loaded"] += 1
        except algorithms.bundle_error as error:
            assert "model.safetensors" in str(error) and "\n" not in str(error)
            outcomes["refused"] += 1
    assert outcomes["loaded"] > 20 and outcomes["refused"] > 1000, outcomes


def test_a_large_sound_bundle_reads_whole(load):
    values = np.random.default_rng(1).normal(size=(1000, 1000)).astype(np.float32)
    header = {"__metadata__": METADATA, "weight": entry("F32", [1000, 1000], 0, 4_000_000)}
    model = load(file_of(header, values.tobytes()))
    assert zlib.crc32(model.f32("weight", [1000, 1000]).tobytes()) == zlib.crc32(values)
