"""A table from an address: whole, of the right digest and with the right head, or not at all."""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from step_io.errors import StepError
from step_io.files import write_whole

TIMEOUT_SECONDS = 30
TRIES = 3
SHOWN_CHARACTERS = 100


def data_ingestion(
    url: str, output: Path, sha256: str = "", header: str = "", pause: Callable[[float], None] = time.sleep
) -> str:
    """Writes what `url` (https, http, file) holds to `output`; what is there already stays. Returns the text."""
    if output.exists():
        print(f"{output} is there already and stays as it is", flush=True)
        return output.read_text(encoding="utf-8")
    content = fetch(url, pause)
    found = hashlib.sha256(content).hexdigest()
    if sha256 and found != sha256.lower():
        raise StepError(f"The sha256 of {url} is {found} ({len(content)} bytes) where {sha256} is wanted.")
    text = decoded(content, url)
    first = text.split("\n", 1)[0].rstrip("\r")
    if header and first != header:
        raise StepError(f'{url} row 1 reads "{first[:SHOWN_CHARACTERS]}" where "{header}" is wanted.')
    write_whole(output, [content])
    print(text[:SHOWN_CHARACTERS], flush=True)
    return text


def fetch(url: str, pause: Callable[[float], None]) -> bytes:
    """The bytes of an address; what may be better a moment later is tried three times."""
    if not url.startswith(("https://", "http://", "file://")):
        raise StepError(f'The url "{url}" begins with none of https://, http://, file://.')
    reason = ""
    for attempt in range(TRIES):
        if attempt > 0:
            pause(2.0**attempt)
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            reason = f"the server answered {error.code} {error.reason}".rstrip()
            if error.code < 500:
                break
        except urllib.error.URLError as error:
            reason = str(error.reason)
            if url.startswith("file://"):
                break
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
    raise StepError(f"{url} cannot be had: {reason}.")


def decoded(content: bytes, url: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StepError(f"{url} is no text: byte {error.start} is not UTF-8.") from error
