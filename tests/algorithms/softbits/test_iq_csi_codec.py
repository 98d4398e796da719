# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""I/Q and CSI: the cells and their LLRs, the coder's overhead, damaged bodies."""

import numpy as np
import pytest
from fewbit_trainer.max_mi import pam_constellation, pam_llrs
from gnuradio import fewbit
from scipy.special import ndtr

make = fewbit.algorithms.make_softbit_codec
iq_csi_codec = fewbit.algorithms.iq_csi_codec
KS = [4, 6, 8]
EPA_NS = np.array([0, 30, 70, 90, 110, 190, 410])
EPA_DB = np.array([0.0, -1, -2, -3, -8, -17.2, -20.8])


def epa(bits_per_symbol: int, snr_db: float, packets: int, seed: int = 1):
    """Equalised symbols [packets, n], gain-to-noise ratios and exact LLRs [packets, n K]."""
    rng = np.random.default_rng(seed)
    n = 648 // bits_per_symbol
    power = 10 ** (EPA_DB / 10)
    taps = rng.normal(size=(packets, 7, 2)) @ [1, 1j] * np.sqrt(power / power.sum() / 2)
    h = taps @ np.exp(-2j * np.pi * np.outer(EPA_NS * 1e-9, np.arange(n) * 10e6 / n))
    gain = np.abs(h) ** 2
    rho = gain / gain.mean(axis=1, keepdims=True) * 10 ** (snr_db / 10)
    amplitudes, _ = pam_constellation(bits_per_symbol)
    y = rng.choice(amplitudes, (packets, n, 2))
    y = y + rng.normal(size=y.shape) / np.sqrt(2 * rho[..., None])
    llrs = pam_llrs(y, np.broadcast_to(rho[..., None], y.shape), bits_per_symbol)
    llrs = llrs.swapaxes(2, 3).reshape(packets, -1).astype(np.float32)
    return (y @ [1, 1j]).astype(np.complex64), rho.astype(np.float32), llrs


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("bits_per_symbol", KS)
def test_llrs_and_symbols_are_encoded_alike(bits_per_symbol, fixed) -> None:
    """But for symbols within the inverse's error of a cell's border."""
    codec = iq_csi_codec(bits_per_symbol, 0.5, 1.5, fixed)
    symbols, rho, llrs = epa(bits_per_symbol, 13, 20)
    same = []
    for p in range(20):
        from_symbols = codec.decode(codec.encode_symbols(symbols[p], rho[p]), 648)
        same.append(from_symbols == codec.decode(codec.encode(llrs[p]), 648))
    assert np.mean(same) > 0.999


@pytest.mark.parametrize("bits_per_symbol", KS)
def test_fine_steps_give_back_the_llrs(bits_per_symbol) -> None:
    codec = iq_csi_codec(bits_per_symbol, 0.1, 0.25)
    _, _, llrs = epa(bits_per_symbol, 13, 10)
    decoded, _ = codec.round_trip(llrs)
    moderate = np.abs(llrs) < 15
    error = np.abs(decoded - llrs)[moderate] / (1 + np.abs(llrs[moderate]))
    assert np.quantile(error, 0.99) < 0.12
    assert np.sqrt(np.mean(error**2)) < 0.04


def test_a_cell_decodes_to_the_llrs_of_that_cell() -> None:
    """Against scipy, K = 4, one gain: a coarse step makes cells far from points."""
    step, csi_db, bits_per_symbol = 2.0, 0.25, 4
    codec = iq_csi_codec(bits_per_symbol, step, csi_db)
    amplitudes, bits = pam_constellation(bits_per_symbol)
    highest = 4.5**2 / (2 * 0.1)  # half the distance of 16-QAM, squared, is 1/10
    rho = highest * 10 ** (-0.1 * 24 * csi_db)
    deviation = np.sqrt(0.5 / rho)
    for index in range(-3, 4):
        i = index * step * deviation
        decoded = codec.decode(codec.encode_symbols([i + 0j], [rho]), bits_per_symbol)
        edges = (index + np.array([-0.5, 0.5]))[:, None] * step - amplitudes / deviation
        cell = ndtr(edges[1]) - ndtr(edges[0])
        for b in range(2):
            expected = np.log(cell[bits[:, b] == 1].sum() / cell[bits[:, b] == 0].sum())
            assert decoded[2 * b] == pytest.approx(expected, abs=0.02, rel=0.02)


@pytest.mark.parametrize(
    ("bits_per_symbol", "step", "csi_db", "snr_db"),
    [(4, 0.5, 1.5, 7), (6, 0.25, 0.75, 13), (6, 0.5, 1.5, 13), (6, 0.7, 2, 13), (8, 0.5, 1.5, 18)],
)
def test_bodies_take_little_more_than_the_entropy(bits_per_symbol, step, csi_db, snr_db) -> None:
    """I/Q: -log2 of the Gaussian mixture's cell probabilities by scipy. CSI: the empirical entropy
    of its changes, which the adaptive contexts may even beat. 24 bits a packet for the rest."""
    symbols, rho, llrs = epa(bits_per_symbol, snr_db, 200)
    _, sizes = iq_csi_codec(bits_per_symbol, step, csi_db).round_trip(llrs)

    amplitudes, _ = pam_constellation(bits_per_symbol)
    highest = 10 * np.log10(4.5**2 / (2 * np.min(np.abs(amplitudes)) ** 2))
    lowest = highest - np.ceil((highest + 10) / csi_db - 1) * csi_db
    level = np.rint((np.minimum(10 * np.log10(rho), highest) - lowest) / csi_db)
    erased = level < 0
    deviation = np.sqrt(0.5 / 10 ** ((lowest + level * csi_db) / 10))[..., None]
    bits = 0.0
    for part in (symbols.real, symbols.imag):
        place = np.rint(part[..., None] / (step * deviation))
        edges = (place + [-0.5, 0.5])[..., None, :] * step
        z = edges - (amplitudes / deviation)[..., None]
        cell = np.mean(ndtr(z[..., 1]) - ndtr(z[..., 0]), axis=-1)
        bits -= np.log2(np.maximum(cell, 2.0**-16))[~erased].sum() / len(symbols)
    changes = np.diff(np.maximum(level, -1), axis=1)
    p = np.unique(changes, return_counts=True)[1] / changes.size
    bits += -np.sum(p * np.log2(p)) * changes.shape[1]
    assert -0.02 * bits < 8 * sizes.mean() - bits - 16 < 0.012 * bits + 8


@pytest.mark.parametrize("bits_per_symbol", KS)
def test_fixed_length_bodies_have_one_size(bits_per_symbol) -> None:
    codec = make(f"iq-csi:bits_per_symbol={bits_per_symbol},fixed=1")
    _, _, llrs = epa(bits_per_symbol, 13, 3)
    decoded, sizes = codec.round_trip(llrs)
    n = 648 // bits_per_symbol
    expected = (n * (4 + 2 * (bits_per_symbol // 2 + 2)) + 7) // 8
    assert set(sizes) == {expected} == {codec.max_body_bytes(648)}
    certain = np.abs(llrs) > 3
    assert np.mean(np.sign(decoded[certain]) == np.sign(llrs[certain])) > 0.995


@pytest.mark.parametrize("fixed", [0, 1])
def test_symbols_without_gain_are_erased(fixed) -> None:
    codec = make(f"iq-csi:bits_per_symbol=6,fixed={fixed}")
    zeros = np.zeros(648, np.float32)
    assert not codec.decode(codec.encode(zeros), 648).any()
    assert not codec.decode(codec.encode(zeros * np.nan), 648).any()
    direct = iq_csi_codec(6, fixed_length=bool(fixed))
    ugly_gain = np.array([0, -1, np.nan], np.float32)
    body = direct.encode_symbols(np.ones(3, np.complex64), ugly_gain)
    assert not direct.decode(body, 18).any()
    body = direct.encode_symbols(np.array([np.nan, np.inf, -np.inf]), [30.0, np.inf, 30.0])
    assert np.isfinite(direct.decode(body, 18)).all()
    if not fixed:
        assert len(codec.encode(zeros)) < 8  # an erased packet is all but free


@pytest.mark.parametrize("text", ["step=0.5,csi=1.5", "fixed=1"])
def test_any_llrs_come_back_finite(text) -> None:
    codec = make("iq-csi:bits_per_symbol=6," + text)
    rng = np.random.default_rng(5)
    values = np.array([0, np.nan, np.inf, -np.inf, 3e38, 1, -1, 30, -30], np.float32)
    packets = np.concatenate(
        [rng.choice(values, (50, 648)), rng.normal(0, 20, (50, 648)).astype(np.float32)]
    )
    decoded, sizes = codec.round_trip(packets)
    assert np.isfinite(decoded).all() and sizes.max() <= codec.max_body_bytes(648)


@pytest.mark.parametrize("bits_per_symbol", KS)
@pytest.mark.parametrize("text", ["step=0.7,csi=2", "fixed=1"])
def test_damaged_bodies_decode_to_finite_llrs_or_are_refused(bits_per_symbol, text) -> None:
    rng = np.random.default_rng(6)
    codec = make(f"iq-csi:bits_per_symbol={bits_per_symbol},{text}")
    body = codec.encode(epa(bits_per_symbol, 13, 1)[2][0])
    bodies = [bytes(rng.integers(0, 256, rng.integers(1, 300), np.uint8)) for _ in range(300)]
    for _ in range(300):
        damaged = bytearray(body)
        damaged[rng.integers(len(body))] ^= int(rng.integers(1, 256))
        bodies.append(bytes(damaged))
    for damaged in bodies:
        try:
            assert np.isfinite(codec.decode(damaged, 648)).all()
        except ValueError:
            pass
    for wrong in (b"", body[:-1], body[:20], body + b"\0\0"):
        with pytest.raises(ValueError, match="cannot be one of 648 LLRs"):
            codec.decode(wrong, 648)
    assert codec.encode(np.zeros(0, np.float32)) == b""
    with pytest.raises(ValueError, match="multiple of"):
        codec.encode(np.zeros(7, np.float32))


def test_ids_and_clones() -> None:
    texts = [
        "bits_per_symbol=6,step=0.5,csi=1.5",
        "bits_per_symbol=6,step=0.51,csi=1.5",
        "bits_per_symbol=6,step=0.5,csi=1.6",
        "bits_per_symbol=4,step=0.5,csi=1.5",
        "bits_per_symbol=6,fixed=1",
        "bits_per_symbol=6,fixed=1,csi=1.5",
    ]
    ids = set()
    for text in texts:
        codec = make("iq-csi:" + text)
        clone = codec.clone()
        llrs = epa(codec.llrs_per_symbol, 13, 1)[2][0]
        assert clone.id == codec.id == make("iq-csi:" + text).id
        assert clone.encode(llrs) == codec.encode(llrs)
        ids.add(codec.id)
    assert len(ids) == len(texts)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("iq-csi", "'bits_per_symbol' is missing"),
        ("iq-csi:bits_per_symbol=2", "from 4 to 8"),
        ("iq-csi:bits_per_symbol=5", "expected 4, 6 or 8"),
        ("iq-csi:bits_per_symbol=6,step=0", "step is '0'"),
        ("iq-csi:bits_per_symbol=6,csi=0", "csi is '0'"),
        ("iq-csi:bits_per_symbol=6,fixed=1,step=1", "no option 'step'"),
    ],
)
def test_refuses_settings_out_of_range(text, says) -> None:
    with pytest.raises(ValueError, match=says):
        make(text)
