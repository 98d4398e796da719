# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `fewbit` command: bad input gives one sentence and status 2."""

import json
import subprocess
import sys

import pytest
from fewbit_lab import doctor, evaluate, train
from fewbit_lab.bench import machine
from fewbit_lab.command import main
from fewbit_lab.confidence import wilson
from fewbit_lab.softbit_link import SoftbitLink


@pytest.mark.parametrize(
    "arguments,said",
    [
        (
            ["reproduce", "no-such-figure"],
            "no-such-figure: no such figure; expected one of softbit-init",
        ),
        (["reproduce", "softbit-init", "--workers", "0"], "--workers is 0"),
        (["train", "no-such.yaml"], "no-such.yaml: no such file"),
        (["info", "no-such.st"], "no-such.st: no such file, nor among the models in"),
        (["evaluate", "no-such-file"], "expected a bundle, or a codec such as 'uniform:"),
        (["info", __file__], "test_command.py' is not a bundle: its first 8 bytes"),
        (["evaluate", __file__], "test_command.py' is not a bundle: its first 8 bytes"),
        (["evaluate", "float", "--snr", "loud"], "--snr is 'loud'"),
        (["evaluate", "float", "--snr", "12,nan"], "--snr is '12,nan'; expected numbers"),
        (["evaluate", "float", "--packets", "0"], "--packets is 0"),
        (["evaluate", "no-such:codec"], "no-such"),
        (["evaluate", "float", "--profile", "EPB"], "EPB"),
        (["evaluate", "learned:softbit_k6.safetensors", "--bits-per-symbol", "8"], "is for 6 bits"),
        (["detect", "magic"], "'magic' is not a kind of detector"),
        (["detect", "lmmse", "--users", "0"], "users is 0"),
        (["detect", "lmmse", "--antennas", "-1"], "antennas is -1"),
        (
            ["detect", "lmmse", "--vectors", "9", "--block-len", "10"],
            "--vectors is 9; expected at least",
        ),
        (["detect", "lmmse", "--block-len", "0"], "block_len is 0"),
        (["detect", "lmmse", "--snr", "loud"], "--snr is 'loud'"),
        (["detect", "lmmse", "--snr=-4000"], "noise_variance is inf"),
        (["detect", "unfolded:no-such-file"], "no-such-file"),
        (["bench", "--benchmarks", "no-such-folder"], "no-such-folder: no such folder"),
    ],
)
def test_bad_input_gives_one_sentence(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("fewbit: ") and captured.err.count("\n") == 1
    assert said in captured.err
    assert list(tmp_path.iterdir()) == []


def test_a_figure_needs_an_output_that_can_be_a_folder(capsys, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("")
    assert main(["reproduce", "kaq-soft", "--quick", "--output", str(taken)]) == 2
    *_, last = capsys.readouterr().err.splitlines()
    assert last.startswith(f"fewbit: {taken}")
    assert last.endswith("cannot be written (Not a directory); choose another --output")


def test_evaluate_prints_a_line_for_each_codec_and_snr(capsys):
    assert main(["evaluate", "float", "--snr", "9,30", "--packets", "20"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[3:]] == [
        ["float", "9.00", "32.000"],
        ["float", "30.00", "32.000"],
    ]


def test_evaluate_sends_as_many_packets_as_it_was_asked(capsys, monkeypatch):
    sent = []
    receive = SoftbitLink.receive

    def counted(link, packets, snr_db, seed):
        sent.append((snr_db, packets))
        return receive(link, packets, snr_db, seed)

    monkeypatch.setattr(SoftbitLink, "receive", counted)
    monkeypatch.setattr(evaluate, "BATCH", 8)
    for packets in (20, 16, 5, 1):
        sent.clear()
        assert main(["evaluate", "float", "--snr", "9,-30", "--packets", str(packets)]) == 0
        lines = capsys.readouterr().out.splitlines()[-2:]
        for snr_db in (9.0, -30.0):
            assert sum(n for snr, n in sent if snr == snr_db) == packets
        low, high = wilson(packets, packets)
        assert lines[1].endswith(f"1 ({low:.4g} .. {high:.4g})")  # all are lost at -30 dB


def test_bundles_are_found_here_then_among_the_installed(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["info", "softbit_k6"]) == main(["info", "softbit_k6.safetensors"]) == 0
    installed = capsys.readouterr().out
    assert "models/softbit_k6.safetensors\n" in installed and "softbit_codec" in installed
    words = ["softbit_k6.safetensors", "--snr", "30", "--packets", "4"]
    assert main(["evaluate", *words]) == 0
    assert "softbit_k6" in capsys.readouterr().out
    (tmp_path / "softbit_k6.safetensors").write_text("a file of that name that is no bundle")
    assert main(["info", "softbit_k6.safetensors"]) == 2
    assert "'softbit_k6.safetensors' is not a bundle" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["reproduce"], ["reproduce", "all", "--workers", "two"]]
)
def test_wrong_usage_is_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: fewbit" in capsys.readouterr().err


def test_help_names_every_figure(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["reproduce", "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    for figure in ("softbit-init", "softbit-bler", "softbit-cost", "softbit-tradeoff"):
        assert figure in text


def test_training_without_torch_says_how_to_get_it(tmp_path, capsys, monkeypatch):
    config = tmp_path / "k6.yaml"
    config.write_text("seed: 1\n")
    monkeypatch.setattr(train.importlib.util, "find_spec", lambda name: None)
    assert main(["train", str(config)]) == 2
    error = capsys.readouterr().err
    assert "needs PyTorch" in error and "torch==2.13.0" in error


def test_the_command_imports_neither_torch_nor_gnuradio_nor_matplotlib():
    code = (
        "import sys, fewbit_lab.command, fewbit_lab.figures, fewbit_lab.doctor, fewbit_lab.bench;"
        "sys.exit(bool({'torch', 'gnuradio', 'matplotlib', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_doctor_names_a_remedy_for_all_that_is_missing(capsys, monkeypatch):
    def ill():
        raise RuntimeError("broken check")

    checks = (
        lambda: doctor.Finding(True, "GNU Radio 3.10"),
        lambda: doctor.Finding(False, "torch", "pip install torch", needed=False),
    )
    monkeypatch.setattr(doctor, "CHECKS", checks)
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "ok      GNU Radio 3.10" in out and "pip install torch" in out
    monkeypatch.setattr(doctor, "CHECKS", (*checks, ill))
    assert main(["doctor"]) == 1
    assert "broken check" in capsys.readouterr().out


def test_doctor_finds_a_numpy_of_another_major_version(monkeypatch):
    monkeypatch.setattr(doctor, "_distribution_numpy", lambda: "9.1.0")
    finding = doctor._numpy()
    assert not finding.ok and "pip uninstall numpy" in finding.remedy


def test_doctor_finds_gnu_radio_here():
    assert doctor._gnu_radio().ok


def test_bench_gathers_rows_and_goes_on_without_a_peer(tmp_path, capsys):
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "bench_a.py").write_text(
        "def rows(quick):\n"
        "    import beside  # as late as this\n"
        "    peers = {'torch 2': 40.0 if quick else 1.0}\n"
        "    return [dict(name='encode', unit='us', ours={'avx2': 2.0}, peers=peers, limit=None)]\n"
    )
    (folder / "beside.py").write_text("")
    (folder / "bench_b.py").write_text("import no_such_peer\n")
    assert (
        main(["bench", "--quick", "--benchmarks", str(folder), "--output", str(tmp_path / "out")])
        == 1
    )
    captured = capsys.readouterr()
    assert "encode [us]: avx2 2  | torch 2 40" in captured.out
    assert "bench_b: No module named 'no_such_peer'" in captured.err
    content = json.loads((tmp_path / "out" / "bench.json").read_text())
    assert {"machine", "peaks", "rows"} <= set(content)
    assert content["rows"][0]["peers"] == {"torch 2": 40.0}


def test_bench_refuses_a_row_without_its_keys(tmp_path, capsys):
    (tmp_path / "bench_a.py").write_text("def rows():\n    return [dict(name='encode')]\n")
    assert main(["bench", "--benchmarks", str(tmp_path), "--output", str(tmp_path)]) == 2
    assert "a row lacks ['limit', 'ours', 'peers', 'unit']" in capsys.readouterr().err


def test_machine_names_the_processor():
    assert machine()["cores"] >= 1 and machine()["processor"]


@pytest.mark.parametrize(
    "arguments,said",
    [
        (["reproduce", "softbit-init"], "the same command keeps the batches that are done"),
        (["reproduce", "softbit-init", "--fresh"], "the same command without --fresh keeps"),
        (["doctor"], "fewbit: interrupted\n"),
    ],
)
def test_an_interrupt_promises_what_is_kept(arguments, said, capsys, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("fewbit_lab.figures.reproduce", interrupt)
    monkeypatch.setattr(doctor, "doctor", interrupt)
    assert main(arguments) == 130
    assert said in capsys.readouterr().err
