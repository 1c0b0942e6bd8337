"""The judgement of a model: figures, values for the gate, and the table of times."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Write, rating

from books.command import main
from books.judge import JudgeOptions, judge
from books.matrix import load
from books.neighbours import NeighboursOptions, train
from books.prepare import PrepareOptions, prepare
from books.timings import as_markdown, as_metrics, timing_table
from step_io.errors import StepError
from step_io.outputs import Outputs

ARTIFACTS = ("metrics", "scores", "training", "timings", "model", "report")
PARAMETERS = ("path", "recall10", "popularity_recall10")


def task_outputs(directory: Path) -> str:
    """What `{{$}}` becomes for a task that asks for everything."""
    artifacts = {
        name: {"artifacts": [{"name": name, "uri": str(directory / name), "metadata": {}}]} for name in ARTIFACTS
    }
    parameters = {name: {"outputFile": str(directory / f"{name}.txt")} for name in PARAMETERS}
    metadata = str(directory / "output_metadata.json")
    return json.dumps({"outputs": {"parameters": parameters, "artifacts": artifacts, "outputFile": metadata}})


def json_of(path: Path) -> Any:
    return json.loads(path.read_bytes())


@pytest.fixture
def small(write: Write) -> Path:
    """Twelve items, nine users who each like some of them; two trainings."""
    liked = [(user, item) for user in range(9) for item in range(12) if (user * 5 + item * 7) % 9 < 5]
    directory = write([rating(user, f"i{item:02}", 9) for user, item in liked])
    prepare(directory, PrepareOptions())
    for task in ("recommender-scikit", "recommender-scikit-gpu-node"):
        train(directory, NeighboursOptions(task=task, engine="scikit", calls=2))
    return directory


def options(directory: Path, **more: Any) -> JudgeOptions:
    return JudgeOptions(directory / "matrix.npz", directory / "models" / "recommender-scikit.safetensors", **more)


def test_gives_the_gate_a_value_per_user(small: Path, tmp_path: Path) -> None:
    judge(options(small), Outputs(task_outputs(tmp_path / "out")))
    scores = json_of(tmp_path / "out" / "scores")
    metrics = json_of(tmp_path / "out" / "metrics")
    assert scores["sample"] == "Book-Crossing, split dev"
    assert set(scores["ids"]) <= set(load(small / "matrix.npz").users)
    assert len(scores["ids"]) == len(scores["values"]) == len(scores["baseline"]) == metrics["users"]
    report = json_of(small / "reports" / "evaluate.json")
    assert sum(scores["values"]) / len(scores["values"]) == pytest.approx(report["splits"]["dev"]["recall10"], abs=1e-5)
    assert float((tmp_path / "out" / "recall10.txt").read_text()) == report["splits"]["a"]["recall10"]
    metadata = json_of(tmp_path / "out" / "output_metadata.json")["artifacts"]["metrics"]["artifacts"][0]["metadata"]
    assert metadata == metrics
    assert len(metrics["sha256"]) == 64


def test_sets_the_times_of_the_trainings_side_by_side(small: Path, tmp_path: Path) -> None:
    gpu = json_of(small / "reports" / "recommender-scikit.json")
    gpu.update(task="recommender-pytorch", device="no GPU: CPU device", queries=gpu["queries"][:1])
    (tmp_path / "gpu").write_text(json.dumps(gpu))
    judge(options(small, reports=(tmp_path / "gpu",)), Outputs(task_outputs(tmp_path / "out")))
    training = json_of(tmp_path / "out" / "training")
    tasks = [column["task"] for column in training["timings"]["columns"]]
    assert sorted(tasks) == ["recommender-pytorch", "recommender-scikit", "recommender-scikit-gpu-node"]
    assert [row["times"][tasks.index("recommender-pytorch")] is None for row in training["timings"]["rows"]] == [
        False,
        True,
        True,
    ]
    assert [step["task"] for step in training["steps"]][-1] == "evaluate"
    lines = (tmp_path / "out" / "timings").read_text().splitlines()
    assert "recommender-pytorch (no GPU: CPU device)" in lines[2]
    assert len(lines) == 2 + 2 + 3
    item = training["timings"]["rows"][0]["item"]
    assert f"recommender-scikit {item} seconds" in json_of(tmp_path / "out" / "metrics")


def test_a_training_leaves_its_model_and_report_to_the_pipeline(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    train(small, NeighboursOptions(task="t", engine="scikit", calls=2), Outputs(task_outputs(out)))
    assert (out / "model").read_bytes() == (small / "models" / "t.safetensors").read_bytes()
    assert (out / "path.txt").read_text() == str(small / "models" / "t.safetensors")
    assert json_of(out / "report") == json_of(small / "reports" / "t.json")
    assert json_of(out / "output_metadata.json")["artifacts"]["report"]["artifacts"][0]["metadata"]["device"] == "CPU"


def test_prepare_says_where_the_matrix_is(small: Path, tmp_path: Path) -> None:
    prepare(small, PrepareOptions(), Outputs(task_outputs(tmp_path / "out")))
    assert (tmp_path / "out" / "path.txt").read_text() == str(small / "matrix.npz")


def test_the_command_takes_the_matrix_and_the_executor_input(small: Path, tmp_path: Path) -> None:
    matrix = ["--matrix", str(small / "matrix.npz")]
    outputs = ["--executor-input", task_outputs(tmp_path / "out")]
    assert main(["neighbours", "--engine", "scikit", "--calls", "1", *matrix, *outputs]) == 0
    assert main(["judge", *matrix, "--model", str(tmp_path / "out" / "model"), *outputs]) == 0
    assert json_of(tmp_path / "out" / "training")["steps"]


def test_refuses_a_model_of_other_data(small: Path, write: Write, capfd: pytest.CaptureFixture[str]) -> None:
    model = small / "models" / "recommender-scikit.safetensors"
    kept = model.read_bytes()
    write([rating(user, f"i{item:02}", 9) for user in range(9) for item in range(12)])
    prepare(small, PrepareOptions())
    with pytest.raises(StepError, match="was trained on other data than these: train it again"):
        judge(options(small), Outputs(None))
    for content in (b"", kept[:20], b"\xff" * 30):
        model.write_bytes(content)
        with pytest.raises(StepError, match="is not a whole model"):
            judge(options(small), Outputs(None))
    model.unlink()
    with pytest.raises(StepError, match="is missing: run the training first"):
        judge(options(small), Outputs(None))


def test_a_table_without_trainings_is_empty() -> None:
    table = timing_table([{"task": "prepare", "startedAt": "2026-01-01"}])
    assert as_metrics(table) == {}
    assert as_markdown(table).splitlines()[2:] == ["| item | title |", "| --- | --- |"]
