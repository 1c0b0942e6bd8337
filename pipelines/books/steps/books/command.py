"""Arguments → step; a failure → one sentence on the log and in the container's termination message."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from books.errors import StepError

METRICS_SPLIT = "a"
TERMINATION_LOG = Path("/dev/termination-log")
"""Kubernetes copies it into the status of the pod; absent elsewhere."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one step; returns the exit status."""
    options = parser().parse_args(arguments)
    try:
        report = run(options)
    except StepError as error:
        return fail(str(error))
    except MemoryError:
        return fail(f"{options.step} ran out of memory: raise the memory limit of its container.")
    except OSError as error:
        return fail(f"{options.step} cannot use {error.filename or 'a file'}: {error.strerror or error}.")
    print(json.dumps(report, sort_keys=True), flush=True)
    return 0


def fail(sentence: str) -> int:
    line = " ".join(sentence.split())
    print(line, file=sys.stderr, flush=True)
    if TERMINATION_LOG.exists() and os.access(TERMINATION_LOG, os.W_OK):
        TERMINATION_LOG.write_text(line)
    return 1


def run(options: argparse.Namespace) -> dict[str, object]:
    # A step imports only what it needs: the libraries of the trainings are large and one image has no torch.
    if options.step == "prepare":
        from books.prepare import PrepareOptions, prepare

        return prepare(
            options.datadir,
            PrepareOptions(options.task, options.rating_above, options.readers_above, options.broken_share),
        )
    if options.step == "neighbours":
        from books.neighbours import NeighboursOptions, train

        return train(
            options.datadir,
            NeighboursOptions(
                task=options.task,
                engine=options.engine,
                shrink=options.shrink,
                neighbours=options.neighbours,
                keep=options.keep,
                calls=options.calls,
                queries=tuple(options.query),
                metrics_split=options.metrics_split,
            ),
        )
    from books.evaluate import EvaluateOptions, evaluate_splits

    return evaluate_splits(
        options.datadir,
        EvaluateOptions(
            options.task, options.model, options.shrink, options.neighbours, tuple(options.splits.split(","))
        ),
    )


def parser() -> argparse.ArgumentParser:
    """The flags of every step, with their defaults."""
    top = argparse.ArgumentParser(prog="books", description=__doc__)
    steps = top.add_subparsers(dest="step", required=True)

    prepare = steps.add_parser("prepare", help="ratings → matrix.npz")
    common(prepare, "prepare-dataset")
    prepare.add_argument("--rating-above", type=float, help="keep ratings above this (default: by dialect)")
    prepare.add_argument("--readers-above", type=int, default=2, help="keep items with more ratings than this")
    prepare.add_argument("--broken-share", type=float, default=0.001, help="share of broken rows that is borne, 0..1")

    neighbours = steps.add_parser("neighbours", help="matrix.npz → models/<task>.safetensors")
    common(neighbours, "recommender-scikit")
    neighbours.add_argument("--engine", choices=("scikit", "torch"), required=True)
    neighbours.add_argument("--keep", type=int, default=10, help="neighbours stored per item")
    neighbours.add_argument("--calls", type=int, default=100, help="timed calls per query")
    neighbours.add_argument("--query", action="append", default=[], help="item to time (repeat; default: three known)")
    neighbours.add_argument(
        "--metrics-split", default=METRICS_SPLIT, help="split whose metrics the model carries; empty for none"
    )
    strength(neighbours)

    evaluate = steps.add_parser("evaluate", help="quality on held-out ratings")
    common(evaluate, "evaluate")
    evaluate.add_argument("--model", choices=("binary", "ratings", "popularity"), default="binary")
    evaluate.add_argument("--splits", default="a,b,c", help="names of splits with commas between")
    strength(evaluate)
    return top


def common(step: argparse.ArgumentParser, task: str) -> None:
    step.add_argument("--datadir", type=Path, required=True)
    step.add_argument("--task", default=task, help="name of the report (and of the model)")


def strength(step: argparse.ArgumentParser) -> None:
    step.add_argument("--shrink", type=float, default=100.0, help="sim = dot / (|a||b| + shrink)")
    step.add_argument("--neighbours", type=int, default=200, help="neighbours that score a user's items")
