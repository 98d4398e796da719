# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""SigMF recordings: written, read, played, and refused."""

import json

import numpy as np
import pytest
from gnuradio import fewbit, gr
from gnuradio.fewbit import sigmf
from stream_bench import rows, seen, sink


def recorded(folder, vectors, datatype, **more):
    """Write `vectors` [n, channels] as samples of `datatype`."""
    value, is_complex = sigmf.DATATYPES[datatype]
    flat = np.stack([vectors.real, vectors.imag], -1) if is_complex else vectors.real
    if value == "<i2":
        flat = np.round(flat * 32768)
    flat.astype(value).tofile(folder / "some.v1.sigmf-data")
    name = folder / "some.v1.sigmf-meta"
    return sigmf.write_meta(name, datatype, vectors.shape[1], 1e3, **more)


def vectors_of(n, channels, is_complex):
    rng = np.random.default_rng(3)
    # Multiples of 2^-15 below 1, which every datatype holds exactly.
    parts = rng.integers(-32768, 32768, (2, n, channels)) / 32768
    return parts[0] + 1j * parts[1] if is_complex else parts[0]


def play(*make):
    block = fewbit.sigmf_source(*make)
    kind = "c" if make[1] == "complex" else "f"
    graph, kept = gr.top_block(), sink(kind, make[2])
    graph.connect(block, kept)
    graph.run()
    return rows(kept, kind, make[2]), kept


@pytest.mark.parametrize("datatype", sigmf.DATATYPES)
def test_plays_what_was_recorded_with_its_pilots(tmp_path, datatype):
    is_complex = sigmf.DATATYPES[datatype][1]
    vectors = vectors_of(500, 3, is_complex)
    pilots = {7: [0, 1], 2: [1, 1], 499: [1, 0]}
    meta = recorded(tmp_path, vectors, datatype, pilots=pilots, pilots_are_bits=True)
    played, kept = play(str(meta), "complex" if is_complex else "float", 3)
    np.testing.assert_array_equal(played, vectors)
    assert seen(kept, "pilot") == sorted(pilots.items())
    recording = sigmf.read_meta(meta)
    np.testing.assert_array_equal(recording.read(), vectors)
    assert (recording.samples, recording.channels, recording.sample_rate) == (500, 3, 1e3)
    assert list(recording.pilots) == [2, 7, 499]


def test_symbols_are_pilots_too_and_names_may_lack_their_ending(tmp_path):
    recorded(tmp_path, vectors_of(4, 2, True), "cf32_le", pilots={1: [0.5, -1.0]})
    assert sigmf.read_meta(tmp_path / "some.v1").pilots == {1: (0.5, -1.0)}
    assert not sigmf.read_meta(tmp_path / "some.v1.sigmf-data").pilots_are_bits


def test_without_a_name_the_stream_ends_at_once():
    played, _ = play("", "complex", 3)
    assert len(played) == 0


def test_a_last_vector_that_is_cut_short_is_left_out(tmp_path):
    meta = recorded(tmp_path, vectors_of(10, 3, True), "cf32_le")
    data = tmp_path / "some.v1.sigmf-data"
    data.write_bytes(data.read_bytes()[:-1])
    assert len(play(str(meta), "complex", 3)[0]) == 9


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["global"].update({"core:datatype": "cf64_le"}),
        lambda c: c["global"].pop("core:datatype"),
        lambda c: c["global"].update({"core:datatype": ["cf32_le"]}),
        lambda c: c["global"].update({"core:num_channels": 0}),
        lambda c: c["global"].update({"core:num_channels": 1 << 40}),
        lambda c: c["global"].update({"core:num_channels": True}),
        lambda c: c["global"].update({"core:sample_rate": "fast"}),
        lambda c: c["global"].update({"core:sample_rate": 10**400}),
        lambda c: c["global"].update({"core:dataset": "other.bin"}),
        lambda c: c["captures"][0].update({"core:header_bytes": 8}),
        lambda c: c.update({"global": []}),
        lambda c: c.update({"annotations": {}}),
        lambda c: c["annotations"].append({"core:sample_start": 4, "fewbit:symbols": [1, 2]}),
        lambda c: c["annotations"].append({"core:sample_start": 1, "fewbit:bits": [1, 0]}),
        lambda c: c["annotations"].append({"core:sample_start": 4, "fewbit:bits": [1]}),
        lambda c: c["annotations"].append({"core:sample_start": 4, "fewbit:bits": []}),
        lambda c: c["annotations"].append({"core:sample_start": -1, "fewbit:bits": [1, 0]}),
        lambda c: c["annotations"].append({"core:sample_start": 10, "fewbit:bits": [1, 0]}),
        lambda c: c["annotations"].append({"core:sample_start": 4, "fewbit:bits": [1, "0"]}),
        lambda c: c["annotations"].append({"core:sample_start": 4, "fewbit:bits": [1, 2]}),
        lambda c: c["annotations"].append({"core:sample_start": 4, "fewbit:bits": [1, 10**400]}),
        lambda c: c.update(annotations=[{"core:sample_start": 1, "fewbit:symbols": [1e39]}]),
    ],
)
def test_refuses_what_it_does_not_understand(tmp_path, change):
    meta = recorded(
        tmp_path, vectors_of(10, 2, True), "cf32_le", pilots={1: [1, 0]}, pilots_are_bits=True
    )
    content = json.loads(meta.read_text())
    change(content)
    meta.write_text(json.dumps(content))
    with pytest.raises(sigmf.SigmfError):
        sigmf.read_meta(meta)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "[" * 100000, "\xff\xfe", "{}", "1" * 5000], ids=lambda text: text[:5]
)
def test_refuses_what_is_no_metadata(tmp_path, text):
    meta = tmp_path / "bad.sigmf-meta"
    meta.write_bytes(text.encode("latin-1"))
    with pytest.raises(sigmf.SigmfError):
        sigmf.read_meta(meta)


def test_refuses_a_recording_of_another_kind(tmp_path):
    meta = recorded(tmp_path, vectors_of(10, 2, True), "cf32_le")
    for make in ((str(meta), "complex", 3), (str(meta), "float", 2), (str(meta), "int", 2)):
        with pytest.raises(ValueError):
            fewbit.sigmf_source(*make)
    (tmp_path / "some.v1.sigmf-data").write_bytes(b"")
    with pytest.raises(sigmf.SigmfError, match="holds no sample"):
        fewbit.sigmf_source(str(meta), "complex", 2)
    with pytest.raises(sigmf.SigmfError, match="cannot be read"):
        fewbit.sigmf_source(str(tmp_path / "none"), "complex", 2)
    (tmp_path / "some.v1.sigmf-data").unlink()
    with pytest.raises(sigmf.SigmfError, match="cannot be read"):
        sigmf.read_meta(meta)
