"""Ingestion: the right bytes arrive whole, anything else is refused by name."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from conftest import SHA256

from iris.command import main
from iris.flowers import HEADER, published_file
from iris.ingestion import data_ingestion
from step_io.errors import StepError


class Pages(HTTPServer):
    """Answers with the statuses of a list, one after the other; then with the last one."""

    statuses = (200,)
    asked = 0


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Pages)
        status = server.statuses[min(server.asked, len(server.statuses) - 1)]
        server.asked += 1
        content = published_file() if status == 200 else b"<html>sorry</html>"
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def pages() -> Iterator[Pages]:
    server = Pages(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def url(pages: Pages) -> str:
    return f"http://127.0.0.1:{pages.server_port}/iris.csv"


def ingest(address: str, output: Path, sha256: str = SHA256, header: str = HEADER) -> tuple[str, list[float]]:
    pauses: list[float] = []
    return data_ingestion(address, output, sha256, header, pauses.append), pauses


def test_the_library_ships_the_published_file(flowers: Path, tmp_path: Path) -> None:
    text, pauses = ingest(f"file://{flowers}", tmp_path / "new" / "data")
    assert (tmp_path / "new" / "data").read_bytes() == flowers.read_bytes() == text.encode()
    assert pauses == []


def test_what_is_there_already_stays(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").write_text("of before")
    assert ingest("http://127.0.0.1:1/absent", tmp_path / "data")[0] == "of before"
    assert "is there already" in capfd.readouterr().out


def test_a_server_that_recovers_is_asked_again(pages: Pages, tmp_path: Path) -> None:
    pages.statuses = (503, 500, 200)
    assert ingest(url(pages), tmp_path / "data")[1] == [2.0, 4.0]


@pytest.mark.parametrize(("status", "asked"), [(404, 1), (403, 1), (500, 3)])
def test_an_error_page_is_no_data(pages: Pages, tmp_path: Path, status: int, asked: int) -> None:
    pages.statuses = (status,)
    with pytest.raises(StepError, match=rf"iris\.csv cannot be had: the server answered {status} "):
        ingest(url(pages), tmp_path / "data")
    assert pages.asked == asked
    assert not (tmp_path / "data").exists()


def test_wrong_bytes_are_refused_with_both_sums(flowers: Path, tmp_path: Path) -> None:
    with pytest.raises(StepError, match=f"is {SHA256} .* where {'0' * 64} is wanted"):
        ingest(f"file://{flowers}", tmp_path / "data", sha256="0" * 64)
    assert not (tmp_path / "data").exists()


def test_a_wrong_head_is_refused(flowers: Path, tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r'row 1 reads "sepal_length.*" where "a,b" is wanted'):
        ingest(f"file://{flowers}", tmp_path / "data", header="a,b")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://example.org/iris.csv", "begins with none of"),
        ("file:///nowhere/iris.csv", "cannot be had: .*No such file"),
        ("http://127.0.0.1:1/iris.csv", "cannot be had: .*refused"),
    ],
)
def test_other_addresses_are_refused(tmp_path: Path, address: str, reason: str) -> None:
    with pytest.raises(StepError, match=reason):
        ingest(address, tmp_path / "data")


def test_the_command_takes_the_published_flags(flowers: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "data"
    assert main(["data-ingestion", "--url", f"file://{flowers}", "--output_path", str(output)]) == 0
    assert output.read_bytes() == flowers.read_bytes()
    assert main(["data-ingestion", "--url", "ftp://x", "--output_path", str(tmp_path / "other")]) == 1
