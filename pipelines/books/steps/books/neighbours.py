"""One training: the library's own query, timed, and the table of all neighbours as a model file."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from books.engine import Engine, Query
from books.matrix import Matrix, load
from books.model_file import save_model
from books.prepare import MATRIX_FILE
from books.table import neighbour_table
from step_io.errors import StepError
from step_io.files import write_json
from step_io.outputs import NO_OUTPUTS, Outputs
from step_io.reports import Report

ARTICLE_QUERIES = ("059035342X", "0439064872", "0425189058")
"""The three books that the published recommender timed, in its order."""

ANSWERS = 10
WARM_UP_CALLS = 10
LARGEST_STORED = 40
"""More neighbours per item than a serving answers would only make the file large."""


@dataclass(frozen=True)
class NeighboursOptions:
    task: str
    engine: str
    shrink: float = 100.0
    neighbours: int = 200
    keep: int = ANSWERS
    calls: int = 100
    queries: tuple[str, ...] = ()


def train(datadir: Path, options: NeighboursOptions, outputs: Outputs = NO_OUTPUTS) -> dict[str, object]:
    """Writes `<datadir>/models/<task>.safetensors`, and the outputs of the task; returns the report."""
    check(options)
    report = Report(options.task, "neighbours")
    matrix = load(datadir / MATRIX_FILE)
    engine = make_engine(options.engine)
    queries = time_queries(engine, matrix, options)

    started = time.perf_counter()
    table = neighbour_table(matrix.ratings.ones(), options.shrink, options.keep, engine.multiply)
    table_seconds = time.perf_counter() - started

    parameters = {"similarity": "0/1 cosine", "shrink": options.shrink, "neighbours": options.neighbours}
    model = datadir / "models" / f"{options.task}.safetensors"
    facts = {"data": matrix.about, "parameters": parameters, "engine": engine.name}
    size = save_model(model, matrix, table, facts)
    report.add(
        engine=engine.name,
        library=engine.version,
        device=engine.device,
        data=matrix.about,
        parameters=parameters,
        matrix={"items": len(matrix.items), "users": len(matrix.users), "ratings": len(matrix.ratings.data)},
        queries=queries,
        tableSeconds=round(table_seconds, 4),
        model={"file": str(model.relative_to(datadir)), "bytes": size},
    )
    written = report.write(datadir)
    outputs.parameter("path", str(model))
    if (copy := outputs.artifact("model", {**facts, "bytes": size})) is not None:
        # From what is in memory: a run beside this one may have put its own model in that place by now.
        save_model(copy, matrix, table, facts)
    times = {f"{query['item']} seconds": query["p50Seconds"] for query in queries}
    if (copy := outputs.artifact("report", {"device": engine.device, **times})) is not None:
        write_json(copy, written)
    outputs.finish()
    return written


def check(options: NeighboursOptions) -> None:
    if not options.shrink >= 0:
        raise StepError(f"--shrink is {options.shrink:g}; a shrinkage is 0 or more.")
    if options.neighbours < 1:
        raise StepError(f"--neighbours is {options.neighbours}; it takes at least 1.")
    if not ANSWERS <= options.keep <= LARGEST_STORED:
        raise StepError(f"--keep is {options.keep}; a model stores {ANSWERS} to {LARGEST_STORED} neighbours per item.")
    if options.calls < 1:
        raise StepError(f"--calls is {options.calls}; a timing takes at least 1 call.")


def make_engine(name: str) -> Engine:
    """The engine of that name; its library is imported here, since no image has both."""
    try:
        if name == "torch":
            from books.torch_engine import TorchEngine

            return TorchEngine()
        from books.scikit_engine import ScikitEngine

        return ScikitEngine()
    except ImportError as error:
        raise StepError(f"--engine {name} needs a library that this image lacks ({error}).") from error


def time_queries(engine: Engine, matrix: Matrix, options: NeighboursOptions) -> list[dict[str, object]]:
    """Times each query by itself after a warm-up and answers it with ten others."""
    ask = engine.query(matrix)
    count = min(ANSWERS + 1, len(matrix.items))
    rows = []
    for name in chosen_queries(matrix, options.queries):
        item = matrix.items.index(name)
        started = time.perf_counter()
        ask(item, count)
        first = time.perf_counter() - started
        seconds = call_times(ask, item, count, options.calls)
        p50, p95 = (float(value) for value in np.percentile(seconds, (50, 95)))
        rows.append(
            {
                "item": name,
                "title": matrix.titles[item],
                "calls": options.calls,
                "firstSeconds": round(first, 7),
                "p50Seconds": round(p50, 7),
                "p95Seconds": round(p95, 7),
                **engine.check_timing(p50),
                # The whole ranking, untimed: which of equals a library puts tenth is its own affair.
                "answers": others(ask(item, len(matrix.items)), item, matrix),
            }
        )
    return rows


def call_times(ask: Query, item: int, count: int, calls: int) -> list[float]:
    """Wall seconds of each call, after warm-up calls that are not counted."""
    for _ in range(WARM_UP_CALLS):
        ask(item, count)
    seconds = []
    for _ in range(calls):
        started = time.perf_counter()
        ask(item, count)
        seconds.append(time.perf_counter() - started)
    return seconds


def chosen_queries(matrix: Matrix, wanted: tuple[str, ...]) -> list[str]:
    """The wanted items; the article's three where the data has them; else the three most rated."""
    known = set(matrix.items)
    for name in wanted:
        if name not in known:
            raise StepError(f"--query {name} is not among the {len(known)} items of this data.")
    if wanted:
        return list(wanted)
    if known.issuperset(ARTICLE_QUERIES):
        return list(ARTICLE_QUERIES)
    readers = np.diff(matrix.ratings.indptr)
    return [matrix.items[item] for item in np.argsort(-readers, kind="stable")[:3]]


def others(answer: list[tuple[int, float]], item: int, matrix: Matrix) -> list[dict[str, object]]:
    """The ten best other items: score descending, then item; an item without a common reader is no neighbour."""
    # A library's float noise is cut off first, or the rule for equal scores would never apply.
    scored = [(other, round(score, 6)) for other, score in answer if other != item]
    best = sorted((pair for pair in scored if pair[1] > 0), key=lambda pair: (-pair[1], pair[0]))[:ANSWERS]
    return [{"item": matrix.items[other], "title": matrix.titles[other], "score": score} for other, score in best]
