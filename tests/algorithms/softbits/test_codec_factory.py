# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The codec's text form, the `float` codec, and where bundles are looked for."""

import os

import numpy as np
import pytest
from gnuradio import fewbit

make = fewbit.algorithms.make_softbit_codec


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a kind of codec"),
        ("flaot", "not a kind of codec; there are .*float"),
        ("float:", "nothing follows"),
        ("float:bits=4", "no option 'bits', expected none$"),
        ("float:file", "not of the form key=value"),
        ("float:a=1,a=2", "given twice"),
        ("float:a=1,,b=2", "empty"),
        ("float:a=1,b", "'b' is not of the form"),
        ("float: ", "nothing follows"),
        ("float:a=1, ,b=2", "empty"),
        ("float:a=1, a =2", "'a' is given twice"),
        # What is misspelt is named, not what is missing for it.
        ("uniform:bit=4,clip=8", "'bit', expected bits, clip, coded, bits_per_symbol, snr$"),
        ("uniform:bits=4,clip=8,coded=0,snr=3", "no option 'snr'"),
        ("uniform:bits=4,clip=8,fixed=1", "no option 'fixed'"),
        ("iq-csi:bits=6", "no option 'bits'"),
        ("iq-csi:fixed=1,step=1", "no option 'step'"),
        ("learned:bits=6", "'learned' has no options, and there is no file 'bits=6'"),
        ("max-mi:bit=3", "no option 'bit'"),
        ("uniform:bits=4", "option 'clip' is missing"),
        ("max-mi:bits=3", "the name of a bundle file is missing"),
    ],
)
def test_refuses_a_text_it_cannot_read(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make(text)


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        (" float ", "float"),
        ("uniform: bits = 4 ,\tclip= 8 ", "uniform:bits=4,clip=8"),
        (" learned : softbit_k6.safetensors ", "learned:softbit_k6.safetensors"),
        (
            "max-mi: max_mi_k6_b3.safetensors , snr = 13",
            "max-mi:max_mi_k6_b3.safetensors,snr=13",
        ),
    ],
)
def test_spaces_around_the_parts_of_a_text_are_skipped(text: str, same_as: str) -> None:
    assert make(text).id == make(same_as).id


def test_float_gives_finite_llrs_back_bit_for_bit() -> None:
    llrs = np.random.default_rng(1).normal(0, 20, 648).astype(np.float32)
    codec = make("float")
    body = codec.encode(llrs)
    assert body == llrs.astype("<f4").tobytes()
    assert np.array_equal(codec.decode(body, 648), llrs)


def test_float_makes_special_values_finite_both_ways() -> None:
    ugly = np.array([np.nan, np.inf, -np.inf, 0.0], np.float32)
    largest = np.finfo(np.float32).max
    expected = np.array([0, largest, -largest, 0], np.float32)
    codec = make("float")
    assert np.array_equal(codec.decode(codec.encode(ugly), 4), expected)
    assert np.array_equal(codec.decode(ugly.tobytes(), 4), expected)


def test_float_refuses_a_body_of_another_size() -> None:
    codec = make("float")
    with pytest.raises(ValueError, match="7 bytes cannot be one of 2 LLRs"):
        codec.decode(bytes(7), 2)


def test_an_empty_packet_is_an_empty_body() -> None:
    codec = make("float")
    assert codec.encode(np.zeros(0, np.float32)) == b""
    assert codec.decode(b"", 0).shape == (0,)


def test_round_trip_is_encode_and_decode_of_every_row() -> None:
    llrs = np.random.default_rng(2).normal(0, 5, (3, 12)).astype(np.float32)
    decoded, sizes = make("float").round_trip(llrs)
    assert np.array_equal(decoded, llrs)
    assert sizes.dtype == np.int32 and list(sizes) == [48, 48, 48]
    with pytest.raises(ValueError, match="expected the shape"):
        make("float").round_trip(llrs[0])


def test_equal_codecs_have_equal_ids() -> None:
    codec = make("float")
    assert codec.id == make("float").id == codec.clone().id
    assert codec.name == "float" and codec.llrs_per_symbol == 1


def test_models_are_found_as_given_then_among_the_shipped(tmp_path, monkeypatch) -> None:
    shipped, here = tmp_path / "shipped", tmp_path / "here"
    shipped.mkdir()
    here.mkdir()
    (shipped / "a").touch()
    (shipped / "b").touch()
    (here / "b").touch()
    (shipped / "c.safetensors").touch()
    (shipped / "a.safetensors").touch()
    (here / "d.safetensors").touch()
    monkeypatch.chdir(here)
    monkeypatch.setenv("FEWBIT_MODELS", str(shipped))
    assert fewbit.models_path() == str(shipped)
    assert fewbit.find_model("a") == str(shipped / "a")
    assert fewbit.find_model("b") == "b"
    assert fewbit.find_model("nowhere") == "nowhere"
    assert fewbit.find_model("c") == str(shipped / "c.safetensors")
    assert fewbit.find_model("c.safetensors") == str(shipped / "c.safetensors")
    assert fewbit.find_model("d") == "d"  # files of one's own have their whole name
    monkeypatch.delenv("FEWBIT_MODELS")
    assert os.path.isabs(fewbit.models_path())
