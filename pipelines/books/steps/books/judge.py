"""What a trained model is worth: figures for people, a value per user for the gate, and the times of the trainings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from books.matrix import Matrix, load
from books.quality import K, Split, UserMetrics, item_to_item, popularity_metrics, rounded, split_by_hash, user_metrics
from books.scipy_product import multiply
from books.table import neighbour_table
from books.timings import as_markdown, as_metrics, read_reports, timing_table
from step_io.errors import StepError
from step_io.files import write_json, write_whole
from step_io.outputs import Outputs
from step_io.reports import Report
from step_io.safetensors_file import read_facts

METRIC = "recall10"
"""What the gate compares, user by user."""


@dataclass(frozen=True)
class JudgeOptions:
    matrix: Path
    model: Path
    """The model to be judged: its parameters are tried on what is held out."""
    task: str = "evaluate"
    gate_split: str = "dev"
    """Split that decides."""
    splits: tuple[str, ...] = ("a",)
    """Splits that only report."""
    reports: tuple[Path, ...] = ()
    """Reports of the trainings, where they are not those beside the matrix."""


@dataclass(frozen=True)
class Measured:
    """One split: who was scored, how well by the model and by the best sellers, and the means."""

    split: Split
    ours: UserMetrics
    popular: UserMetrics
    means: dict[str, float]


def judge(options: JudgeOptions, outputs: Outputs) -> dict[str, object]:
    """Writes `reports/<task>.json` beside the matrix, and the outputs of the task; returns the report."""
    if not options.gate_split or not all(options.splits):
        raise StepError('A name of a split is empty; write for example --gate-split dev --splits "a,b,c".')
    report = Report(options.task, "evaluate")
    matrix = load(options.matrix)
    parameters = parameters_of(options.model, matrix)
    gate = measured(matrix, options.gate_split, parameters)
    reported = {name: measured(matrix, name, parameters).means for name in options.splits}
    metrics = mean(list(reported.values()) or [gate.means])
    report.add(
        data=matrix.about, parameters=parameters, metrics=metrics, splits={options.gate_split: gate.means, **reported}
    )
    directory = options.matrix.parent
    facts = report.write(directory)

    steps = read_reports(directory / "reports", options.reports)
    table = timing_table(steps)
    about = {"ratings": len(matrix.ratings.data), "sha256": matrix.about.get("sha256", "")}
    outputs.parameter("recall10", metrics["recall10"])
    outputs.parameter("popularity_recall10", metrics["popularityRecall10"])
    shown = {**metrics, **as_metrics(table), **about}
    write_artifact(outputs.artifact("metrics", shown), shown)
    write_artifact(outputs.artifact("scores"), scores(matrix, options.gate_split, gate))
    write_artifact(outputs.artifact("training"), {"steps": steps, "timings": table})
    if (timings := outputs.artifact("timings")) is not None:
        write_whole(timings, [as_markdown(table).encode()])
    outputs.finish()
    return facts


def parameters_of(model: Path, matrix: Matrix) -> dict[str, float]:
    """Shrinkage and neighbours of a model that was made of these data."""
    metadata = read_facts(model)
    try:
        if metadata["data"]["sha256"] != matrix.about["sha256"]:
            raise StepError(f"{model} was trained on other data than these: train it again.")
        return {name: metadata["parameters"][name] for name in ("shrink", "neighbours")}
    except (KeyError, TypeError) as error:
        raise StepError(f"{model} does not say what it was trained on and how: it lacks {error}.") from error


def measured(matrix: Matrix, name: str, parameters: Mapping[str, float]) -> Measured:
    split = split_by_hash(matrix, name)
    if not len(split.scored):
        raise StepError("No user has the 5 ratings it takes to hold one out, so there is nothing to measure on.")
    neighbours = int(parameters["neighbours"])
    table = neighbour_table(split.train.transposed(), parameters["shrink"], max(neighbours, K), multiply)
    ours, popular = user_metrics(split, table.first(neighbours)), popularity_metrics(split)
    means = {
        **ours.means(),
        "itemToItemHitRate10": item_to_item(split, table),
        "popularityRecall10": popular.means()["recall10"],
        "users": float(len(split.scored)),
    }
    return Measured(split, ours, popular, rounded(means))


def mean(splits: list[dict[str, float]]) -> dict[str, float]:
    return rounded({name: sum(split[name] for split in splits) / len(splits) for name in splits[0]})


def scores(matrix: Matrix, name: str, gate: Measured) -> dict[str, object]:
    """What the gate compares: a value per user, of the model and of the best sellers."""
    return {
        "metric": METRIC,
        # Only values of the same kind of data, split in the same way, may be compared.
        "sample": f"{matrix.about.get('label', '')}, split {name}",
        "ids": [matrix.users[user] for user in gate.split.scored],
        "values": [round(value, 6) for value in gate.ours.recall10.tolist()],
        "baseline": [round(value, 6) for value in gate.popular.recall10.tolist()],
    }


def write_artifact(path: Path | None, value: Mapping[str, object]) -> None:
    if path is not None:
        write_json(path, value)
