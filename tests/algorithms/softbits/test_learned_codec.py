# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The learned codec against the same codec in numpy, torch and torchac."""

import shutil

import numpy as np
import pytest
import softbit_oracle as oracle
from gnuradio import fewbit

algorithms = fewbit.algorithms


def some_llrs(packets: int, n: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 6, (packets, n)).astype(np.float32)


@pytest.fixture(params=algorithms.instruction_sets())
def instruction_set(request):
    algorithms.use_instruction_set(request.param)
    yield request.param
    algorithms.use_instruction_set("")


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    made = {}

    def bundle(bits: int = 6, contexts: int = 1):
        if (bits, contexts) not in made:
            path = folder / f"k{bits}c{contexts}.safetensors"
            made[bits, contexts] = (str(path), oracle.random_bundle(path, bits, contexts))
        return made[bits, contexts]

    return bundle


@pytest.mark.parametrize("bits", [2, 4, 6, 8])
@pytest.mark.parametrize("symbols", [1, 7, 8, 81, 108, 162])
def test_latents_agree_with_float64(bundles, instruction_set, bits, symbols) -> None:
    file, tensors = bundles(bits)
    llrs = some_llrs(3, bits * symbols)
    found = algorithms.learned_codec(file).latents(llrs)
    assert found.shape == (3, symbols, 3)
    np.testing.assert_allclose(found, oracle.latents(tensors, llrs, bits), atol=1e-5, rtol=0)


@pytest.mark.parametrize("bits", [4, 6, 8])
def test_indices_agree_on_all_but_ties(bundles, instruction_set, bits) -> None:
    file, tensors = bundles(bits)
    llrs = some_llrs(20, bits * 108)
    latents = oracle.latents(tensors, llrs, bits)
    found = algorithms.learned_codec(file).indices(llrs)
    place = (latents.clip(-0.8, 0.8) + 0.8) / (1.6 / 63)
    from_tie = np.abs(place - np.floor(place) - 0.5) * (1.6 / 63)
    clear = from_tie > 1e-5
    assert clear.mean() > 0.99
    assert np.array_equal(found[clear], oracle.nearest(tensors, latents)[clear])
    assert np.abs(found.astype(int) - oracle.nearest(tensors, latents)).max() <= 1


def test_a_tie_goes_to_the_lower_point(tmp_path, instruction_set) -> None:
    # An encoder that always gives 0, half-way between two points that floats hold exactly.
    def change(tensors, config):
        tensors["codebook"] = (0.25 * (np.arange(6) - 2.5)).astype(np.float32)
        tensors["encoder.4.weight"][:] = 0
        tensors["encoder.4.bias"][:] = 0

    path = tmp_path / "ties.safetensors"
    oracle.random_bundle(path, 4, levels=6, change=change)
    found = algorithms.learned_codec(str(path)).indices(some_llrs(1, 4 * 9))
    assert np.all(found == 2)


@pytest.mark.parametrize("bits", [2, 4, 6, 8])
@pytest.mark.parametrize("symbols", [1, 7, 81, 108])
def test_decoded_llrs_agree_with_float64(bundles, instruction_set, bits, symbols) -> None:
    file, tensors = bundles(bits)
    indices = np.random.default_rng(4).integers(0, 64, (3, symbols, 3)).astype(np.uint8)
    found = algorithms.learned_codec(file).decode_indices(indices)
    np.testing.assert_allclose(found, oracle.llrs(tensors, indices), atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize("bits", [4, 6, 8])
@pytest.mark.parametrize("contexts", [1, 2, 5, 8, 9])
def test_the_body_is_the_reference_coders(bundles, bits, contexts) -> None:
    file, tensors = bundles(bits, contexts)
    codec = algorithms.learned_codec(file)
    assert codec.contexts == contexts
    for packet in some_llrs(2, bits * 27):
        indices = codec.indices(packet[None])[0]
        body = codec.encode(packet)
        assert body == oracle.body(tensors, indices)
        expected = codec.decode_indices(indices[None])[0]
        assert np.array_equal(codec.decode(body, len(packet)), expected)


def test_a_score_that_equals_a_threshold_has_passed_it(tmp_path) -> None:
    def coarse(tensors, config):  # so that every other score or so meets a threshold
        for name in ("context_table", "context_start"):
            tensors[name] = np.round(tensors[name]).astype(np.float32)
        tensors["context_thresholds"][:] = [-2, -1, 0, 1]

    path = tmp_path / "ties.safetensors"
    tensors = oracle.random_bundle(path, 6, 5, change=coarse)
    codec = algorithms.learned_codec(str(path))
    for packet in some_llrs(3, 6 * 27):
        assert codec.encode(packet) == oracle.body(tensors, codec.indices(packet[None])[0])


def test_the_body_is_torchacs(bundles) -> None:
    torchac = pytest.importorskip("torchac")
    torch = pytest.importorskip("torch")
    file, tensors = bundles(6)
    codec = algorithms.learned_codec(file)
    cdf = tensors["cdf"][:, 0].astype(np.int64)
    cdf[:, -1] = 0  # 65536 as torchac's int16 has it
    cdf = torch.from_numpy(np.tile(cdf.astype(np.uint16).view(np.int16), (108, 1)))
    for packet in some_llrs(5, 648):
        symbols = codec.indices(packet[None])[0].reshape(-1).astype(np.int16)
        expected = torchac.encode_int16_normalized_cdf(cdf, torch.from_numpy(symbols))
        assert codec.encode(packet) == expected


def test_latents_agree_with_torch(bundles) -> None:
    torch = pytest.importorskip("torch")
    file, tensors = bundles(6)
    llrs = some_llrs(50, 648)
    value = torch.tanh(torch.from_numpy(llrs) / 2).reshape(50, 108, 6)
    for i in range(5):
        weight = torch.from_numpy(tensors[f"encoder.{i}.weight"])
        bias = torch.from_numpy(tensors[f"encoder.{i}.bias"])
        value = torch.nn.functional.linear(value, weight, bias)
        value = torch.tanh(value) if i == 4 else torch.relu(value)
    found = algorithms.learned_codec(file).latents(llrs)
    np.testing.assert_allclose(found, value.numpy(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("contexts", [1, 8])
def test_round_trip_is_encode_and_decode(bundles, instruction_set, contexts) -> None:
    codec = algorithms.make_softbit_codec("learned:" + bundles(6, contexts)[0])
    llrs = some_llrs(4, 648)
    decoded, sizes = codec.round_trip(llrs)
    for packet, out, size in zip(llrs, decoded, sizes, strict=True):
        body = codec.encode(packet)
        assert len(body) == size <= codec.max_body_bytes(648)
        assert np.array_equal(codec.decode(body, 648), out)
    assert np.abs(decoded).max() <= codec.llr_clip


def test_nan_is_an_erasure_and_infinity_is_certain(bundles, instruction_set) -> None:
    file, tensors = bundles(6)
    codec = algorithms.learned_codec(file)
    ugly = some_llrs(1, 600)
    ugly[0, ::7] = np.nan
    ugly[0, 1::7] = np.inf
    ugly[0, 2::7] = -np.inf
    plain = np.nan_to_num(ugly, nan=0.0, posinf=1e9, neginf=-1e9)
    np.testing.assert_array_equal(codec.latents(ugly), codec.latents(plain))
    expected = oracle.latents(tensors, ugly, 6)
    np.testing.assert_allclose(codec.latents(ugly), expected, atol=1e-5)
    assert np.isfinite(codec.decode(codec.encode(ugly[0]), 600)).all()


def test_huge_weights_still_decode_to_finite_llrs(tmp_path, instruction_set) -> None:
    def change(tensors, config):
        for name in tensors:
            if name.endswith("weight"):
                tensors[name] *= np.float32(1e30)

    path = tmp_path / "huge.safetensors"
    oracle.random_bundle(path, 6, change=change)
    codec = algorithms.learned_codec(str(path))
    llrs = codec.decode(codec.encode(some_llrs(1, 648)[0]), 648)
    assert np.isfinite(llrs).all()


def test_wrong_counts_are_refused(bundles) -> None:
    codec = algorithms.make_softbit_codec("learned:" + bundles(6)[0])
    with pytest.raises(ValueError, match="found 647 LLRs, expected a multiple of 6"):
        codec.encode(np.zeros(647, np.float32))
    with pytest.raises(ValueError, match="multiple of 6"):
        codec.decode(b"\0", 5)
    with pytest.raises(ValueError, match="multiple of 6"):
        codec.latents(np.zeros((1, 5), np.float32))
    with pytest.raises(ValueError, match=r"\[packets, symbols, 3\]"):
        codec.decode_indices(np.zeros((1, 5), np.uint8))
    with pytest.raises(ValueError, match="not below 64"):
        codec.decode_indices(np.full((1, 1, 3), 64, np.uint8))


def test_an_empty_packet_is_an_empty_body(bundles) -> None:
    codec = algorithms.make_softbit_codec("learned:" + bundles(6)[0])
    assert codec.encode(np.zeros(0, np.float32)) == b""
    assert codec.decode(b"", 0).size == 0
    with pytest.raises(ValueError, match="cannot be one"):
        codec.decode(b"\0", 0)
    with pytest.raises(ValueError, match="cannot be one"):
        codec.decode(b"", 648)


@pytest.mark.parametrize("contexts", [1, 8])
def test_truncated_and_corrupted_bodies_never_crash(bundles, contexts) -> None:
    rng = np.random.default_rng(5)
    codec = algorithms.make_softbit_codec("learned:" + bundles(6, contexts)[0])
    body = codec.encode(some_llrs(1, 648)[0])
    refused = 0
    for trial in range(600):
        damaged = bytearray(body)
        if trial % 3 == 0:
            damaged = damaged[: rng.integers(0, len(body))]
        elif trial % 3 == 1:
            damaged[rng.integers(0, len(body))] ^= 1 << rng.integers(0, 8)
        else:
            damaged = bytearray(rng.bytes(rng.integers(1, 1000)))
        try:
            llrs = codec.decode(bytes(damaged), 648)
            assert np.isfinite(llrs).all() and np.abs(llrs).max() <= codec.llr_clip
        except ValueError:
            refused += 1
    assert refused > 300


def test_a_clone_is_equal_and_independent(bundles) -> None:
    codec = algorithms.make_softbit_codec("learned:" + bundles(6)[0])
    packet = some_llrs(1, 648)[0]
    copy = codec.clone()
    assert isinstance(copy, algorithms.learned_codec)
    assert copy.id == codec.id and copy.name == codec.name == "learned-k6"
    assert copy.encode(packet) == codec.encode(packet)


def test_the_id_is_the_bundles_content(bundles, tmp_path) -> None:
    file, _ = bundles(6)
    copy, other = tmp_path / "copy.safetensors", tmp_path / "other.safetensors"
    shutil.copy(file, copy)
    oracle.random_bundle(other, 6, seed=2)
    first = algorithms.learned_codec(file)
    assert algorithms.learned_codec(str(copy)).id == first.id
    assert algorithms.learned_codec(str(other)).id != first.id
    assert algorithms.learned_codec(bundles(6, 8)[0]).name == "learned-k6-c8"


def equal_neighbours(tensors, config) -> None:
    tensors["cdf"][1, 0, 5] = tensors["cdf"][1, 0, 4]


def uneven(tensors, config) -> None:
    tensors["codebook"][3] += 0.01


def constant(tensors, config) -> None:
    tensors["codebook"][:] = 0


def unsorted(tensors, config) -> None:
    tensors["context_thresholds"][2] = -np.sort(-tensors["context_thresholds"][2])


@pytest.mark.parametrize(
    ("change", "contexts", "says"),
    [
        (lambda t, c: t.pop("encoder.2.bias"), 1, "encoder.2.bias.*missing"),
        (lambda t, c: t.update({"decoder.4.bias": np.zeros(5, np.float32)}), 1, "decoder.4.bias"),
        (lambda t, c: t.update(cdf=t["cdf"][:, :, :-1].copy()), 1, "cdf.*3.*1.*65"),
        (lambda t, c: t.pop("context_start"), 8, "context_start"),
        (lambda t, c: c.update(hidden=23), 1, "encoder.0.weight"),
        (lambda t, c: c.update(bits_per_symbol=0), 1, "bits_per_symbol"),
        (lambda t, c: c.update(levels=257), 1, "levels"),
        (lambda t, c: c.update(levels=10**30), 1, "levels"),
        (lambda t, c: c.update(contexts=2), 1, "context"),
        (lambda t, c: c.update(latents=4), 1, "latents"),
        (lambda t, c: c.update(cdf_precision=12), 1, "cdf_precision"),
        (lambda t, c: c.update(llr_sign="positive_is_0"), 1, "llr_sign.*positive_is_1"),
        (lambda t, c: c.update(llr_clip=-1.0), 1, "llr_clip"),
        (lambda t, c: c.pop("llr_clip"), 1, "llr_clip.*missing"),
        (equal_neighbours, 1, "cdf.*latent 1, context 0"),
        (uneven, 1, "codebook.*value 3.*equal distances"),
        (constant, 1, "codebook.*ascending"),
        (unsorted, 8, "context_thresholds"),
    ],
)
def test_refuses_a_bundle_that_is_not_a_codecs(tmp_path, change, contexts, says) -> None:
    path = tmp_path / "bad.safetensors"
    oracle.random_bundle(path, 6, contexts, change=change)
    with pytest.raises(Exception, match=says) as refusal:
        algorithms.make_softbit_codec(f"learned:{path}")
    assert str(path) in str(refusal.value) and "\n" not in str(refusal.value)


def test_refuses_options_and_a_missing_name() -> None:
    with pytest.raises(ValueError, match="the name of a bundle file is missing"):
        algorithms.make_softbit_codec("learned")
    with pytest.raises(ValueError, match="no options, and there is no file 'x.safetensors,bits=3'"):
        algorithms.make_softbit_codec("learned:x.safetensors,bits=3")


def test_all_that_follows_the_colon_is_the_files_name(tmp_path) -> None:
    path = tmp_path / "4,, bits=6,x.safetensors"
    oracle.random_bundle(path, 4, 1)
    named = algorithms.make_softbit_codec(f"learned: {path} ")
    assert named.id == algorithms.learned_codec(str(path)).id
