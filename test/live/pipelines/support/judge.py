"""Judges compiled pipelines with Kubeflow's own packages: one JSON object in, one out.

In:  {"parse": [file], "run": [{"file", "arguments"}]}
Out: {"parse": {file: fault or null}, "run": [{"error": fault or null, "outputs", "tasks": [component]}]}
"""

import contextlib
import io
import json
import logging
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import yaml
from google.protobuf import json_format
from kfp import components, local
from kfp.kubernetes import kubernetes_executor_config_pb2
from kfp.local import executor_output_utils, subprocess_task_handler, task_dispatcher
from kfp.local import io as local_io
from kfp.pipeline_spec import pipeline_spec_pb2


def parse(file: str) -> str | None:
    """Every message of both documents, strictly; the loader alone lets unknown fields of executors through."""
    try:
        text = Path(file).read_text()
        spec, *others = [document for document in yaml.safe_load_all(text) if document]
        json_format.ParseDict(spec, pipeline_spec_pb2.PipelineSpec())
        json_format.ParseDict(spec.get("deploymentSpec", {}), pipeline_spec_pb2.PipelineDeploymentConfig())
        for document in others:
            platform = json_format.ParseDict(document, pipeline_spec_pb2.PlatformSpec())
            for config in platform.platforms["kubernetes"].deployment_spec.executors.values():
                message = kubernetes_executor_config_pb2.KubernetesExecutorConfig()
                json_format.ParseDict(json_format.MessageToDict(config), message)
        components.load_component_from_text(text)
    except Exception as error:  # whatever it throws is the verdict
        return f"{type(error).__name__}: {error}"
    return None


def doubts() -> list[str]:
    """Warnings of kfp.local: it takes a condition that it cannot evaluate for false, and goes on."""
    heard: list[str] = []
    logging.warning = lambda message, *args, **kwargs: heard.append(str(message))
    return heard


def lift_limits_of_local_runs(executed: list[str]) -> None:
    """What the backend does and kfp.local does not, so that it runs pipelines of containers at all."""
    handler = subprocess_task_handler.SubprocessTaskHandler
    handler.validate_not_container_component = lambda self, *args, **kwargs: None

    # The launcher records every declared artifact; kfp.local only those that Kubeflow's Python executor listed.
    collect = executor_output_utils.get_outputs_from_executor_output

    def with_declared_artifacts(executor_output: Any, executor_input: Any, component_spec: Any) -> dict[str, Any]:
        for name, artifacts in executor_input.outputs.artifacts.items():
            if name not in executor_output.artifacts:
                executor_output.artifacts[name].CopyFrom(artifacts)
        outputs: dict[str, Any] = collect(executor_output, executor_input, component_spec)
        return outputs

    executor_output_utils.get_outputs_from_executor_output = with_declared_artifacts

    # The backend looks a loop's items up among the inputs of the loop; kfp.local only among those around it.
    find = local_io.IOStore.get_parent_input

    def parent_input(store: Any, name: str) -> Any:
        try:
            return find(store, name)
        except ValueError:
            task, separator, output = name.removeprefix("pipelinechannel--").partition("--")
            if not separator:
                raise
            return store.get_task_output(task, output)

    local_io.IOStore.get_parent_input = parent_input

    run_task = task_dispatcher.run_single_task_implementation

    # Tasks of one component would write the same files: each gets a directory, as on the backend.
    def apart(*args: Any, **kwargs: Any) -> Any:
        executed.append(kwargs["component_name"].removeprefix("comp-"))
        return run_task(*args, **{**kwargs, "pipeline_root": f"{kwargs['pipeline_root']}/{len(executed)}"})

    task_dispatcher.run_single_task_implementation = apart


def run(file: str, arguments: dict[str, Any], executed: list[str], heard: list[str]) -> dict[str, Any]:
    """One run in this process and its children; a skipped branch leaves no task."""
    executed.clear()
    heard.clear()
    warnings.simplefilter("ignore")  # images of containers, which nothing pulls here
    with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(io.StringIO()) as log:
        local.init(local.SubprocessRunner(use_venv=False), pipeline_root=root, raise_on_error=True)
        try:
            outputs = components.load_component_from_file(file)(**arguments).outputs
        except Exception as error:
            fault = f"{type(error).__name__}: {error}\n{log.getvalue()[-2000:]}"
            return {"error": fault, "outputs": {}, "tasks": sorted(executed)}
        shown = {name: value if not hasattr(value, "uri") else value.schema_title for name, value in outputs.items()}
    return {"error": "; ".join(heard) or None, "outputs": shown, "tasks": sorted(executed)}


def main() -> None:
    request = json.load(sys.stdin)
    executed: list[str] = []
    heard = doubts()
    lift_limits_of_local_runs(executed)
    verdicts = {
        "parse": {file: parse(file) for file in request.get("parse", [])},
        "run": [run(job["file"], job["arguments"], executed, heard) for job in request.get("run", [])],
    }
    json.dump(verdicts, sys.stdout)


if __name__ == "__main__":
    main()
