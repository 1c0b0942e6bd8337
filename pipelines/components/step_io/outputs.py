"""Outputs of a task of a pipeline, by Kubeflow's executor contract; without a pipeline nothing is written."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from step_io.errors import StepError
from step_io.files import write_json

# Where the backend puts what lies in a bucket.
PLACES = {"s3://": "/s3/", "gs://": "/gcs/", "minio://": "/minio/"}

Value = str | int | float | bool


class Outputs:
    """
    Writes output parameters, says where output artifacts belong, and keeps their metadata.

    `executor_input` is the JSON that `{{$}}` becomes in a command line; None outside of a pipeline.
    """

    def __init__(self, executor_input: str | None) -> None:
        self.given = parsed(executor_input).get("outputs", {}) if executor_input else {}
        self.metadata: dict[str, Mapping[str, object]] = {}

    def parameter(self, name: str, value: Value) -> None:
        """Writes an output parameter; one that the pipeline does not ask for is dropped."""
        wanted = self.given.get("parameters", {}).get(name)
        if wanted is None:
            return
        text = value if isinstance(value, str) else json.dumps(value)
        path = Path(wanted["outputFile"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def artifact(self, name: str, metadata: Mapping[str, object] | None = None) -> Path | None:
        """The file to write for an output artifact, None where the pipeline does not ask for it."""
        wanted = self.given.get("artifacts", {}).get(name)
        if wanted is None:
            return None
        if metadata:
            self.metadata[name] = metadata
        path = local_path(wanted["artifacts"][0]["uri"])
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def finish(self) -> None:
        """Hands over the metadata; the parameters and files count without it."""
        if not self.metadata:
            return
        artifacts = {
            name: {"artifacts": [{**self.given["artifacts"][name]["artifacts"][0], "metadata": dict(metadata)}]}
            for name, metadata in self.metadata.items()
        }
        write_json(Path(self.given["outputFile"]), {"artifacts": artifacts})


NO_OUTPUTS = Outputs(None)
"""Of a step that no pipeline runs."""


def local_path(uri: str) -> Path:
    """Where a step finds, or leaves, the artifact of an address; a path stands for itself."""
    for scheme, place in PLACES.items():
        if uri.startswith(scheme):
            return Path(place + uri.removeprefix(scheme))
    return Path(uri)


def parsed(executor_input: str) -> dict[str, Any]:
    try:
        value = json.loads(executor_input)
    except ValueError as error:
        raise StepError(f"--executor-input is not JSON ({error}); a pipeline writes {{{{$}}}} there.") from error
    if not isinstance(value, dict):
        raise StepError("--executor-input is not a JSON object; a pipeline writes {{$}} there.")
    return value
