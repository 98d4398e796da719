# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every block description loads, builds the real block from its defaults, and is documented;
every example generates and compiles."""

import inspect
import os
import py_compile
import re
import subprocess
import sys
from ast import literal_eval
from pathlib import Path
from types import SimpleNamespace

import pmt
import pytest
import yaml
from gnuradio import fewbit
from gnuradio.fewbit import algorithms
from grc_files import BLOCK_FILES, EXAMPLES


def _names_of(files: list[Path]) -> list[str]:
    return [f.name.split(".")[0] for f in files]


def _loaded(platform, block_file: Path):
    for block_class in platform.blocks.values():
        if getattr(block_class, "loaded_from", None) == str(block_file):
            return block_class
    pytest.fail(f"{block_file.name} was not loaded: {platform.warnings_while_loading}")


def _placed_alone(platform, block_class):
    """The block in a flowgraph of its own, with every parameter at its default."""
    flow_graph = platform.make_flow_graph()
    flow_graph.rewrite()
    rate = flow_graph.new_block("variable")
    rate.params["id"].set_value("samp_rate")
    rate.params["value"].set_value("32000")
    block = flow_graph.new_block(block_class.key)
    block.params["id"].set_value("placed")
    flow_graph.rewrite()
    flow_graph.validate()
    return block


def _built(block):
    namespace: dict = {"samp_rate": 32000}
    exec(block.templates.render("imports"), namespace)
    return eval(block.templates.render("make").strip(), namespace)


def test_there_are_blocks_and_examples():
    assert BLOCK_FILES and EXAMPLES


def test_loading_the_blocks_warns_of_nothing(platform):
    ours = [*_names_of(BLOCK_FILES), *(f.name for f in BLOCK_FILES)]
    about_us = [
        line
        for line in platform.warnings_while_loading
        if "fewbit" in line or any(name in line for name in ours)
    ]
    assert not about_us, "\n".join(about_us)


@pytest.mark.parametrize("block_file", BLOCK_FILES, ids=_names_of(BLOCK_FILES))
def test_defaults_are_valid_and_build_the_block(platform, block_file):
    block = _placed_alone(platform, _loaded(platform, block_file))
    unconnected = re.compile("not connected", re.IGNORECASE)
    errors = [text for _, text in block.iter_error_messages() if not unconnected.search(text)]
    assert not errors
    if block.is_variable or not block.templates.get("make"):
        return
    assert callable(_built(block).to_basic_block)


@pytest.mark.parametrize("block_file", BLOCK_FILES, ids=_names_of(BLOCK_FILES))
def test_every_source_of_parameters_builds_from_its_defaults(platform, block_file):
    """But for a bundle, which has no default."""
    block = _placed_alone(platform, _loaded(platform, block_file))
    if "source" not in block.params:
        return
    for source in block.params["source"].options:
        if source != "bundle":
            block.params["source"].set_value(source)
            block.parent_flowgraph.rewrite()
            assert callable(_built(block).to_basic_block)


@pytest.mark.parametrize("block_file", BLOCK_FILES, ids=_names_of(BLOCK_FILES))
def test_ports_are_those_of_the_built_block(platform, block_file):
    block = _placed_alone(platform, _loaded(platform, block_file))
    if block.is_variable or not block.templates.get("make"):
        return
    instance = _built(block)
    if not hasattr(instance, "message_ports_in"):
        return

    def ports_of(vector) -> set[str]:
        return {pmt.symbol_to_string(pmt.vector_ref(vector, i)) for i in range(pmt.length(vector))}

    def drawn(ports) -> set[str]:
        """Message ports, less those that a hierarchical block passes on to its parts."""
        is_passed_on = getattr(instance, "message_port_is_hier", lambda name: False)
        keys = {port.key for port in ports if port.domain == "message"}
        return {key for key in keys if not is_passed_on(pmt.intern(key))}

    assert drawn(block.sinks) <= ports_of(instance.message_ports_in())
    assert drawn(block.sources) <= ports_of(instance.message_ports_out())


@pytest.mark.parametrize("block_file", BLOCK_FILES, ids=_names_of(BLOCK_FILES))
def test_callbacks_are_methods_of_the_block(platform, block_file):
    block = _placed_alone(platform, _loaded(platform, block_file))
    callbacks = block.templates.get("callbacks") or []
    if not callbacks:
        return
    instance = _built(block)
    for callback in callbacks:
        method = callback.split("(")[0].strip()
        assert hasattr(instance, method), f"{method} is promised by {block_file.name}"


@pytest.mark.parametrize(("noise_variance", "calls"), [("-1", []), ("0", [0]), ("0.25", [0.25])])
def test_a_noise_variance_for_tags_alone_is_not_set_while_it_runs(platform, noise_variance, calls):
    """-1, the block's default, says that tags will tell: its setter refuses that."""
    (block_file,) = (path for path in BLOCK_FILES if "unfolded_detector" in path.name)
    block = _placed_alone(platform, _loaded(platform, block_file))
    block.params["noise_variance"].set_value(noise_variance)
    block.parent_flowgraph.rewrite()
    (callback,) = (text for text in block.get_callbacks() if "set_noise_variance" in text)
    found = []
    placed = SimpleNamespace(set_noise_variance=found.append)
    eval(callback, {"self": SimpleNamespace(**{block.name: placed})})
    assert found == calls


@pytest.mark.parametrize("block_file", BLOCK_FILES, ids=_names_of(BLOCK_FILES))
def test_block_is_documented_and_filed_under_fewbit(platform, block_file):
    block_class = _loaded(platform, block_file)
    text = block_class.documentation.get("", "")
    assert len(text) > 100, "the documentation says what it does, input, output and parameters"
    category = block_class.category
    assert category and category[0] == "Fewbit", category


def test_every_block_of_the_module_has_a_description():
    drawn = {name.removeprefix("fewbit_") for name in _names_of(BLOCK_FILES)}
    blocks = {
        name
        for name, value in vars(fewbit).items()
        if inspect.isclass(value) and hasattr(value, "to_basic_block")
    }
    assert blocks <= drawn


@pytest.mark.parametrize("example", EXAMPLES, ids=_names_of(EXAMPLES))
def test_example_generates_and_compiles(platform, example, tmp_path):
    platform.messages.clear()
    platform.config.hier_block_lib_dir = str(tmp_path)
    _, generated = platform.load_and_generate_flow_graph(str(example), str(tmp_path))
    assert generated, "".join(platform.messages)
    py_compile.compile(generated, doraise=True)


def _choices(example: Path):
    """What the choosers of an example offer, one list for each."""
    for block in yaml.safe_load(example.read_text())["blocks"]:
        if block["id"] == "variable_qtgui_chooser":
            yield list(literal_eval(block["parameters"]["options"]))


TASK_EXAMPLES = {"task_based_detection": 4, "task_based_channel_estimation": 80}


@pytest.mark.parametrize("name", TASK_EXAMPLES)
def test_an_example_offers_trained_bundles_that_take_each_others_place(name):
    (example,) = (path for path in EXAMPLES if path.stem == name)
    bundles = [
        choice
        for choices in _choices(example)
        for choice in choices
        if isinstance(choice, str) and choice.endswith(".safetensors")
    ]
    assert any(bundle.startswith("task_") for bundle in bundles)
    chains = [algorithms.named_quantizer(bundle).at(1.0) for bundle in bundles]
    adcs = TASK_EXAMPLES[name]
    assert {(len(chain.adc.levels), chain.outputs) for chain in chains} == {(adcs, adcs)}
    assert len({chain.inputs for chain in chains}) == 1


def _combiner(platform, agc: str):
    """A Hybrid Combiner whose AGC parameter holds this text, beside a variable `mode`."""
    flow_graph = platform.make_flow_graph()
    mode = flow_graph.new_block("variable")
    mode.params["id"].set_value("mode")
    mode.params["value"].set_value("'block'")
    block = flow_graph.new_block("fewbit_hybrid_combiner")
    block.params["id"].set_value("placed")
    block.params["agc"].set_value(agc)
    flow_graph.rewrite()
    flow_graph.validate()
    assert not list(block.params["agc"].iter_error_messages())
    namespace: dict = {"mode": "block"}
    exec(block.templates.render("imports"), namespace)
    return eval(block.templates.render("make").strip(), namespace)


@pytest.mark.parametrize(
    ("agc", "mode"), [("fixed", "fixed"), ("'block'", "block"), ("mode", "block")]
)
def test_the_combiners_agc_is_a_word_or_a_variable(platform, agc, mode):
    assert _combiner(platform, agc).agc() == mode


def test_a_flowgraph_without_its_recording_says_how_to_make_it(platform, tmp_path):
    pytest.importorskip("PyQt5")
    (example,) = (path for path in EXAMPLES if path.stem == "task_based_recording")
    platform.config.hier_block_lib_dir = str(tmp_path)
    _, generated = platform.load_and_generate_flow_graph(str(example), str(tmp_path))
    done = subprocess.run(
        [sys.executable, generated],
        cwd=tmp_path,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "first run 'python record_detection.py detection'" in done.stderr
