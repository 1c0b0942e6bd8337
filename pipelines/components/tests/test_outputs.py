"""Outputs as a backend of pipelines reads them."""

import json
from pathlib import Path

import pytest

from step_io.errors import StepError, exit_status
from step_io.outputs import Outputs, local_path


@pytest.fixture
def executor_input(tmp_path: Path) -> str:
    artifact = {
        "name": "metrics",
        "type": {"schemaTitle": "system.Metrics"},
        "uri": str(tmp_path / "artifacts" / "metrics"),
        "metadata": {},
    }
    return json.dumps(
        {
            "outputs": {
                "parameters": {
                    name: {"outputFile": str(tmp_path / "parameters" / name)} for name in ("path", "recall", "passed")
                },
                "artifacts": {"metrics": {"artifacts": [artifact]}},
                "outputFile": str(tmp_path / "output_metadata.json"),
            }
        }
    )


def test_parameters_are_texts_in_the_files_given(tmp_path: Path, executor_input: str) -> None:
    outputs = Outputs(executor_input)
    outputs.parameter("path", "/mnt/nfs/data")
    outputs.parameter("recall", 0.07)
    outputs.parameter("passed", True)
    outputs.parameter("unasked", "x")
    written = {path.name: path.read_text() for path in (tmp_path / "parameters").iterdir()}
    assert written == {"path": "/mnt/nfs/data", "recall": "0.07", "passed": "true"}


def test_metadata_come_with_the_address_given(tmp_path: Path, executor_input: str) -> None:
    outputs = Outputs(executor_input)
    path = outputs.artifact("metrics", {"recall10": 0.07})
    assert path == tmp_path / "artifacts" / "metrics"
    assert path.parent.is_dir()
    assert outputs.artifact("unasked", {"x": 1}) is None
    outputs.finish()
    (metrics,) = json.loads((tmp_path / "output_metadata.json").read_text())["artifacts"]["metrics"]["artifacts"]
    assert metrics["metadata"] == {"recall10": 0.07}
    assert metrics["uri"] == str(path)


def test_outside_of_a_pipeline_nothing_is_written(tmp_path: Path) -> None:
    outputs = Outputs(None)
    outputs.parameter("path", "x")
    assert outputs.artifact("metrics", {"a": 1}) is None
    outputs.finish()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("s3://bucket/run/model", "/s3/bucket/run/model"),
        ("minio://bucket/model", "/minio/bucket/model"),
        ("gs://bucket/model", "/gcs/bucket/model"),
        ("/local/model", "/local/model"),
    ],
)
def test_artifacts_lie_where_the_backend_puts_them(uri: str, path: str) -> None:
    assert local_path(uri) == Path(path)


def test_a_wrong_executor_input_is_named() -> None:
    for text in ("{{$}}", "[]"):
        with pytest.raises(StepError, match="--executor-input is not"):
            Outputs(text)


def test_a_failure_is_one_sentence_and_status_1(capfd: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        raise StepError("The file\nis broken.")

    assert exit_status("prepare", broken) == 1
    assert capfd.readouterr().err == "The file is broken.\n"

    def absent() -> None:
        Path("/nowhere/at/all").read_bytes()

    assert exit_status("prepare", absent) == 1
    assert capfd.readouterr().err == "prepare cannot use /nowhere/at/all: No such file or directory.\n"
    assert exit_status("prepare", lambda: None) == 0
