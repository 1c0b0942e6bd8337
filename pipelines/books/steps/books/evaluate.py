"""The quality of one kind of recommendation over several splits, as a report."""

from dataclasses import dataclass
from pathlib import Path

from books.matrix import load
from books.prepare import MATRIX_FILE
from books.quality import K, item_to_item, popularity_metrics, rounded, split_by_hash, user_metrics
from books.scipy_product import multiply
from books.table import neighbour_table
from step_io.errors import StepError
from step_io.reports import Report


@dataclass(frozen=True)
class EvaluateOptions:
    task: str = "evaluate"
    model: str = "binary"
    """`binary` (0/1 cosine), `ratings` (cosine of the ratings) or `popularity`."""
    shrink: float = 100.0
    neighbours: int = 200
    splits: tuple[str, ...] = ("a", "b", "c")


def evaluate_splits(datadir: Path, options: EvaluateOptions) -> dict[str, object]:
    """Writes `<datadir>/reports/<task>.json` with the metrics of each split and their mean; returns it."""
    if not all(options.splits):
        raise StepError('--splits holds an empty name; write for example "a,b,c".')
    report = Report(options.task, "evaluate")
    matrix = load(datadir / MATRIX_FILE)
    by_split = {}
    for name in options.splits:
        split = split_by_hash(matrix, name)
        if not len(split.scored):
            raise StepError("No user has the 5 ratings it takes to hold one out, so there is nothing to measure on.")
        counts = {"train": len(split.train.data), "held": len(split.held.data), "users": len(split.scored)}
        if options.model == "popularity":
            metrics = popularity_metrics(split).means()
        else:
            train = split.train_ratings if options.model == "ratings" else split.train
            table = neighbour_table(train.transposed(), options.shrink, max(options.neighbours, K), multiply)
            metrics = user_metrics(split, table.first(options.neighbours)).means()
            metrics["itemToItemHitRate10"] = item_to_item(split, table)
        by_split[name] = {**counts, **rounded(metrics)}
    names = [name for name in next(iter(by_split.values())) if name not in {"train", "held", "users"}]
    report.add(
        data=matrix.about,
        model=options.model,
        parameters={"shrink": options.shrink, "neighbours": options.neighbours},
        splits=by_split,
        mean=rounded({name: sum(metrics[name] for metrics in by_split.values()) / len(by_split) for name in names}),
    )
    return report.write(datadir)
