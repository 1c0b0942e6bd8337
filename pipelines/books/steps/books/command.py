"""Arguments → step."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from step_io.errors import exit_status
from step_io.outputs import Outputs


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one step; returns the exit status."""
    options = parser().parse_args(arguments)

    def step() -> None:
        outputs = Outputs(options.executor_input)
        print(json.dumps(run(options, outputs), sort_keys=True), flush=True)

    return exit_status(options.step, step)


def run(options: argparse.Namespace, outputs: Outputs) -> dict[str, object]:
    # A step imports only what it needs: the libraries of the trainings are large and one image has no torch.
    if options.step == "prepare":
        from books.prepare import PrepareOptions, prepare

        return prepare(
            options.datadir,
            PrepareOptions(options.task, options.rating_above, options.readers_above, options.broken_share),
            outputs,
        )
    if options.step == "neighbours":
        from books.neighbours import NeighboursOptions, train

        return train(
            directory_of(options),
            NeighboursOptions(
                task=options.task,
                engine=options.engine,
                shrink=options.shrink,
                neighbours=options.neighbours,
                keep=options.keep,
                calls=options.calls,
                queries=tuple(options.query),
            ),
            outputs,
        )
    if options.step == "judge":
        from books.judge import JudgeOptions, judge

        return judge(
            JudgeOptions(
                matrix=options.matrix,
                model=options.model,
                task=options.task,
                gate_split=options.gate_split,
                splits=tuple(options.splits.split(",")) if options.splits else (),
                reports=tuple(options.report),
            ),
            outputs,
        )
    from books.evaluate import EvaluateOptions, evaluate_splits

    return evaluate_splits(
        options.datadir,
        EvaluateOptions(
            options.task, options.model, options.shrink, options.neighbours, tuple(options.splits.split(","))
        ),
    )


def directory_of(options: argparse.Namespace) -> Path:
    """The directory of the data, given by itself or by the matrix in it."""
    matrix: Path | None = options.matrix
    return options.datadir if matrix is None else matrix.parent


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
    place = neighbours.add_mutually_exclusive_group(required=True)
    place.add_argument("--datadir", type=Path)
    place.add_argument("--matrix", type=Path, help="instead of its directory: what prepare says it wrote")
    named(neighbours, "recommender-scikit")
    neighbours.add_argument("--engine", choices=("scikit", "torch"), required=True)
    neighbours.add_argument("--keep", type=int, default=10, help="neighbours stored per item")
    neighbours.add_argument("--calls", type=int, default=100, help="timed calls per query")
    neighbours.add_argument("--query", action="append", default=[], help="item to time (repeat; default: three known)")
    strength(neighbours)

    judge = steps.add_parser("judge", help="a trained model → its figures, values for the gate, times of the trainings")
    judge.add_argument("--matrix", type=Path, required=True)
    judge.add_argument("--model", type=Path, required=True, help="model file to be judged")
    judge.add_argument("--gate-split", default="dev", help="split that decides")
    judge.add_argument("--splits", default="a", help="splits that only report, with commas between")
    judge.add_argument("--report", type=Path, action="append", default=[], help="report of a training (repeat)")
    named(judge, "evaluate")

    evaluate = steps.add_parser("evaluate", help="quality on held-out ratings")
    common(evaluate, "evaluate")
    evaluate.add_argument("--model", choices=("binary", "ratings", "popularity"), default="binary")
    evaluate.add_argument("--splits", default="a,b,c", help="names of splits with commas between")
    strength(evaluate)
    return top


def common(step: argparse.ArgumentParser, task: str) -> None:
    step.add_argument("--datadir", type=Path, required=True)
    named(step, task)


def named(step: argparse.ArgumentParser, task: str) -> None:
    step.add_argument("--task", default=task, help="name of the report (and of the model)")
    step.add_argument("--executor-input", help="where a pipeline wants its outputs: what {{$}} becomes there")


def strength(step: argparse.ArgumentParser) -> None:
    step.add_argument("--shrink", type=float, default=100.0, help="sim = dot / (|a||b| + shrink)")
    step.add_argument("--neighbours", type=int, default=200, help="neighbours that score a user's items")
