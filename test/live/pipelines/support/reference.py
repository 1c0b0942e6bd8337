"""The pipelines of reference.ts, written with Kubeflow's own SDK: {name: its documents} as JSON on stdout."""

import json
import sys
import tempfile
from pathlib import Path

import yaml
from kfp import compiler, dsl, kubernetes

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


@dsl.pipeline(name="placed")
def placed(claim: str = "nfs", secret: str = "kaggle"):
    task = make(rows=1)
    kubernetes.add_node_selector(task, "pool", "gpu")
    kubernetes.add_toleration(task, key="nvidia.com/gpu", operator="Exists", effect="NoSchedule")
    kubernetes.add_toleration(task, key="slow", value="yes", effect="NoExecute", toleration_seconds=30)
    kubernetes.mount_pvc(task, pvc_name="data", mount_path="/mnt/data", sub_path="datasets")
    kubernetes.mount_pvc(task, pvc_name=claim, mount_path="/mnt/nfs")
    kubernetes.empty_dir_mount(task, volume_name="shm", mount_path="/dev/shm", medium="Memory", size_limit="1Gi")
    kubernetes.use_secret_as_env(task, secret_name=secret, secret_key_to_env={"key": "KEY"})
    kubernetes.use_secret_as_volume(task, secret_name="files", mount_path="/secret", optional=True)
    kubernetes.use_config_map_as_env(task, config_map_name="settings", config_map_key_to_env={"level": "LEVEL"})
    kubernetes.use_config_map_as_volume(task, config_map_name="rules", mount_path="/etc/rules")
    kubernetes.use_field_path_as_env(task, env_name="NODE", field_path="spec.nodeName")
    kubernetes.set_image_pull_policy(task, "Always")
    kubernetes.set_image_pull_secrets(task, ["registry"])
    kubernetes.add_pod_label(task, "team", "books")
    kubernetes.add_pod_annotation(task, "note", "kept")
    kubernetes.set_timeout(task, 900)
    kubernetes.set_security_context(task, run_as_user=65532, run_as_group=65532, run_as_non_root=True)


def main() -> None:
    compiled = {}
    with tempfile.TemporaryDirectory() as folder:
        for pipeline in (gate, loop, watched, placed):
            path = Path(folder) / f"{pipeline.name}.yaml"
            compiler.Compiler().compile(pipeline, str(path))
            compiled[pipeline.name] = list(yaml.safe_load_all(path.read_text()))
    json.dump(compiled, sys.stdout)


if __name__ == "__main__":
    main()
