"""Drives every public method of the real kfp.Client against a server and says how many calls pass.

Usage: conformance.py <url of the server>; the last line is "kfp.Client: N of M calls pass".
"""

import inspect
import json
import logging
import sys
import tarfile
import tempfile
import time
import traceback
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import kfp_server_api
import pipelines
from kfp import Client, compiler

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

passed: list[str] = []
failed: list[str] = []
called: set[str] = set()


class Recorder:
    """The client, noting which of its methods were called."""

    def __init__(self, client: Client):
        self.client = client

    def __getattr__(self, name: str):
        called.add(name)
        return getattr(self.client, name)


def check(what: str, body) -> object:
    """Runs one call with what must be true after it."""
    try:
        result = body()
    except Exception:
        failed.append(what)
        print(f"FAILED {what}\n{traceback.format_exc()}")
        return None
    passed.append(what)
    print(f"ok {what}")
    return result


def refused(status: int, call, *contained: str) -> None:
    """The call must end in an ApiException of this status, whose body is as the original's."""
    try:
        call()
    except kfp_server_api.ApiException as error:
        assert error.status == status, (error.status, error.body)
        body = json.loads(error.body)
        message = body["error_message"] if "error_message" in body else body["message"]
        if "error_message" not in body:
            assert body["details"][0]["@type"] == "type.googleapis.com/google.rpc.Status", body
            assert body["details"][0]["code"] == body["code"], body
        for text in contained:
            assert text in message, message
        return
    raise AssertionError(f"not refused with {status}")


def eventually(what: str, ask, seconds: float = 60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def equal(actual, expected) -> None:
    assert actual == expected, f"{actual!r} is not {expected!r}"


def packages(folder: Path) -> dict[str, str]:
    """The same pipeline as YAML, zip and tar.gz, and the others."""
    files = {}
    for pipeline in (pipelines.greeting, pipelines.measured, pipelines.failing, pipelines.endless):
        file = folder / f"{pipeline.name}.yaml"
        compiler.Compiler().compile(pipeline, str(file))
        files[pipeline.name] = str(file)
    with zipfile.ZipFile(folder / "greeting.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(files["greeting"], "pipeline.yaml")
    with tarfile.open(folder / "greeting.tar.gz", "w:gz") as archive:
        archive.add(files["greeting"], "pipeline.yaml")
    broken = folder / "broken.yaml"
    broken.write_text(Path(files["greeting"]).read_text().replace("comp-say", "comp-other", 1))
    return {**files, "zip": str(folder / "greeting.zip"), "tar": str(folder / "greeting.tar.gz"), "broken": str(broken)}


def filter_by(key: str, value: str, operation: str = "EQUALS") -> str:
    return json.dumps({"predicates": [{"operation": operation, "key": key, "stringValue": value}]})


def pages(call, field: str, size: int, **arguments) -> list:
    """All items of a list, read page by page."""
    items, token = [], ""
    while True:
        answer = call(page_token=token, page_size=size, **arguments)
        page = getattr(answer, field) or []
        assert len(page) <= size
        items += page
        token = answer.next_page_token
        if not token:
            equal(answer.total_size, len(items))
            return items


def pipelines_part(client: Recorder, files: dict[str, str]) -> dict:
    def empty_list():
        answer = client.list_pipelines()
        equal((answer.pipelines, answer.next_page_token), (None, None))

    check("list_pipelines: nothing there", empty_list)

    def from_yaml():
        pipeline = client.upload_pipeline(files["greeting"], pipeline_name="greeting", description="Says hello")
        equal((pipeline.display_name, pipeline.description), ("greeting", "Says hello"))
        assert abs(datetime.now(UTC) - pipeline.created_at) < timedelta(minutes=1)
        return pipeline

    greeting = check("upload_pipeline: YAML", from_yaml)
    check("upload_pipeline: zip", lambda: equal(client.upload_pipeline(files["zip"], "zipped").display_name, "zipped"))
    check(
        "upload_pipeline: tar.gz", lambda: equal(client.upload_pipeline(files["tar"], "packed").display_name, "packed")
    )
    check(
        "upload_pipeline: named by its file",
        lambda: equal(client.upload_pipeline(files["measured"]).display_name, "measured"),
    )
    check(
        "upload_pipeline: the name is taken",
        lambda: refused(409, lambda: client.upload_pipeline(files["greeting"], "greeting")),
    )
    check(
        "upload_pipeline: no object's name",
        lambda: refused(400, lambda: client.upload_pipeline(files["greeting"], "My pipe"), "display_name"),
    )
    check(
        "upload_pipeline: cannot run",
        lambda: refused(400, lambda: client.upload_pipeline(files["broken"], "broken"), "comp-say"),
    )
    check("upload_pipeline: what was refused left nothing", lambda: equal(client.get_pipeline_id("broken"), None))
    check(
        "upload_pipeline_from_pipeline_func",
        lambda: equal(client.upload_pipeline_from_pipeline_func(pipelines.failing, "failing").display_name, "failing"),
    )
    check("get_pipeline_id", lambda: equal(client.get_pipeline_id("greeting"), greeting.pipeline_id))
    check("get_pipeline_id: absent", lambda: equal(client.get_pipeline_id("nothing"), None))
    check("get_pipeline", lambda: equal(client.get_pipeline(greeting.pipeline_id).to_dict(), greeting.to_dict()))
    check("get_pipeline: absent", lambda: refused(404, lambda: client.get_pipeline("nothing")))

    names = ["failing", "greeting", "measured", "packed", "zipped"]
    check(
        "list_pipelines: sorted, in pages of two",
        lambda: equal(
            [each.display_name for each in pages(client.list_pipelines, "pipelines", 2, sort_by="name asc")], names
        ),
    )
    check(
        "list_pipelines: sorted downwards",
        lambda: equal(
            [each.display_name for each in client.list_pipelines(sort_by="display_name desc").pipelines], names[::-1]
        ),
    )
    check(
        "list_pipelines: filtered",
        lambda: equal(
            [
                each.display_name
                for each in client.list_pipelines(filter=filter_by("display_name", "PACK", "IS_SUBSTRING")).pipelines
            ],
            ["packed"],
        ),
    )
    check(
        "list_pipelines: unknown field to sort by",
        lambda: refused(400, lambda: client.list_pipelines(sort_by="colour")),
    )
    check(
        "list_pipelines: unknown field to filter by",
        lambda: refused(400, lambda: client.list_pipelines(filter=filter_by("colour", "x"))),
    )
    check("list_pipelines: negative page", lambda: refused(400, lambda: client.list_pipelines(page_size=-1)))
    check("list_pipelines: foreign token", lambda: refused(400, lambda: client.list_pipelines(page_token="!")))
    return {"greeting": greeting}


def versions_part(client: Recorder, files: dict[str, str], state: dict) -> None:
    pipeline_id = state["greeting"].pipeline_id

    def by_id():
        version = client.upload_pipeline_version(files["tar"], "two", pipeline_id=pipeline_id, description="packed")
        equal((version.display_name, version.description, version.pipeline_id), ("two", "packed", pipeline_id))
        return version

    two = check("upload_pipeline_version: by id, tar.gz", by_id)
    check(
        "upload_pipeline_version: by name, zip",
        lambda: equal(
            client.upload_pipeline_version(files["zip"], "three", pipeline_name="greeting").display_name, "three"
        ),
    )
    check(
        "upload_pipeline_version: taken",
        lambda: refused(409, lambda: client.upload_pipeline_version(files["zip"], "two", pipeline_id)),
    )
    check(
        "upload_pipeline_version: no pipeline",
        lambda: refused(404, lambda: client.upload_pipeline_version(files["zip"], "two", "nothing")),
    )

    def from_func():
        version = client.upload_pipeline_version_from_pipeline_func(pipelines.measured, "four", pipeline_id=pipeline_id)
        equal(version.pipeline_spec["pipelineInfo"]["name"], "measured")

    check("upload_pipeline_version_from_pipeline_func", from_func)
    check(
        "list_pipeline_versions: in pages of three",
        lambda: equal(
            [
                each.display_name
                for each in pages(
                    lambda **rest: client.list_pipeline_versions(pipeline_id, **rest),
                    "pipeline_versions",
                    3,
                    sort_by="name",
                )
            ],
            ["four", "greeting", "three", "two"],
        ),
    )
    check(
        "list_pipeline_versions: filtered",
        lambda: equal(
            len(client.list_pipeline_versions(pipeline_id, filter=filter_by("name", "two")).pipeline_versions), 1
        ),
    )

    def get():
        version = client.get_pipeline_version(pipeline_id, two.pipeline_version_id)
        equal(version.to_dict(), two.to_dict())
        equal(
            version.pipeline_spec["root"]["inputDefinitions"]["parameters"]["times"]["parameterType"], "NUMBER_INTEGER"
        )

    check("get_pipeline_version", get)
    check(
        "get_pipeline_version: absent",
        lambda: refused(404, lambda: client.get_pipeline_version(pipeline_id, "nothing")),
    )
    state["two"] = two


def experiments_part(client: Recorder, state: dict) -> None:
    def create():
        experiment = client.create_experiment("books", description="Of books")
        equal(
            (experiment.display_name, experiment.description, experiment.storage_state),
            ("books", "Of books", "AVAILABLE"),
        )
        equal(experiment.last_run_created_at, EPOCH)
        return experiment

    books = check("create_experiment", create)
    experiment_id = books.experiment_id
    check(
        "create_experiment: there already",
        lambda: equal(client.create_experiment("books").experiment_id, experiment_id),
    )
    check(
        "get_experiment: by id",
        lambda: equal(client.get_experiment(experiment_id=experiment_id).to_dict(), books.to_dict()),
    )
    check(
        "get_experiment: by name",
        lambda: equal(client.get_experiment(experiment_name="books").experiment_id, experiment_id),
    )
    check("get_experiment: absent", lambda: refused(404, lambda: client.get_experiment(experiment_id="nothing")))
    for name in ("films", "music"):
        client.create_experiment(name)
    check(
        "list_experiments: in pages of two",
        lambda: equal(
            [each.display_name for each in pages(client.list_experiments, "experiments", 2, sort_by="name desc")],
            ["music", "films", "books", "Default"],
        ),
    )
    check(
        "list_experiments: filtered",
        lambda: equal(
            sorted(
                each.display_name
                for each in client.list_experiments(filter=filter_by("name", "s", "IS_SUBSTRING")).experiments
            ),
            ["books", "films", "music"],
        ),
    )
    check(
        "list_experiments: unknown field to sort by",
        lambda: refused(400, lambda: client.list_experiments(sort_by="colour")),
    )
    state["books"] = books


def runs_part(client: Recorder, files: dict[str, str], state: dict) -> None:
    experiment_id = state["books"].experiment_id
    version = state["two"]
    reference = {"pipeline_id": version.pipeline_id, "version_id": version.pipeline_version_id}

    def by_reference():
        run = client.run_pipeline(experiment_id, "by reference", params={"text": "hi", "times": 3}, **reference)
        equal(run.state, "PENDING")
        equal(run.runtime_config.parameters, {"text": "hi", "times": 3})
        equal(run.pipeline_version_reference.pipeline_version_id, version.pipeline_version_id)
        equal((run.pipeline_spec, run.run_details, run.finished_at), (None, None, EPOCH))
        equal([each.state for each in run.state_history], ["PENDING"])
        return run

    run = check("run_pipeline: a version", by_reference)

    def wait():
        done = client.wait_for_run_completion(run.run_id, timeout=60, sleep_duration=0.05)
        equal(done.state, "SUCCEEDED")
        equal([each.state for each in done.state_history], ["PENDING", "RUNNING", "SUCCEEDED"])
        tasks = {task.display_name: task for task in done.run_details.task_details}
        equal(sorted(tasks), ["say", "say-2"])
        equal({task.state for task in tasks.values()}, {"SUCCEEDED"})
        assert done.finished_at >= done.created_at
        assert tasks["say"].pod_name

    check("wait_for_run_completion", wait)
    check("get_run", lambda: equal(client.get_run(run.run_id).display_name, "by reference"))
    check("get_run: absent", lambda: refused(404, lambda: client.get_run("nothing")))
    check(
        "run_pipeline: absent version",
        lambda: refused(
            404, lambda: client.run_pipeline(experiment_id, "x", pipeline_id=version.pipeline_id, version_id="nothing")
        ),
    )
    check(
        "run_pipeline: absent experiment",
        lambda: refused(404, lambda: client.run_pipeline("nothing", "x", **reference)),
    )
    check(
        "run_pipeline: unknown parameter",
        lambda: refused(400, lambda: client.run_pipeline(experiment_id, "x", params={"txt": "hi"}, **reference), "txt"),
    )
    check(
        "run_pipeline: parameter of another type",
        lambda: refused(
            400, lambda: client.run_pipeline(experiment_id, "x", params={"times": "3"}, **reference), "times"
        ),
    )

    def from_package():
        made = client.run_pipeline(
            experiment_id,
            "from a package",
            pipeline_package_path=files["measured"],
            params={"score": 0.95},
            enable_caching=False,
        )
        assert made.pipeline_spec
        assert not made.pipeline_version_reference
        done = client.wait_for_run_completion(made.run_id, 60, 0.05)
        tasks = {task.display_name: task for task in done.run_details.task_details}
        equal(tasks["say"].state, "SUCCEEDED")
        equal(tasks["say"].parent_task_id, tasks["condition-1"].task_id)
        assert tasks["measure"].outputs["report"].artifact_ids

    check("run_pipeline: a package, with a condition and an artifact", from_package)

    def package_run():
        result = client.create_run_from_pipeline_package(
            files["measured"], arguments={"score": 0.1}, experiment_name="films", run_name="low"
        )
        done = result.wait_for_run_completion(timeout=60)
        equal(done.state, "SUCCEEDED")
        tasks = {task.display_name: task.state for task in done.run_details.task_details}
        equal(tasks["condition-1"], "SKIPPED")
        equal(done.experiment_id, client.get_experiment(experiment_name="films").experiment_id)

    check("create_run_from_pipeline_package: the condition does not hold", package_run)

    def failing_run():
        result = client.create_run_from_pipeline_func(pipelines.failing, enable_caching=False)
        done = client.wait_for_run_completion(result.run_id, 60, 0.05)
        equal(done.state, "FAILED")
        assert "break-down" in done.error.message, done.error
        assert "the disk is full" in done.error.message, done.error
        equal(client.get_experiment(experiment_id=done.experiment_id).display_name, "Default")

    check("create_run_from_pipeline_func: the failure and its reason", failing_run)

    def terminated():
        made = client.run_pipeline(experiment_id, "endless", pipeline_package_path=files["endless"])
        eventually("the run goes", lambda: client.get_run(made.run_id).state == "RUNNING")
        equal(client.terminate_run(made.run_id), {})
        done = client.wait_for_run_completion(made.run_id, 60, 0.05)
        equal([each.state for each in done.state_history], ["PENDING", "RUNNING", "CANCELING", "FAILED"])
        return made

    endless = check("terminate_run", terminated)
    check("terminate_run: ended already", lambda: refused(400, lambda: client.terminate_run(run.run_id)))

    def archived():
        equal(client.archive_run(run.run_id), {})
        equal(client.archive_run(run.run_id), {})
        equal(client.get_run(run.run_id).storage_state, "ARCHIVED")
        hits = client.list_runs(experiment_id=experiment_id, filter=filter_by("storage_state", "ARCHIVED")).runs
        equal([each.run_id for each in hits], [run.run_id])

    check("archive_run: twice", archived)

    def unarchived():
        equal(client.unarchive_run(run.run_id), {})
        equal(client.get_run(run.run_id).storage_state, "AVAILABLE")

    check("unarchive_run", unarchived)
    check(
        "list_runs: of an experiment, in pages of one",
        lambda: equal(
            [
                each.display_name
                for each in pages(
                    lambda **rest: client.list_runs(experiment_id=experiment_id, **rest),
                    "runs",
                    1,
                    sort_by="created_at desc",
                )
            ],
            ["endless", "from a package", "by reference"],
        ),
    )
    check("list_runs: all", lambda: equal(client.list_runs(page_size=100).total_size, 5))
    check(
        "list_runs: by state",
        lambda: equal(
            sorted(each.display_name for each in client.list_runs(filter=filter_by("state", "SUCCEEDED")).runs),
            ["by reference", "from a package", "low"],
        ),
    )
    check("list_runs: absent experiment", lambda: refused(404, lambda: client.list_runs(experiment_id="nothing")))

    def deleted():
        equal(client.delete_run(endless.run_id), {})
        refused(404, lambda: client.get_run(endless.run_id))

    check("delete_run", deleted)

    def deleted_in_flight():
        made = client.run_pipeline(experiment_id, "deleted", pipeline_package_path=files["endless"])
        equal(client.delete_run(made.run_id), {})
        refused(404, lambda: client.get_run(made.run_id))

    check("delete_run: while it runs", deleted_in_flight)


def recurring_part(client: Recorder, files: dict[str, str], state: dict) -> None:
    experiment_id = state["books"].experiment_id
    version = state["two"]
    reference = {"pipeline_id": version.pipeline_id, "version_id": version.pipeline_version_id}

    def nightly():
        made = client.create_recurring_run(
            experiment_id,
            "nightly",
            description="At night",
            cron_expression="0 30 2 ? * 1-5",
            start_time="2026-01-01T00:00:00Z",
            end_time="2099-01-01T00:00:00+01:00",
            max_concurrency=3,
            no_catchup=True,
            params={"text": "[[ScheduledTime]]"},
            enabled=False,
            **reference,
        )
        equal((made.mode, made.status, made.max_concurrency, made.no_catchup), ("DISABLE", "DISABLED", "3", True))
        equal(made.trigger.cron_schedule.cron, "0 30 2 ? * 1-5")
        equal(made.trigger.cron_schedule.end_time, datetime(2098, 12, 31, 23, tzinfo=UTC))
        return made

    recurring = check("create_recurring_run: cron, disabled", nightly)

    def each_second():
        made = client.create_recurring_run(
            experiment_id, "ticking", interval_second=1, pipeline_package_path=files["greeting"], max_concurrency=2
        )
        equal((made.mode, made.status, made.trigger.periodic_schedule.interval_second), ("ENABLE", "ENABLED", "1"))

        def made_runs():
            hits = client.list_runs(filter=filter_by("recurring_run_id", made.recurring_run_id)).runs or []
            return [each for each in hits if each.state == "SUCCEEDED"]

        runs = eventually("two runs of the schedule", lambda: len(made_runs()) >= 2 and made_runs())
        equal(len({each.display_name for each in runs}), len(runs))
        assert all(each.display_name.startswith("ticking ") for each in runs)
        return made

    ticking = check("create_recurring_run: interval, makes runs", each_second)
    check(
        "create_recurring_run: no such cron",
        lambda: refused(
            400,
            lambda: client.create_recurring_run(experiment_id, "x", cron_expression="0 0 2 * *", **reference),
            "six fields",
        ),
    )
    check(
        "create_recurring_run: too many at a time",
        lambda: refused(
            400,
            lambda: client.create_recurring_run(experiment_id, "x", interval_second=9, max_concurrency=11, **reference),
        ),
    )
    check(
        "create_recurring_run: unknown parameter",
        lambda: refused(
            400,
            lambda: client.create_recurring_run(
                experiment_id, "x", interval_second=9, params={"txt": "x"}, **reference
            ),
        ),
    )

    def mode_of(made) -> tuple:
        got = client.get_recurring_run(made.recurring_run_id)
        return got.mode, got.status

    def disabled():
        equal(client.disable_recurring_run(ticking.recurring_run_id), {})
        equal(mode_of(ticking), ("DISABLE", "DISABLED"))

    def enabled():
        equal(client.enable_recurring_run(recurring.recurring_run_id), {})
        equal(mode_of(recurring), ("ENABLE", "ENABLED"))

    check("disable_recurring_run", disabled)
    check("enable_recurring_run", enabled)
    check(
        "disable_job",
        lambda: equal((client.disable_job(recurring.recurring_run_id), mode_of(recurring)[0]), ({}, "DISABLE")),
    )
    check(
        "enable_job",
        lambda: equal((client.enable_job(recurring.recurring_run_id), mode_of(recurring)[0]), ({}, "ENABLE")),
    )
    check(
        "get_recurring_run", lambda: equal(client.get_recurring_run(recurring.recurring_run_id).description, "At night")
    )
    check(
        "get_recurring_run: by job_id",
        lambda: equal(client.get_recurring_run("", job_id=recurring.recurring_run_id).display_name, "nightly"),
    )
    check("get_recurring_run: absent", lambda: refused(404, lambda: client.get_recurring_run("nothing")))
    check(
        "list_recurring_runs: of an experiment, in pages of one",
        lambda: equal(
            [
                each.display_name
                for each in pages(
                    lambda **rest: client.list_recurring_runs(experiment_id=experiment_id, **rest),
                    "recurring_runs",
                    1,
                    sort_by="name asc",
                )
            ],
            ["nightly", "ticking"],
        ),
    )
    check(
        "list_recurring_runs: filtered",
        lambda: equal(
            [
                each.display_name
                for each in client.list_recurring_runs(filter=filter_by("display_name", "nightly")).recurring_runs
            ],
            ["nightly"],
        ),
    )

    def deleted(method):
        def body(made):
            equal(method(made.recurring_run_id), {})
            refused(404, lambda: client.get_recurring_run(made.recurring_run_id))

        return body

    check("delete_recurring_run", lambda: deleted(client.delete_recurring_run)(ticking))
    check("delete_job", lambda: deleted(client.delete_job)(recurring))
    check("list_recurring_runs: nothing there", lambda: equal(client.list_recurring_runs().recurring_runs, None))


def storage_part(client: Recorder, files: dict[str, str], state: dict) -> None:
    """Archives and deletes what the parts before have made."""
    experiment_id = state["books"].experiment_id

    def archived():
        made = client.create_recurring_run(
            experiment_id, "yearly", cron_expression="@yearly", pipeline_package_path=files["greeting"]
        )
        equal(client.archive_experiment(experiment_id), {})
        equal(client.get_experiment(experiment_id=experiment_id).storage_state, "ARCHIVED")
        runs = client.list_runs(experiment_id=experiment_id, page_size=100).runs
        equal({each.storage_state for each in runs}, {"ARCHIVED"})
        equal(client.get_recurring_run(made.recurring_run_id).status, "DISABLED")

    check("archive_experiment: with runs and recurring runs", archived)

    def unarchived():
        equal(client.unarchive_experiment(experiment_id), {})
        equal(client.get_experiment(experiment_id=experiment_id).storage_state, "AVAILABLE")
        assert "ARCHIVED" in {
            each.storage_state for each in client.list_runs(experiment_id=experiment_id, page_size=100).runs
        }

    check("unarchive_experiment: its runs stay archived", unarchived)

    def deleted():
        music = client.get_experiment(experiment_name="music").experiment_id
        equal(client.delete_experiment(music), {})
        refused(404, lambda: client.get_experiment(experiment_id=music))

    check("delete_experiment", deleted)
    default = client.get_experiment(experiment_name="Default").experiment_id
    check("delete_experiment: the default stays", lambda: refused(409, lambda: client.delete_experiment(default)))

    pipeline_id = state["greeting"].pipeline_id
    check("delete_pipeline: has versions", lambda: refused(400, lambda: client.delete_pipeline(pipeline_id), "cascade"))

    def version_deleted():
        for version in client.list_pipeline_versions(pipeline_id, page_size=100).pipeline_versions:
            equal(client.delete_pipeline_version(pipeline_id, version.pipeline_version_id), {})
        equal(client.list_pipeline_versions(pipeline_id).pipeline_versions, None)

    check("delete_pipeline_version", version_deleted)

    def pipeline_deleted():
        equal(client.delete_pipeline(pipeline_id), {})
        refused(404, lambda: client.get_pipeline(pipeline_id))

    check("delete_pipeline", pipeline_deleted)


def context_part(client: Recorder) -> None:
    def health():
        answer = client.get_kfp_healthz()
        equal((answer.multi_user, answer.pipeline_store), (False, "kubernetes"))

    check("get_kfp_healthz", health)

    def namespaces():
        client.set_user_namespace("recommenders")
        equal(client.get_user_namespace(), "recommenders")
        assert client.list_experiments(namespace="recommenders").experiments
        client.set_user_namespace("")

    check("set_user_namespace", namespaces)
    check("get_user_namespace", lambda: equal(client.get_user_namespace(), ""))


def main(host: str) -> None:
    logging.disable(logging.ERROR)
    client = Recorder(Client(host=host))
    with tempfile.TemporaryDirectory() as folder:
        files = packages(Path(folder))
        state = pipelines_part(client, files)
        versions_part(client, files, state)
        experiments_part(client, state)
        runs_part(client, files, state)
        recurring_part(client, files, state)
        storage_part(client, files, state)
        context_part(client)
    methods = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    for name in sorted(methods - called):
        failed.append(name)
        print(f"FAILED {name}: never called")
    print(f"{len(methods)} public methods of the client, {len(methods & called)} called")
    print(f"kfp.Client: {len(passed)} of {len(passed) + len(failed)} calls pass")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1])
