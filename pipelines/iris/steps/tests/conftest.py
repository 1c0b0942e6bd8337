"""The flowers as their library ships them."""

from pathlib import Path

import pytest

from iris.flowers import published_file

SHA256 = "9cc1c345c71bcc9b486b74cbf6063fa66f4bb5e0f603a4b3c3471ec2e5e8e355"
"""Digest of the published file."""


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    path = tmp_path / "iris.csv"
    path.write_bytes(published_file())
    return path
