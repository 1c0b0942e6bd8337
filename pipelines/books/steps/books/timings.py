"""Query times of the trainings side by side: a row an item, a column a training."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from step_io.errors import StepError

Step = Mapping[str, Any]
"""Report of a step as it wrote it."""


def read_reports(directory: Path, preferred: Sequence[Path]) -> list[Step]:
    """
    Reports of the steps in the order they ran.

    Those given by path count before those of the same task that lie in the directory.
    """
    by_task = {}
    for path in [*sorted(directory.glob("*.json")), *preferred]:
        report = read_report(path)
        by_task[report["task"]] = report
    return sorted(by_task.values(), key=lambda report: str(report["startedAt"]))


def read_report(path: Path) -> Step:
    try:
        report = json.loads(path.read_bytes())
    except ValueError as error:
        raise StepError(f"{path} is not JSON ({error}): run the step that writes it again.") from error
    if not isinstance(report, dict) or not {"task", "startedAt"} <= report.keys():
        raise StepError(f"{path} is no report of a step: it names neither task nor startedAt.")
    return report


def timing_table(steps: Sequence[Step]) -> dict[str, Any]:
    """Times in seconds; None where a training did not ask for the item."""
    trainings = [step for step in steps if step.get("queries")]
    titles = {query["item"]: query["title"] for step in trainings for query in step["queries"]}
    return {
        "columns": [
            {"task": step["task"], "device": step.get("device", ""), "node": step.get("node", "")} for step in trainings
        ],
        "rows": [
            {"item": item, "title": title, "times": [time_of(step, item) for step in trainings]}
            for item, title in titles.items()
        ],
    }


def time_of(step: Step, item: str) -> dict[str, float] | None:
    query = next((query for query in step["queries"] if query["item"] == item), None)
    return query and {"p50Seconds": query["p50Seconds"], "p95Seconds": query["p95Seconds"]}


def as_markdown(table: Mapping[str, Any]) -> str:
    """The table for people, in milliseconds: median, and the time that 95 of 100 calls stay below."""
    head = ["item", "title", *(f"{column['task']} ({column['device']})" for column in table["columns"])]
    rows = [
        [row["item"], row["title"], *("" if time is None else milliseconds(time) for time in row["times"])]
        for row in table["rows"]
    ]
    lines = [head, ["---"] * len(head), *rows]
    text = "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)
    return f"Time per query in milliseconds: median (95th percentile)\n\n{text}\n"


def milliseconds(time: Mapping[str, float]) -> str:
    return f"{time['p50Seconds'] * 1000:.3f} ({time['p95Seconds'] * 1000:.3f})"


def as_metrics(table: Mapping[str, Any]) -> dict[str, float]:
    """The medians as flat figures, seconds: `<task> <item>`."""
    return {
        f"{column['task']} {row['item']} seconds": time["p50Seconds"]
        for row in table["rows"]
        for column, time in zip(table["columns"], row["times"], strict=True)
        if time is not None
    }
