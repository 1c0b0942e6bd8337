"""The split and the classifier."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from sklearn.linear_model import LogisticRegression

from iris.command import main
from iris.preprocess import Parts, data_preprocess
from iris.table import read_rows
from iris.training import Part, Written, logistic, train_eval
from step_io.errors import StepError
from step_io.outputs import NO_OUTPUTS
from step_io.safetensors_file import read_facts


def parts(directory: Path) -> Parts:
    return Parts(*(directory / name for name in ("x_train", "x_test", "y_train", "y_test")))


def written(directory: Path) -> Written:
    return Written(directory / "metrics", directory / "model", directory / "scores", directory / "training")


def split(data: Path, label: str = "species", test_share: float = 0.2, seed: int = 42) -> dict[str, object]:
    return data_preprocess(data, label, parts(data.parent), test_share, seed)


def json_of(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_every_class_is_in_both_parts_in_the_same_share(flowers: Path) -> None:
    report = split(flowers)
    assert (report["train"], report["test"]) == (120, 30)
    for name, count in (("y_train", 40), ("y_test", 10)):
        _, rows = read_rows(flowers.parent / name)
        labels = [label for _, label in rows]
        assert {label: labels.count(label) for label in labels} == dict.fromkeys(
            ("setosa", "versicolor", "virginica"), count
        )
    _, train = read_rows(flowers.parent / "y_train")
    _, test = read_rows(flowers.parent / "y_test")
    assert sorted(int(row) for row, _ in [*train, *test]) == list(range(2, 152))


def test_the_same_seed_gives_the_same_bytes(flowers: Path) -> None:
    split(flowers)
    first = [path.read_bytes() for path in vars(parts(flowers.parent)).values()]
    split(flowers)
    assert [path.read_bytes() for path in vars(parts(flowers.parent)).values()] == first
    split(flowers, seed=1)
    assert [path.read_bytes() for path in vars(parts(flowers.parent)).values()] != first


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "holds no row"),
        ("a,species\n", "holds no row"),
        ("a,variety\n1,x\n", 'has no column "species"; it has a, variety'),
        ("a,species\n1,x\n2\n", "row 3: it has 1 cells where the head has 2"),
        ("a,species\n1,x\nbig,y\n", 'row 3, column a: "big" is no number'),
        ("a,species\n1,x\nnan,y\n", 'column a: "nan" is no number'),
        ("a,species\n1,x\n2,y\n", "cannot be split by species"),
    ],
)
def test_says_what_is_wrong_with_a_table(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(content)
    with pytest.raises(StepError, match=reason):
        split(path)


def test_refuses_a_share_without_sense(flowers: Path) -> None:
    with pytest.raises(StepError, match="--test_share is 1; it lies between"):
        split(flowers, test_share=1)


def test_reaches_the_goal_and_leaves_what_the_gate_compares(flowers: Path) -> None:
    split(flowers)
    train_eval(parts(flowers.parent), 2, written(flowers.parent), NO_OUTPUTS)
    metrics = json_of(flowers.parent / "metrics")
    assert metrics["accuracy_score"] >= 0.93
    assert metrics["cross_validated_accuracy_score"] >= 0.95
    assert metrics["frequent_class_accuracy_score"] == pytest.approx(1 / 3)
    (listed,) = [entry for entry in metrics["metrics"] if entry["name"] == "accuracy_score"]
    assert listed == {"name": "accuracy_score", "numberValue": metrics["accuracy_score"], "format": "PERCENTAGE"}
    scores = json_of(flowers.parent / "scores")
    assert sum(scores["values"]) / len(scores["values"]) == pytest.approx(metrics["accuracy_score"])
    assert len(set(scores["ids"])) == len(scores["baseline"]) == 30
    (step,) = json_of(flowers.parent / "training")["steps"]
    assert (step["task"], step["metrics"]["accuracy_score"]) == ("train-eval", metrics["accuracy_score"])


def test_the_file_answers_as_the_library_does(flowers: Path) -> None:
    split(flowers)
    train_eval(parts(flowers.parent), 2, written(flowers.parent), NO_OUTPUTS)
    tensors = load_file(flowers.parent / "model")
    assert bytes(tensors["classes"]).decode() == "setosaversicolorvirginica"
    assert tensors["classes_ends"].tolist() == [6, 16, 25]
    _, x = read_rows(flowers.parent / "x_test")
    values = np.array(x, np.float64)
    best = np.argmax(values @ tensors["coefficients"].T + tensors["intercepts"], axis=1)
    _, y = read_rows(flowers.parent / "y_test")
    names = np.array(["setosa", "versicolor", "virginica"])[best]
    accuracy = np.mean(names == [label for _, label in y])
    facts = read_facts(flowers.parent / "model")
    assert accuracy == pytest.approx(facts["metrics"]["accuracy_score"])
    assert facts["parameters"]["number_of_estimators"] == 2


def test_equal_input_gives_equal_bytes(flowers: Path) -> None:
    split(flowers)
    train_eval(parts(flowers.parent), 2, written(flowers.parent), NO_OUTPUTS)
    first = (flowers.parent / "model").read_bytes()
    train_eval(parts(flowers.parent), 2, written(flowers.parent), NO_OUTPUTS)
    assert (flowers.parent / "model").read_bytes() == first


def test_two_classes_keep_one_score_each() -> None:
    values = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]])
    labels = ["low"] * 3 + ["high"] * 3
    linear = logistic(Part(["a"], values, [], labels))
    assert linear.coefficients.shape == (2, 1)
    assert linear.predict(values) == labels
    reference = LogisticRegression().fit(values, labels)
    assert linear.predict(np.array([[5.5], [6.5]])) == reference.predict(np.array([[5.5], [6.5]])).tolist()


def test_the_commands_hand_their_metrics_to_the_pipeline(flowers: Path, tmp_path: Path) -> None:
    flags = [f"--{name}={path}" for name, path in vars(parts(tmp_path)).items()]
    assert main(["data-preprocess", f"--data={flowers}", "--label_colname=species", *flags]) == 0
    artifact = {"artifacts": [{"name": "metrics", "uri": str(tmp_path / "metrics"), "metadata": {}}]}
    outputs = {"artifacts": {"metrics": artifact}, "outputFile": str(tmp_path / "output_metadata.json")}
    results = [f"--{name}={path}" for name, path in vars(written(tmp_path)).items()]
    given = [f"--executor-input={json.dumps({'outputs': outputs})}"]
    assert main(["train-eval", *flags, *results, *given]) == 0
    (metrics,) = json_of(tmp_path / "output_metadata.json")["artifacts"]["metrics"]["artifacts"]
    assert metrics["metadata"]["accuracy_score"] >= 0.93
    assert main(["train-eval", "--number_of_estimators=0", *flags, *results]) == 1


def test_refuses_parts_that_do_not_belong_together(flowers: Path) -> None:
    split(flowers)
    (flowers.parent / "y_test").write_text("row,species\n2,setosa\n")
    with pytest.raises(StepError, match="x_test has 30 rows and y_test 1"):
        train_eval(parts(flowers.parent), 2, written(flowers.parent), NO_OUTPUTS)
    split(flowers)
    (flowers.parent / "x_train").write_text("a\n1\n2\n")
    (flowers.parent / "y_train").write_text("row,species\n2,setosa\n3,setosa\n")
    with pytest.raises(StepError, match="all of one class"):
        train_eval(parts(flowers.parent), 2, written(flowers.parent), NO_OUTPUTS)
