"""The classifier: trained on one part, measured on the other, written as a file that runs no code."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from iris.preprocess import Parts
from iris.table import Numbers, as_numbers, read_rows
from step_io.errors import StepError
from step_io.files import write_json
from step_io.outputs import Outputs
from step_io.reports import Report
from step_io.safetensors_file import text_tensors, write_model

FORMAT = "linear-classifier/1"
"""Layout of the tensors; the serving refuses any other."""

SEED = 42
MOST_ITERATIONS = 1000
FOLDS = 10


@dataclass(frozen=True)
class Part:
    features: list[str]
    values: Numbers
    rows: list[str]
    labels: list[str]


@dataclass(frozen=True)
class Linear:
    """The class with the highest intercept + Σ coefficient · value."""

    classes: list[str]
    coefficients: Numbers
    intercepts: Numbers

    def predict(self, values: Numbers) -> list[str]:
        best = np.argmax(values @ self.coefficients.T + self.intercepts, axis=1)
        return [self.classes[at] for at in best.tolist()]


@dataclass(frozen=True)
class Written:
    """Files that are written."""

    metrics: Path
    model: Path
    scores: Path
    training: Path


def train_eval(parts: Parts, number_of_estimators: int, written: Written, outputs: Outputs) -> dict[str, object]:
    """
    Trains a logistic regression, which is served, and a forest of so many trees, which is the published line.

    `accuracy_score` is that of the model on the rows to test on. Beside it stand the forest's, that of the most
    frequent class, and the model's mean over ten folds of all rows, which depends less on a few of them.
    """
    if number_of_estimators < 1:
        raise StepError(f"--number_of_estimators is {number_of_estimators}; a forest has at least 1 tree.")
    report = Report("train-eval", "training")
    train, test = part(parts.x_train, parts.y_train), part(parts.x_test, parts.y_test)
    if len(set(train.labels)) < 2:
        raise StepError("The rows to train on are all of one class, so there is nothing to tell apart.")
    linear = logistic(train)
    forest = RandomForestClassifier(n_estimators=number_of_estimators, random_state=SEED)
    forest.fit(train.values, train.labels)
    frequent = max(sorted(set(train.labels)), key=train.labels.count)

    right = [str(found) == label for found, label in zip(linear.predict(test.values), test.labels, strict=True)]
    plain = [label == frequent for label in test.labels]
    accuracy = {
        "accuracy_score": mean(right),
        "forest_accuracy_score": float(forest.score(test.values, test.labels)),
        "frequent_class_accuracy_score": mean(plain),
    }
    if (folds := cross_validated(train, test)) is not None:
        accuracy["cross_validated_accuracy_score"] = folds
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (parts.x_train, parts.y_train)]
    about = {"train": len(train.rows), "test": len(test.rows), "sha256": digests}
    parameters = {"learner": "logistic regression", "number_of_estimators": number_of_estimators}
    facts = {"data": about, "parameters": parameters, "metrics": accuracy}
    tensors = {
        "coefficients": linear.coefficients,
        "intercepts": linear.intercepts,
        **text_tensors(classes=linear.classes, features=train.features),
    }
    size = write_model(written.model, FORMAT, tensors, facts)
    listed = [{"name": name, "numberValue": value, "format": "PERCENTAGE"} for name, value in accuracy.items()]
    write_json(written.metrics, {"metrics": listed, **accuracy, "rows": len(train.rows) + len(test.rows)})
    write_json(
        written.scores,
        {
            "metric": "accuracy_score",
            # Only values of the same rows of the same data may be compared.
            "sample": f"test rows {hashlib.sha256(parts.x_test.read_bytes()).hexdigest()[:12]}",
            "ids": test.rows,
            "values": [float(value) for value in right],
            "baseline": [float(value) for value in plain],
        },
    )
    report.add(**facts, bytes=size)
    write_json(written.training, {"steps": [report.finished()], "timings": {"columns": [], "rows": []}})
    outputs.artifact("metrics", accuracy)
    outputs.parameter("accuracy", accuracy["accuracy_score"])
    outputs.finish()
    return report.facts


def logistic(train: Part) -> Linear:
    """Trained on values that are scaled to be alike, written for values as they are measured."""
    scaler = StandardScaler().fit(train.values)
    model = LogisticRegression(max_iter=MOST_ITERATIONS).fit(scaler.transform(train.values), train.labels)
    coefficients, intercepts = np.asarray(model.coef_, np.float64), np.asarray(model.intercept_, np.float64)
    if len(model.classes_) == 2:
        # For two classes the library keeps one row: the second class against the first.
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.concatenate([-intercepts, intercepts])
    coefficients = coefficients / scaler.scale_
    return Linear([str(name) for name in model.classes_], coefficients, intercepts - coefficients @ scaler.mean_)


def cross_validated(train: Part, test: Part) -> float | None:
    """Mean accuracy over ten folds of all rows; None where a class has fewer rows than folds."""
    labels = [*train.labels, *test.labels]
    if min(labels.count(name) for name in set(labels)) < FOLDS:
        return None
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=MOST_ITERATIONS))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    return float(cross_val_score(model, np.vstack([train.values, test.values]), labels, cv=folds).mean())


def part(x: Path, y: Path) -> Part:
    features, values = read_rows(x)
    head, labels = read_rows(y)
    if len(values) != len(labels):
        raise StepError(f"{x.name} has {len(values)} rows and {y.name} {len(labels)}: run the step before again.")
    if len(head) != 2:
        raise StepError(f"{y.name} has {len(head)} columns; it has to have two, row and label.")
    rows, names = zip(*labels, strict=True)
    return Part(features, as_numbers(values, features, x.name), list(rows), list(names))


def mean(values: list[bool]) -> float:
    return sum(values) / len(values)
