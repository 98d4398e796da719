# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `fewbit` command. Exit status: 0 done, 1 a claim or a check failed, 2 bad input."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from fewbit_lab import __version__, figures
from fewbit_lab.errors import Interrupted, LabError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the value is the process's exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(_joined(words))
    options.command_line = shlex.join(["fewbit", *words])
    try:
        return options.run(options)
    except LabError as error:
        print(f"fewbit: {error}", file=sys.stderr)
        return 2
    except Interrupted as stop:
        print(f"\nfewbit: {stop}", file=sys.stderr)
        return 130
    except KeyboardInterrupt:
        print("\nfewbit: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 141


def _joined(words: Sequence[str]) -> list[str]:
    """`--snr -5,0` as `--snr=-5,0`: argparse takes `-5,0` for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--snr" and re.match(r"-[\d.]", word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def parser() -> argparse.ArgumentParser:
    """Every subcommand with its options."""
    top = argparse.ArgumentParser(
        prog="fewbit", description="Receivers that run on few bits: train, measure, reproduce."
    )
    top.add_argument("--version", action="version", version=f"fewbit {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_train(commands)
    _add_evaluate(commands)
    _add_detect(commands)
    _add_reproduce(commands)
    _add_small(commands)
    return top


def _add_train(commands) -> None:
    from fewbit_trainer.command_line import add_options

    train = commands.add_parser("train", help="train models as their configuration files say")
    add_options(train)
    train.set_defaults(run=_train)


def _add_evaluate(commands) -> None:
    evaluate = commands.add_parser("evaluate", help="error rate and size of soft-bit codecs")
    evaluate.add_argument(
        "codec",
        nargs="+",
        help="a bundle, installed ones by name, or a codec such as 'uniform:bits=4,clip=8'",
    )
    evaluate.add_argument("--snr", default="12,13,14", help="dB, with commas (default %(default)s)")
    evaluate.add_argument("--packets", type=int, default=2000, help="per SNR (default %(default)s)")
    evaluate.add_argument("--profile", default="EPA", help="channel profile (default %(default)s)")
    evaluate.add_argument(
        "--bits-per-symbol", type=int, default=6, choices=(4, 6, 8), help="modulation (default 6)"
    )
    _add_workers(evaluate)
    evaluate.set_defaults(run=_evaluate)


def _add_detect(commands) -> None:
    detect = commands.add_parser("detect", help="error rate and speed of MIMO detectors")
    detect.add_argument(
        "detector",
        nargs="+",
        help="zf, lmmse, vblast, kbest:k=16, ep:iterations=10, sphere:nodes=10000, ml or "
        "unfolded:FILE (a bundle, installed ones by name, such as unfolded:kaq_admm10)",
    )
    detect.add_argument("--snr", default="15,20", help="dB, with commas (default %(default)s)")
    for name, default, text in (
        ("vectors", 20_000, "per SNR"),
        ("antennas", 16, "of the receiver"),
        ("users", 16, "with one antenna each"),
        ("block-len", 1, "vectors that a channel lasts"),
    ):
        detect.add_argument(f"--{name}", type=int, default=default, help=f"{text} (%(default)s)")
    detect.add_argument(
        "--bits-per-symbol", type=int, default=4, choices=(2, 4, 6, 8), help="modulation (4)"
    )
    detect.add_argument("--seed", type=int, default=1, help="of every random draw (default 1)")
    detect.set_defaults(run=_detect)


def _add_reproduce(commands) -> None:
    reproduce = commands.add_parser(
        "reproduce",
        help="measure a figure, check its claims",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="figures:\n" + "\n".join(f"  {f.id:18} {f.summary}" for f in figures.FIGURES),
    )
    reproduce.add_argument("figure", nargs="+", metavar="FIGURE", help="figure ids, or 'all'")
    reproduce.add_argument("--quick", action="store_true", help="few packets: a look, not a proof")
    reproduce.add_argument("--fresh", action="store_true", help="do not resume")
    reproduce.add_argument("--keep", action="store_true", help="keep the batches of a finished run")
    _add_running(reproduce)
    reproduce.set_defaults(run=_reproduce)


def _add_small(commands) -> None:
    info = commands.add_parser("info", help="what a bundle file holds")
    info.add_argument("file", nargs="+", metavar="FILE", help="a bundle, installed ones by name")
    info.set_defaults(run=_info)

    export = commands.add_parser("export", help="a learned codec's networks as ONNX files")
    export.add_argument("file", metavar="FILE", help="a bundle, installed ones by name")
    export.add_argument("--output", type=Path, default=Path("."), help="folder (default: here)")
    export.set_defaults(run=_export)

    bench = commands.add_parser("bench", help="measure speed against the peers")
    bench.add_argument("--quick", action="store_true", help="shorter timings")
    bench.add_argument("--only", default="", help="only benchmarks whose name holds this text")
    bench.add_argument("--benchmarks", type=Path, default=None, help="folder of bench_*.py")
    bench.add_argument("--output", type=Path, default=Path("results"))
    bench.set_defaults(run=_bench)

    doctor = commands.add_parser("doctor", help="what this machine lacks, and how to get it")
    doctor.set_defaults(run=_doctor)

    demo = commands.add_parser("demo", help="run the HARQ link on compressed soft bits, no display")
    demo.add_argument("--quick", action="store_true", help="fewer packets")
    demo.add_argument("--output", type=Path, default=Path("results"))
    demo.add_argument("--seed", type=int, default=1)
    demo.set_defaults(run=_demo)


def _add_running(command: argparse.ArgumentParser) -> None:
    _add_workers(command)
    command.add_argument("--output", type=Path, default=Path("results"), help="(default results)")


def _add_workers(command: argparse.ArgumentParser) -> None:
    command.add_argument("--workers", type=int, default=1, help="processes (default 1)")
    command.add_argument("--scheduler", default=None, metavar="ADDRESS", help="a Dask scheduler")
    command.add_argument("--seed", type=int, default=1, help="of every random draw (default 1)")


def _train(options: argparse.Namespace) -> int:
    from fewbit_lab import train

    return train.train(options)


def _evaluate(options: argparse.Namespace) -> int:
    from fewbit_lab.evaluate import Evaluation, evaluate, snr_list

    asked = Evaluation(
        options.codec,
        snr_list(options.snr),
        options.packets,
        options.profile,
        options.bits_per_symbol,
        options.workers,
        options.scheduler,
        options.seed,
    )
    print(evaluate(asked))
    return 0


def _detect(options: argparse.Namespace) -> int:
    from fewbit_lab.evaluate import snr_list
    from fewbit_lab.mimo_flowgraph import MimoSetting, compare

    setting = MimoSetting(
        vectors=options.vectors,
        antennas=options.antennas,
        users=options.users,
        bits_per_symbol=options.bits_per_symbol,
        block_len=options.block_len,
        seed=options.seed,
    )
    for line in compare(options.detector, snr_list(options.snr), setting):
        print(line, flush=True)
    return 0


def _reproduce(options: argparse.Namespace) -> int:
    try:
        return figures.reproduce(
            options.figure,
            quick=options.quick,
            fresh=options.fresh,
            keep=options.keep,
            workers=options.workers,
            scheduler=options.scheduler,
            output=options.output,
            seed=options.seed,
            command=options.command_line,
        )
    except OSError as error:
        if not str(error.filename).startswith(str(options.output)):
            raise
        raise LabError(
            f"{error.filename}: cannot be written ({error.strerror}); choose another --output"
        ) from error
    except KeyboardInterrupt as error:
        again = "the same command without --fresh" if options.fresh else "the same command"
        raise Interrupted(f"interrupted; {again} keeps the batches that are done") from error


def _info(options: argparse.Namespace) -> int:
    from fewbit_lab.model_files import find_model

    paths = [find_model(file) for file in options.file]
    from fewbit_lab.info import describe

    for path in paths:
        try:
            print(describe(path))
        except (ValueError, RuntimeError) as error:
            raise LabError(str(error)) from error
    return 0


def _export(options: argparse.Namespace) -> int:
    from fewbit_lab.model_files import find_model

    path = find_model(options.file)
    from fewbit_lab.export import export

    try:
        places = export(path, options.output)
    except (ValueError, RuntimeError) as error:
        raise LabError(str(error)) from error
    print("wrote " + " and ".join(map(str, places)))
    return 0


def _bench(options: argparse.Namespace) -> int:
    from fewbit_lab import bench

    return bench.bench(options.benchmarks, options.output, quick=options.quick, only=options.only)


def _doctor(options: argparse.Namespace) -> int:
    from fewbit_lab import doctor

    return doctor.doctor()


def _demo(options: argparse.Namespace) -> int:
    from fewbit_lab import demo

    return demo.demo(
        options.output, quick=options.quick, seed=options.seed, command=options.command_line
    )
