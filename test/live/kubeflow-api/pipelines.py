"""Pipelines of the conformance test; the stand-in for the cluster knows their commands."""

from kfp import dsl

IMAGE = "registry.example.com/echo:1"


@dsl.container_component
def say(text: str):
    return dsl.ContainerSpec(image=IMAGE, command=["echo"], args=[text])


@dsl.container_component
def measure(score: float, result: dsl.OutputPath(float), report: dsl.Output[dsl.Metrics]):
    return dsl.ContainerSpec(image=IMAGE, command=["write"], args=[result, score])


@dsl.container_component
def break_down(text: str):
    return dsl.ContainerSpec(image=IMAGE, command=["fail"], args=[text])


@dsl.container_component
def go_on():
    return dsl.ContainerSpec(image=IMAGE, command=["wait"])


@dsl.pipeline(name="greeting", description="Says something twice.")
def greeting(text: str = "hello", times: int = 2):
    first = say(text=text)
    say(text="again").after(first)


@dsl.pipeline(name="measured")
def measured(score: float = 0.5):
    result = measure(score=score)
    with dsl.If(result.outputs["result"] > 0.9):
        say(text="good")


@dsl.pipeline(name="failing")
def failing():
    break_down(text="the disk is full")


@dsl.pipeline(name="endless")
def endless():
    go_on()
