# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sweep trains what is missing, whatever the number of workers, and says what it could not."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from fewbit_trainer.run import checkpoint_path, train  # noqa: E402
from fewbit_trainer.sweep import is_made, main, runs_of, train_run  # noqa: E402

BASE = """kind: task_quantizer
name: base
task: {samples: 400, antennas: 2, users: 2, pilots: 4}
adc: {adcs: 8}
schedule: {epochs: 2}
measure: {vectors: 100}
"""
PLAN = """
- config: base.yaml
  name: m{m}_s{seed}
  each: {m: [2, 3], seed: [1, 2]}
  set: {adc.levels: "[{m}]", seed: "{seed}"}
- config: base.yaml
"""


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "base.yaml").write_text(BASE)
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    return path


def test_every_combination_is_a_run(plan, tmp_path):
    runs = runs_of(plan, tmp_path / "out")
    assert [run.config.name for run in runs] == ["m2_s1", "m2_s2", "m3_s1", "m3_s2", "base"]
    assert [run.config.adc.levels for run in runs[:4]] == [(2,), (2,), (3,), (3,)]
    assert [run.config.seed for run in runs[:4]] == [1, 2, 1, 2]
    assert runs[0].bundle == tmp_path / "out" / "m2_s1.safetensors"
    assert [r.config.name for r in runs_of(plan, tmp_path, "m3*")] == ["m3_s1", "m3_s2"]


def test_two_workers_make_what_one_run_alone_makes(plan, tmp_path, capsys):
    out = tmp_path / "out"
    assert main([str(plan), "--output", str(out), "--workers", "2", "--only", "m*_s1"]) == 0
    assert "2 made, 0 there already, 0 failed, 0 left" in capsys.readouterr().out
    assert sorted(p.name for p in out.iterdir()) == ["m2_s1.safetensors", "m3_s1.safetensors"]
    run = runs_of(plan, tmp_path / "alone", "m3_s1")[0]
    train(run.config, run.bundle)
    assert run.bundle.read_bytes() == (out / "m3_s1.safetensors").read_bytes()


def test_what_is_there_is_not_made_again(plan, tmp_path, capsys):
    runs = runs_of(plan, tmp_path / "out", "m2*")
    assert not is_made(runs[0])
    train_run(runs[0])
    assert is_made(runs[0])
    written = runs[0].bundle.stat().st_mtime_ns
    assert main([str(plan), "--output", str(tmp_path / "out"), "--only", "m2*"]) == 0
    assert "1 made, 1 there already" in capsys.readouterr().out
    assert runs[0].bundle.stat().st_mtime_ns == written
    # Of another configuration, or no bundle: made anew.
    plan.write_text(PLAN.replace("s{seed}", "s{seed}").replace("[2, 3]", "[2]"))
    (tmp_path / "base.yaml").write_text(BASE.replace("epochs: 2", "epochs: 3"))
    assert not is_made(runs_of(plan, tmp_path / "out", "m2_s1")[0])
    runs[0].bundle.write_bytes(b"nonsense")
    assert not is_made(runs[0])


def test_goes_on_from_its_own_checkpoint_and_drops_another_s(plan, tmp_path):
    run = runs_of(plan, tmp_path / "out", "m2_s1")[0]
    checkpoint = checkpoint_path(run.bundle)
    checkpoint.parent.mkdir()
    checkpoint.write_bytes(b"nonsense")
    train_run(run)
    assert is_made(run) and not checkpoint.exists()


def test_one_run_s_failure_is_said_and_is_not_the_others(plan, tmp_path, capsys):
    plan.write_text(
        '- {config: base.yaml, name: good}\n'
        '- {config: base.yaml, name: few, set: {task.samples: 9, analog.start: closed_form}}\n'
    )
    assert main([str(plan), "--output", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr().out
    assert "failed  few: analog.start is closed_form: 9 samples of 16 inputs" in printed
    assert "1 made, 0 there already, 1 failed, 0 left" in printed


def test_begins_nothing_when_its_time_is_over(plan, tmp_path, capsys):
    words = [str(plan), "--output", str(tmp_path / "out"), "--stop-after", "1e-9"]
    assert main(words) == 1
    assert "0 made, 0 there already, 0 failed, 5 left" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "plan.yaml: is NoneType, expected a list of entries"),
        ("a: 1", "plan.yaml: is dict, expected a list of entries"),
        ("- 3", "entry 0: is 3, expected config, name, each, set"),
        ("- {confg: x}", "entry 0: confg is no known setting, expected config, name, each, set"),
        ("- {config: 3}", "entry 0: config is 3, expected a text"),
        ("- {config: none.yaml}", "none.yaml: cannot be read"),
        ("- {config: base.yaml, each: {m: 3}}", "each is {'m': 3}, expected lists of at least"),
        ("- {config: base.yaml, each: {m: []}}", "each is {'m': []}, expected lists of at least"),
        ("- {config: base.yaml, set: [1]}", "set is [1], expected values by setting"),
        ("- {config: base.yaml, name: 'x{m}'}", "'x{m}' cannot be filled in, expected names of"),
        ("- {config: base.yaml, set: {adc.level: 3}}", "adc.level is no known setting"),
        ("- {config: base.yaml}\n- {config: base.yaml}", "the name base is given twice"),
    ],
)
def test_a_wrong_plan_is_one_sentence(plan, text, sentence, tmp_path, capsys):
    plan.write_text(text)
    assert main([str(plan), "--output", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_refuses_no_workers(plan, capsys):
    assert main([str(plan), "--workers", "0"]) == 2
    assert "--workers is 0, expected 1 or more" in capsys.readouterr().err
