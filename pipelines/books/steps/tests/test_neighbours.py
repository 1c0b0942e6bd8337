"""Trainings: the known scores, the table against a slow reference, the model file, and refusals."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import Write, rating
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open

from books.bandwidth import bandwidth_of, check_bandwidth
from books.command import main
from books.matrix import load
from books.neighbours import NeighboursOptions, train
from books.prepare import PrepareOptions, prepare
from books.scipy_product import multiply
from books.sparse import Csr, from_sorted, top
from books.table import neighbour_table
from step_io.errors import StepError

SCIKIT = NeighboursOptions(task="recommender-scikit", engine="scikit", calls=2)

KNOWN_SCORES = {
    "059035342X": [0.300265, 0.236270, 0.174146, 0.163178, 0.149748, 0.129542, 0.126089, 0.105656, 0.104682, 0.096631],
    "0439064872": [0.341433, 0.300265, 0.272423, 0.133454, 0.127724, 0.115122, 0.105905, 0.105118, 0.102917, 0.102289],
    "0425189058": [0.662118, 0.658574, 0.600071, 0.600071, 0.595140, 0.592157, 0.592157, 0.589670, 0.587880, 0.578229],
}

small_matrices = st.integers(1, 12).flatmap(
    lambda items: st.lists(st.lists(st.sampled_from([0, 0, 1]), min_size=6, max_size=6), min_size=items, max_size=items)
)


def csr(dense: list[list[int]]) -> Csr:
    array = np.array(dense, np.float32)
    rows, columns = np.nonzero(array)
    return from_sorted(rows, columns, array[rows, columns], (array.shape[0], array.shape[1]))


@given(small_matrices, st.sampled_from([0.0, 1.0, 100.0]), st.integers(1, 5))
def test_the_table_is_what_the_formula_says(dense: list[list[int]], shrink: float, count: int) -> None:
    table = neighbour_table(csr(dense), shrink, count, multiply)
    vectors = np.array(dense, np.float64)
    dots = vectors @ vectors.T
    lengths = np.sqrt(np.outer(dots.diagonal(), dots.diagonal())) + shrink
    similar = np.float32(np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths > 0))
    for item, row in enumerate(similar):
        best = sorted(
            (other for other in range(len(row)) if other != item and row[other] > 0), key=lambda o: (-row[o], o)
        )
        found = table.neighbours[item][table.neighbours[item] >= 0]
        assert found.tolist() == best[:count]
        np.testing.assert_allclose(table.scores[item][: len(found)], row[found], rtol=1e-6)
        assert not table.scores[item][len(found) :].any()


def test_equal_scores_stand_in_the_order_of_the_items() -> None:
    columns, scores = top(csr([[3, 5, 0, 5, 5]]), 3)
    assert (columns.tolist(), scores.tolist()) == ([[1, 3, 4]], [[5, 5, 5]])


def test_the_table_has_the_known_neighbours(real: Path) -> None:
    matrix = load(real / "matrix.npz")
    table = neighbour_table(matrix.ratings.ones(), 100, 10, multiply)
    item = matrix.items.index("059035342X")
    first = [matrix.items[other] for other in table.neighbours[item][:5]]
    assert first == ["0439064872", "0439136369", "0439139597", "043935806X", "0439139600"]
    np.testing.assert_allclose(table.scores[item][:5], [0.206711, 0.154685, 0.106788, 0.104303, 0.100085], atol=1e-6)
    assert ((table.neighbours >= 0).sum(axis=1) < 10).sum() == 813


def test_the_library_gives_the_known_scores_of_the_three_books(copied: Path) -> None:
    report = train(copied, NeighboursOptions(task="t", engine="scikit", calls=3))
    queries = report["queries"]
    assert isinstance(queries, list)
    assert [query["item"] for query in queries] == list(KNOWN_SCORES)
    for query in queries:
        answers = query["answers"]
        assert query["item"] not in [answer["item"] for answer in answers]
        np.testing.assert_allclose([answer["score"] for answer in answers], KNOWN_SCORES[query["item"]], atol=1e-5)
        assert answers == sorted(answers, key=lambda answer: (-answer["score"], answer["item"]))
        assert query["calls"] == 3
        assert 0 < query["p50Seconds"] <= query["p95Seconds"]


def test_a_model_carries_its_data_and_parameters(copied: Path) -> None:
    train(copied, SCIKIT)
    path = copied / "models" / "recommender-scikit.safetensors"
    first = path.read_bytes()
    assert len(first) <= 5_000_000
    with safe_open(path, "numpy") as model:
        metadata = {name: json.loads(text) for name, text in model.metadata().items() if name != "format"}
        assert metadata["parameters"] == {"similarity": "0/1 cosine", "shrink": 100.0, "neighbours": 200}
        assert len(metadata["data"]["sha256"]) == 64
        assert model.get_tensor("neighbours").shape == (22_792, 10)
        ends = model.get_tensor("items_ends")
        assert bytes(model.get_tensor("items")[: ends[0]]).decode() == load(copied / "matrix.npz").items[0]
    train(copied, SCIKIT)
    assert path.read_bytes() == first


@pytest.fixture
def small(write: Write) -> Path:
    directory = write([rating(user, item, 8) for item in ("p", "q", "r") for user in (1, 2, 3, len(item) + 3)])
    prepare(directory, PrepareOptions())
    return directory


def test_asks_for_the_most_rated_items_where_the_known_books_are_missing(write: Write) -> None:
    readers = {"a": 3, "b": 5, "c": 4, "d": 5}
    directory = write([rating(user, item, 8) for item, count in readers.items() for user in range(count)])
    prepare(directory, PrepareOptions())
    queries = train(directory, SCIKIT)["queries"]
    assert isinstance(queries, list)
    assert [query["item"] for query in queries] == ["b", "d", "c"]


def test_two_trainings_write_two_models(small: Path) -> None:
    for task in ("recommender-scikit", "recommender-scikit-gpu-node"):
        train(small, NeighboursOptions(task=task, engine="scikit", calls=1))
    assert sorted(path.name for path in (small / "models").iterdir()) == [
        "recommender-scikit-gpu-node.safetensors",
        "recommender-scikit.safetensors",
    ]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--shrink", "-1"], "--shrink is -1; a shrinkage is 0 or more."),
        (["--shrink", "nan"], "--shrink is nan"),
        (["--neighbours", "0"], "--neighbours is 0"),
        (["--keep", "9"], "--keep is 9; a model stores 10 to 40"),
        (["--calls", "0"], "--calls is 0"),
        (["--query", "absent"], "--query absent is not among the 3 items"),
    ],
)
def test_refuses_parameters_without_sense_and_keeps_the_old_model(
    small: Path, capfd: pytest.CaptureFixture[str], flags: list[str], message: str
) -> None:
    (small / "models").mkdir()
    model = small / "models" / "recommender-scikit.safetensors"
    model.write_text("the old one")
    assert main(["neighbours", "--engine", "scikit", "--datadir", str(small), *flags]) == 1
    assert message in capfd.readouterr().err
    assert model.read_text() == "the old one"


def test_refuses_a_matrix_that_is_missing_or_damaged(small: Path) -> None:
    path = small / "matrix.npz"
    whole = path.read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"rubbish", b"\x80\x04N."):
        path.write_bytes(content)
        with pytest.raises(StepError, match=r"matrix\.npz is not a whole prepared matrix"):
            train(small, SCIKIT)
    path.unlink()
    with pytest.raises(StepError, match=r"matrix\.npz is missing: run the step `prepare` first"):
        train(small, SCIKIT)


def test_the_other_library_gives_the_same_table_to_the_byte(small: Path) -> None:
    pytest.importorskip("torch", reason="PyTorch is in the image of that step only; the live tests run it there")
    for engine in ("scikit", "torch"):
        train(small, NeighboursOptions(task=engine, engine=engine, calls=1))
    ours, theirs = (safe_open(small / "models" / f"{name}.safetensors", "numpy") for name in ("scikit", "torch"))
    for name in ours.keys():  # noqa: SIM118 -- not a mapping
        np.testing.assert_array_equal(ours.get_tensor(name), theirs.get_tensor(name))


def test_knows_the_bandwidth_of_cards_and_refuses_times_that_beat_it() -> None:
    assert bandwidth_of("Tesla P100-PCIE-16GB") == 732e9
    assert bandwidth_of("NVIDIA L40S") == 864e9
    assert bandwidth_of("NVIDIA L4") == 300e9
    assert bandwidth_of("NVIDIA H100 PCIe") == 2000e9
    assert bandwidth_of("NVIDIA H100 80GB HBM3") == 3350e9
    assert bandwidth_of("a card of tomorrow") is None
    # The published time: 4.2 GB in 0.259 ms on a card that reads 732 GB a second.
    with pytest.raises(StepError, match="needs 16216 GB/s and the card has 732"):
        check_bandwidth("P100", 732e9, 4_200_000_000, 0.000259)
    check_bandwidth("P100", 732e9, 4_200_000_000, 0.00575)
