"""The protocol of measuring, by hand on small data and by the known figures on the real ones."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from conftest import Write, rating

from books.evaluate import EvaluateOptions, evaluate_splits
from books.matrix import load
from books.prepare import PrepareOptions, prepare
from books.quality import item_to_item, popularity_metrics, split_by_hash, user_metrics
from books.scipy_product import multiply
from books.table import neighbour_table
from step_io.errors import StepError


@pytest.fixture
def small(write: Write) -> Path:
    """Twelve items, nine users who each like some of them."""
    liked = [(user, item) for user in range(9) for item in range(12) if (user * 5 + item * 7) % 9 < 5]
    directory = write([rating(user, f"i{item:02}", 9) for user, item in liked])
    prepare(directory, PrepareOptions())
    return directory


def test_holds_out_the_first_fifth_by_hash(small: Path) -> None:
    matrix = load(small / "matrix.npz")
    split = split_by_hash(matrix, "dev")
    positives = matrix.ratings.transposed()
    for user, name in enumerate(matrix.users):
        mine = [matrix.items[item] for item in positives.indices[positives.indptr[user] : positives.indptr[user + 1]]]
        order = sorted(mine, key=lambda item: hashlib.sha256(f"dev|{name}|{item}".encode()).hexdigest())
        held = split.held.indices[split.held.indptr[user] : split.held.indptr[user + 1]]
        expected = order[: int(0.2 * len(mine))] if len(mine) >= 5 else []
        assert {matrix.items[item] for item in held} == set(expected)
        assert len(held) + np.diff(split.train.indptr)[user] == len(mine)


def test_metrics_are_those_of_a_slow_reading_of_their_definition(small: Path) -> None:
    matrix = load(small / "matrix.npz")
    split = split_by_hash(matrix, "a")
    table = neighbour_table(split.train.transposed(), 2, 10, multiply)
    similar = np.zeros((12, 12))
    for item, (others, scores) in enumerate(zip(table.neighbours, table.scores, strict=True)):
        similar[item, others[others >= 0]] = scores[others >= 0]
    recalls, ndcgs, hits, pairs = [], [], [], []
    for user in split.scored:
        train = set(split.train.indices[split.train.indptr[user] : split.train.indptr[user + 1]].tolist())
        held = set(split.held.indices[split.held.indptr[user] : split.held.indptr[user + 1]].tolist())
        scores = np.float32(sum(similar[item] for item in train))
        ranked = sorted(set(range(12)) - train, key=lambda item: (-round(float(scores[item]), 5), item))[:10]
        found = [rank for rank, item in enumerate(ranked) if item in held]
        recalls.append(len(found) / min(len(held), 10))
        ndcgs.append(sum(1 / np.log2(r + 2) for r in found) / sum(1 / np.log2(r + 2) for r in range(len(held))))
        hits.append(bool(found))
        pairs.append(np.mean([similar[item, other] > 0 for item in train for other in held]))
    metrics = user_metrics(split, table).means()
    assert metrics["recall10"] == pytest.approx(np.mean(recalls))
    assert metrics["ndcg10"] == pytest.approx(np.mean(ndcgs), abs=1e-6)
    assert metrics["hitRate10"] == pytest.approx(np.mean(hits))
    assert item_to_item(split, table) == pytest.approx(np.mean(pairs))
    assert 0 < popularity_metrics(split).coverage10 <= 1


def means(directory: Path, **options: object) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    report = evaluate_splits(directory, EvaluateOptions(**options))  # type: ignore[arg-type]
    splits, mean = report["splits"], report["mean"]
    assert isinstance(splits, dict)
    assert isinstance(mean, dict)
    return splits, mean


def test_the_defaults_reach_the_goals(real: Path) -> None:
    splits, mean = means(real)
    for counts in splits.values():
        assert (counts["train"], counts["held"], counts["users"]) == (168_679, 24_945, 7_576)
    hit_rates = [counts["itemToItemHitRate10"] for counts in splits.values()]
    assert hit_rates == pytest.approx([0.0266, 0.0262, 0.0268], abs=0.0005)
    assert mean["itemToItemHitRate10"] >= 0.026
    assert mean["recall10"] >= 0.070


@pytest.mark.parametrize(
    ("options", "recalls", "ndcg", "hit_rate", "item_to_item"),
    [
        ({"model": "popularity"}, (0.0203, 0.0201, 0.0197), 0.0138, 0.0480, None),
        (
            {"model": "ratings", "shrink": 0.0, "neighbours": 9},
            (0.0406, 0.0396, 0.0404),
            0.0329,
            0.0839,
            (0.0163, 0.0161, 0.0162),
        ),
        ({"shrink": 10.0, "neighbours": 50}, (0.0625, 0.0635, 0.0618), 0.0517, 0.1296, (0.0217, 0.0212, 0.0209)),
        ({"shrink": 50.0, "neighbours": 200}, (0.0729, 0.0726, 0.0738), 0.0571, 0.1529, (0.0255, 0.0250, 0.0256)),
    ],
)
def test_known_figures_come_out_again(
    real: Path,
    options: dict[str, object],
    recalls: tuple[float, ...],
    ndcg: float,
    hit_rate: float,
    item_to_item: tuple[float, ...] | None,
) -> None:
    splits, _ = means(real, **options)
    within = 0.0005
    assert [split["recall10"] for split in splits.values()] == pytest.approx(recalls, abs=within)
    assert splits["a"]["ndcg10"] == pytest.approx(ndcg, abs=within)
    assert splits["a"]["hitRate10"] == pytest.approx(hit_rate, abs=within)
    if item_to_item:
        assert [split["itemToItemHitRate10"] for split in splits.values()] == pytest.approx(item_to_item, abs=within)


def test_says_that_there_is_nothing_to_measure_on(write: Write) -> None:
    directory = write([rating(user, "a", 9) for user in range(3)])
    prepare(directory, PrepareOptions())
    with pytest.raises(StepError, match="No user has the 5 ratings"):
        evaluate_splits(directory, EvaluateOptions())
