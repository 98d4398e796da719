# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit train` and `python -m fewbit_trainer` are one command under two names."""

import argparse
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

import fewbit_trainer.training  # noqa: E402
from fewbit_lab.command import main as fewbit  # noqa: E402
from fewbit_lab.command import parser  # noqa: E402
from fewbit_trainer.__main__ import main as module  # noqa: E402
from fewbit_trainer.command_line import add_options, bundle_paths  # noqa: E402
from fewbit_trainer.config import ConfigError  # noqa: E402

BOTH = pytest.mark.parametrize(
    "train", [module, lambda words: fewbit(["train", *words])], ids=["module", "fewbit"]
)


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "run.yaml"
    path.write_text(
        "name: tiny\n"
        "link: {bits_per_symbol: 4, subcarriers: 9}\n"
        "warm_start: {epochs: 1}\n"
        "schedule: {packets: 40, epochs: 3}\n"
        "hardening: {packets: 20, measure_packets: 5, measure_snr_db: [7.0]}\n"
    )
    return str(path)


def _interrupt_in_epoch(monkeypatch, number):
    """Ctrl-C in the epoch of this number; epochs before it are checkpointed, however short."""
    clock = iter(range(10**6))
    monkeypatch.setattr("fewbit_trainer.epochs.time.monotonic", lambda: 2.0 * next(clock))
    train_epoch = fewbit_trainer.training.train_epoch

    def interrupted(state, config, data, captured=None):
        if state.epoch == number - 1:
            raise KeyboardInterrupt
        return train_epoch(state, config, data, captured)

    monkeypatch.setattr(fewbit_trainer.training, "train_epoch", interrupted)


def test_both_commands_take_the_same_options():
    alone = argparse.ArgumentParser()
    add_options(alone)
    words = ["a.yaml", "b.yaml", "--output", "o", "--fresh", "--seed", "3", "--log-dir", "l"]
    words += ["--threads", "2", "--device", "cuda"]
    for given in (words, words[:2]):
        ours = vars(parser().parse_args(["train", *given]))
        ours.pop("run")
        assert ours == vars(alone.parse_args(given))


@BOTH
def test_trains_and_says_what_came_of_it(train, config, capsys):
    assert train([config]) == 0
    printed = capsys.readouterr()
    assert Path("runs/tiny.safetensors").is_file()
    assert " bits/LLR " in printed.out and "wrote runs/tiny.safetensors" in printed.out
    assert "epoch 3/3" in printed.err and "distortion 0.00000" not in printed.err
    assert train([config, "--output", "out/m.safetensors", "--log-dir", "log"]) == 0
    assert Path("out/m.safetensors").read_bytes() == Path("runs/tiny.safetensors").read_bytes()


@BOTH
def test_progress_of_the_warm_start_claims_no_rate(train, config, capsys, monkeypatch):
    clock = iter(range(0, 999, 9))
    monkeypatch.setattr("fewbit_trainer.command_line.time.monotonic", lambda: next(clock))
    assert train([config]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("epoch")]
    assert "warm start" in lines[0] and "rate" not in lines[0]
    assert all("rate" in line for line in lines[1:]) and len(lines) == 3


@BOTH
def test_goes_on_from_a_checkpoint_unless_fresh(train, config, capsys, monkeypatch):
    assert train([config, "--output", "whole"]) == 0
    whole = Path("whole/tiny.safetensors").read_bytes()
    with monkeypatch.context() as interrupted:
        _interrupt_in_epoch(interrupted, 2)
        assert train([config]) == 130
    said = capsys.readouterr().err.splitlines()[-1]
    assert "the same command goes on from runs/tiny.checkpoint.pt" in said
    assert train([config]) == 0
    said = capsys.readouterr().err
    assert "going on from runs/tiny.checkpoint.pt" in said and "epoch 1/3" not in said
    assert Path("runs/tiny.safetensors").read_bytes() == whole

    with monkeypatch.context() as interrupted:
        _interrupt_in_epoch(interrupted, 2)
        assert train([config, "--fresh"]) == 130
    assert "the same command, without --fresh, goes on" in capsys.readouterr().err
    assert train([config, "--fresh"]) == 0
    assert "going on" not in capsys.readouterr().err
    assert Path("runs/tiny.safetensors").read_bytes() == whole


@BOTH
def test_says_that_it_goes_on_only_where_it_does(train, config, capsys):
    assert train([config]) == 0
    capsys.readouterr()
    assert train([config]) == 0
    said = capsys.readouterr().err
    assert said == "runs/tiny.checkpoint.pt was complete; --fresh begins anew\n"
    assert train([config, "--seed", "5"]) == 2
    said = capsys.readouterr().err
    assert "belongs to another configuration or seed" in said and said.count("\n") == 1


@BOTH
def test_an_interrupted_first_epoch_promises_nothing(train, config, capsys, monkeypatch):
    assert train([config]) == 0
    _interrupt_in_epoch(monkeypatch, 1)
    capsys.readouterr()
    assert train([config, "--fresh"]) == 130
    said = capsys.readouterr().err.splitlines()[-1]
    assert "before the first checkpoint; runs/tiny.safetensors has to begin anew" in said
    assert not Path("runs/tiny.checkpoint.pt").exists()


@BOTH
def test_uses_as_many_threads_as_it_was_given(train, config, monkeypatch):
    threads = torch.get_num_threads()
    seen = []
    monkeypatch.setattr(
        fewbit_trainer.training,
        "run_training",
        lambda *_: seen.append(torch.get_num_threads()) or 1 / 0,
    )
    try:
        for words in ([], ["--threads", "2"]):
            with pytest.raises(ZeroDivisionError):
                train([config, *words])
    finally:
        torch.set_num_threads(threads)
    assert seen == [1, 2]


@BOTH
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--threads", "0"], "--threads is 0, expected 1 or more"),
        (["--device", "abacus"], "--device is 'abacus', expected cpu or cuda"),
        (["--device", "cpu:x"], "--device is 'cpu:x', expected cpu or cuda"),
        (["--output", "taken/deeper"], "taken/deeper: cannot be made a folder"),
        (["--output", "taken"], "taken: cannot be made a folder (File exists)"),
        (["--seed", "-1"], "seed is -1, expected 0 to 2^31 - 1"),
        (["empty.yaml"], "empty.yaml: is empty, expected a table of settings"),
        (["again.yaml"], "runs/tiny.safetensors would be written twice"),
        (["other.yaml", "--output", "m.safetensors"], "m.safetensors would be written twice"),
    ],
)
def test_refuses_in_one_sentence_before_training(train, config, capsys, words, sentence):
    text = Path(config).read_text()
    Path("again.yaml").write_text(text)
    Path("other.yaml").write_text(text.replace("tiny", "other"))
    Path("empty.yaml").write_text("")
    Path("taken").write_text("a file")
    assert train([config, *words]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1
    assert not Path("runs").exists()


@BOTH
def test_a_refused_run_leaves_the_checkpoint_of_the_one_before(train, config, capsys):
    assert train([config]) == 0
    assert train([config, "--fresh", "--device", "cpu:x"]) == 2
    assert Path("runs/tiny.checkpoint.pt").is_file()


@BOTH
def test_a_log_is_not_left_out_in_silence(train, config, capsys, monkeypatch):
    monkeypatch.setattr(
        "fewbit_trainer.command_line.importlib.util.find_spec",
        lambda name: None if name == "tensorboard" else object(),
    )
    assert train([config, "--log-dir", "log"]) == 2
    said = capsys.readouterr().err
    assert "--log-dir needs TensorBoard, which is not installed" in said and said.count("\n") == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@BOTH
def test_says_what_to_do_where_there_is_no_gpu(train, config, capsys):
    assert train([config, "--device", "cuda"]) == 2
    said = capsys.readouterr().err
    assert "use --device cpu" in said and said.count("\n") == 1


@BOTH
def test_a_checkpoint_of_another_seed_is_refused_with_the_way_out(train, config, capsys):
    assert train([config]) == 0
    assert train([config, "--seed", "9"]) == 2
    assert "belongs to another configuration or seed, give another output or --fresh" in (
        capsys.readouterr().err
    )
    assert train([config, "--seed", "9", "--fresh"]) == 0


def test_a_bundle_s_place_is_a_file_or_in_a_folder():
    assert bundle_paths(["a", "b"], Path("x")) == [
        Path("x/a.safetensors"),
        Path("x/b.safetensors"),
    ]
    assert bundle_paths(["a"], Path("x/m.safetensors")) == [Path("x/m.safetensors")]
    with pytest.raises(ConfigError, match="twice"):
        bundle_paths(["a", "a"], Path("x"))
