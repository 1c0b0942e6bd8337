"""The pipelines of reference.ts, written with Kubeflow's own SDK: {name: IR} as JSON on stdout."""

import json
import sys
import tempfile
from pathlib import Path

import yaml
from kfp import compiler, dsl

IMAGE = "registry.example/steps:1"


@dsl.container_component
def make(rows: int, data: dsl.Output[dsl.Dataset]):
    return dsl.ContainerSpec(image=IMAGE, command=["make"], args=[data.path, rows])


@dsl.container_component
def train(data: dsl.Input[dsl.Dataset], rmse: dsl.OutputPath(float), model: dsl.Output[dsl.Model]):
    return dsl.ContainerSpec(image=IMAGE, command=["train"], args=[data.path, rmse, model.path])


@dsl.container_component
def publish(model: dsl.Input[dsl.Model]):
    return dsl.ContainerSpec(image=IMAGE, command=["publish"], args=[model.path])


@dsl.container_component
def say(text: str, said: dsl.OutputPath(str)):
    return dsl.ContainerSpec(image=IMAGE, command=["say"], args=[text, said])


@dsl.container_component
def collect(texts: list):
    return dsl.ContainerSpec(image=IMAGE, command=["collect"], args=[texts])


@dsl.container_component
def report(status: dsl.PipelineTaskFinalStatus, to: str):
    return dsl.ContainerSpec(image=IMAGE, command=["report"], args=[status, to])


@dsl.pipeline(name="gate")
def gate(threshold: float = 0.5):
    made = make(rows=10)
    trained = train(data=made.outputs["data"]).set_caching_options(False)
    trained.set_retry(3, backoff_duration="30s", backoff_factor=2, backoff_max_duration="600s")
    trained.set_cpu_request("500m").set_memory_limit("2Gi")
    trained.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)
    with dsl.If(trained.outputs["rmse"] < threshold):
        publish(model=trained.outputs["model"])


@dsl.pipeline(name="loop")
def loop(words: list = ["a", "b"]):  # noqa: B006 - a default of the pipeline, which nothing changes
    with dsl.ParallelFor(words, parallelism=2) as word:
        spoken = say(text=word)
    collect(texts=dsl.Collected(spoken.outputs["said"]))
    with dsl.ParallelFor([{"text": "x"}, {"text": "y"}]) as item:
        say(text=item.text)


@dsl.pipeline(name="watched")
def watched(to: str = "ops"):
    last = report(to=to)
    with dsl.ExitHandler(last):
        made = make(rows=3)
        train(data=made.outputs["data"])


def main() -> None:
    compiled = {}
    with tempfile.TemporaryDirectory() as folder:
        for pipeline in (gate, loop, watched):
            path = Path(folder) / f"{pipeline.name}.yaml"
            compiler.Compiler().compile(pipeline, str(path))
            compiled[pipeline.name] = yaml.safe_load(path.read_text())
    json.dump(compiled, sys.stdout)


if __name__ == "__main__":
    main()
