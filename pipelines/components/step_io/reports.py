"""What a step tells about its run: one JSON file per task, read by the serving and by people."""

import os
import resource
import time
from datetime import UTC, datetime
from pathlib import Path

from step_io.files import write_json


class Report:
    """Collects the facts of one run; written last, so that a report stands for a whole result."""

    def __init__(self, task: str, kind: str) -> None:
        self.task = task
        self.facts: dict[str, object] = {
            "task": task,
            "kind": kind,
            "node": os.environ.get("NODE_NAME", ""),
            "startedAt": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        self.started = time.perf_counter()

    def add(self, **facts: object) -> None:
        self.facts.update(facts)

    def finished(self) -> dict[str, object]:
        """The facts, with the time of the run in seconds and its memory in bytes."""
        self.add(
            seconds=round(time.perf_counter() - self.started, 4),
            # Linux counts it in KiB.
            peakMemoryBytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        )
        return self.facts

    def write(self, datadir: Path) -> dict[str, object]:
        """Writes `<datadir>/reports/<task>.json`."""
        write_json(datadir / "reports" / f"{self.task}.json", self.finished())
        return self.facts
