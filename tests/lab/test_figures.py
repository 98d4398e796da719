# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce`: whole figures, made short, and their files."""

import json
import signal
import subprocess
import sys
import time

import pytest
from fewbit_lab import figures, softbit_figures, softbit_measurements
from fewbit_lab.command import main
from fewbit_lab.errors import LabError
from fewbit_lab.results import Result
from fewbit_lab.softbit_schemes import (
    FLOAT,
    Scheme,
    iq_csi,
    learned_schemes,
    max_mi,
    paired_schemes,
)


def read(folder, name):
    assert (folder / f"{name}.png").stat().st_size > 10_000
    return json.loads((folder / f"{name}.json").read_text())


def test_cost_runs_and_resumes_to_the_same_numbers(tmp_path):
    arguments = ["reproduce", "softbit-cost", "--quick", "--keep", "--output", str(tmp_path)]
    assert main(arguments) == 0
    first = read(tmp_path, "softbit-cost")
    assert [claim["holds"] for claim in first["claims"]] == [True, True]
    limits = [(s["lo"], s["hi"]) for s in first["series"] if s["name"].startswith("learned K=6")]
    limits = [(lo, hi) for lo, hi in limits if lo != hi]
    assert len(limits) == 4  # coded bytes and entropy of two codecs; "no coder" is exact
    assert all(lo < hi for los, his in limits for lo, hi in zip(los, his, strict=True))
    assert first["command"].startswith("fewbit reproduce softbit-cost --quick")
    names = [series["name"] for series in first["series"]]
    assert {"learned K=6", "learned K=6, entropy of the indices", "max-MI 3 bit"} <= set(names)
    kept = tmp_path / ".unfinished" / "softbit-cost-quick.jsonl"
    lines = kept.read_text().splitlines(keepends=True)
    kept.write_text("".join(lines[:5]))
    assert main(arguments) == 0
    assert read(tmp_path, "softbit-cost")["series"] == first["series"]


def test_block_error_rate_refutes_a_broken_codec_and_nothing_else(tmp_path, monkeypatch):
    wanted = {row.name for row in softbit_figures.softbit_reference.ROWS_64QAM}
    broken = Scheme("learned K=6", "learned", "uniform:bits=3,clip=1")
    schemes = (FLOAT, broken, *(s for s in paired_schemes(6)[1:] if s.name != broken.name))
    monkeypatch.setattr(softbit_figures, "paired_schemes", lambda _: schemes)
    monkeypatch.setattr(softbit_figures, "SNR_BATCHES_QUICK", dict.fromkeys(range(10, 17), 20))
    monkeypatch.setattr(softbit_figures, "PACKETS_QUICK", 10)
    assert main(["reproduce", "softbit-bler", "--quick", "--output", str(tmp_path)]) == 1
    found = read(tmp_path, "softbit-bler")
    # 200 packets a point refute nothing sound, but by a chance that this seed does not take.
    refuted = [claim["text"] for claim in found["claims"] if claim["holds"] is False]
    assert len(refuted) == 2 and all(text.startswith("learned K=6 ") for text in refuted)
    agreed = [claim["text"] for claim in found["claims"] if claim["holds"]]
    assert any(text.startswith("learned K=6, contexts stores at most") for text in agreed)
    assert wanted <= {row["name"] for row in found["rows"]}
    texts = " ".join(claim["text"] for claim in found["claims"])
    assert "2.77 bits" in texts and "uncompressed at 16 dB" in texts
    assert {series["source"] for series in found["series"]} == {"measured", "paper", "theory"}
    assert not (tmp_path / ".unfinished" / "softbit-bler-quick.jsonl").exists()


def test_a_codec_that_wastes_bits_makes_the_cost_figure_fail(tmp_path, monkeypatch):
    def wasteful(batches, name):
        entropy, low, high = measured(batches, name)
        return entropy / 1.2, low / 1.2, high / 1.2

    measured = softbit_figures._entropy
    monkeypatch.setattr(softbit_figures, "_entropy", wasteful)
    assert main(["reproduce", "softbit-cost", "--quick", "--output", str(tmp_path)]) == 1
    assert [claim["holds"] for claim in read(tmp_path, "softbit-cost")["claims"]] == [False, True]


def test_initialisation_needs_no_torch(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(softbit_figures, "DRAWS_QUICK", 20_000)
    main(["reproduce", "softbit-init", "--quick", "--output", str(tmp_path)])
    found = read(tmp_path, "softbit-init")
    theory = next(series for series in found["series"] if series["source"] == "theory")
    assert theory["y"] == pytest.approx([(1.6 * k / (4 * k + 1)) ** 0.5 for k in (2, 4, 6, 8, 10)])


def test_a_missing_model_is_named_before_anything_is_measured():
    schemes = (FLOAT, Scheme("gone", "learned", "learned:no-such-model.safetensors"))
    with pytest.raises(LabError, match="no-such-model"):
        softbit_measurements.need_codecs(schemes, [13.0])


def test_a_refuted_claim_is_exit_status_1(tmp_path, monkeypatch, capsys):
    def measure(run):
        result = Result(run.id)
        result.claims.append(figures.results.at_most("water is dry", (2.0, 2.0, 2.0), 1.0))
        return result

    monkeypatch.setattr(
        figures, "_function", lambda place: measure if "draw" not in place else None
    )
    figure = figures.Figure("water", "", "measure", "draw")
    monkeypatch.setattr(figures, "FIGURES", (figure,))
    monkeypatch.setattr(figures, "_draw", lambda *_: "")
    assert main(["reproduce", "all", "--output", str(tmp_path)]) == 1
    assert "DOES NOT HOLD water is dry (95 %: 2 .. 2): found 2, bound 1" in capsys.readouterr().out


@pytest.mark.parametrize("bits_per_symbol", [6, 8])
def test_every_scheme_of_the_figures_exists(bits_per_symbol):
    schemes = paired_schemes(bits_per_symbol)
    ids = softbit_measurements.need_codecs(schemes, [13.0])
    assert schemes[0] is FLOAT
    assert len({scheme.name for scheme in schemes}) == len(schemes)
    assert len(set(ids)) == len(ids) >= len(schemes)


@pytest.mark.parametrize("bits_per_symbol,snr_db", [(6, range(10, 17)), (8, range(16, 20))])
def test_max_mi_has_a_codebook_of_its_own_at_every_snr_of_the_figures(bits_per_symbol, snr_db):
    scheme = max_mi(bits_per_symbol, 3)
    for first in snr_db[:-1]:
        ids = softbit_measurements.need_codecs([scheme], [float(first), first + 1.0])
        assert len(set(ids)) == 2
    single = max_mi(bits_per_symbol, 3, 13)
    assert single.at(10.0) == single.at(16.0) == scheme.at(13.0)


def test_schemes_are_named_after_what_they_are():
    assert learned_schemes(6)[0].uncoded_bits == 3.0
    assert iq_csi(6, 0.5, 1.5).specification == "iq-csi:bits_per_symbol=6,step=0.5,csi=1.5"


def test_an_interrupted_command_keeps_its_batches_and_says_how_to_go_on(tmp_path):
    words = ["reproduce", "softbit-cost", "--output", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "fewbit_lab", *words], stderr=subprocess.PIPE, text=True
    )
    kept = tmp_path / ".unfinished" / "softbit-cost.jsonl"
    deadline = time.monotonic() + 60.0
    while not kept.exists() or kept.read_text().count("\n") < 4:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=60.0)[1]
    assert process.returncode == 130
    assert "the same command keeps the batches that are done" in error and "Traceback" not in error
    assert kept.read_text().count("\n") >= 4
    assert not (tmp_path / "softbit-cost.json").exists()
