"""Arguments → step."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from step_io.errors import exit_status
from step_io.outputs import Outputs

PARTS = ("x_train", "x_test", "y_train", "y_test")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one step; returns the exit status."""
    options = parser().parse_args(arguments)

    def step() -> None:
        report = run(options)
        if report:
            print(json.dumps(report, sort_keys=True), flush=True)

    return exit_status(options.step, step)


def run(options: argparse.Namespace) -> dict[str, object]:
    # A step imports only what it needs: the library of the training takes a second.
    if options.step == "data-ingestion":
        from iris.ingestion import data_ingestion

        data_ingestion(options.url, options.output_path, options.sha256, options.header)
        return {}
    from iris.preprocess import Parts, data_preprocess

    parts = Parts(*(getattr(options, name) for name in PARTS))
    if options.step == "data-preprocess":
        return data_preprocess(options.data, options.label_colname, parts, options.test_share, options.seed)
    from iris.training import Written, train_eval

    written = Written(options.metrics, options.model, options.scores, options.training)
    return train_eval(parts, options.number_of_estimators, written, Outputs(options.executor_input))


def parser() -> argparse.ArgumentParser:
    """The flags of every step, as the published components name them."""
    top = argparse.ArgumentParser(prog="iris", description=__doc__)
    steps = top.add_subparsers(dest="step", required=True)

    ingestion = steps.add_parser("data-ingestion", help="address → file")
    ingestion.add_argument("--url", required=True)
    ingestion.add_argument("--sha256", default="", help="digest of the right bytes; empty: any")
    ingestion.add_argument("--header", default="", help="the first row, whole; empty: any")
    ingestion.add_argument("--output_path", type=Path, required=True)

    preprocess = steps.add_parser("data-preprocess", help="table → rows to train and to test on")
    preprocess.add_argument("--data", type=Path, required=True)
    preprocess.add_argument("--label_colname", default="variety")
    preprocess.add_argument("--test_share", type=float, default=0.2, help="share of the rows to test on, 0..1")
    preprocess.add_argument("--seed", type=int, default=42)

    training = steps.add_parser("train-eval", help="parts → model and metrics")
    training.add_argument("--number_of_estimators", type=int, default=2)
    for name in ("metrics", "model", "scores", "training"):
        training.add_argument(f"--{name}", type=Path, required=True)
    training.add_argument("--executor-input", help="what {{$}} becomes in a pipeline")
    for step in (preprocess, training):
        for name in PARTS:
            step.add_argument(f"--{name}", type=Path, required=True)
    return top
