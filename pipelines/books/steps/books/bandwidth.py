"""Memory bandwidth of accelerator cards: no reading of a matrix can be faster, so a smaller time is a wrong one."""

from step_io.errors import StepError

CARDS = {
    # Bytes per second by the makers' data sheets; the first name that is part of the card's name counts.
    "P100": 732e9,
    "V100": 900e9,
    "L40S": 864e9,
    "L40": 864e9,
    "L4": 300e9,
    "T4": 320e9,
    "A100": 2039e9,
    "H200": 4800e9,
    "H100 PCIe": 2000e9,
    "H100": 3350e9,
    "B300": 8000e9,
    "B200": 8000e9,
}


def bandwidth_of(card: str) -> float | None:
    """Bytes per second of a card by its name; None for one that is not in the list."""
    return next((speed for name, speed in CARDS.items() if name in card), None)


def check_bandwidth(card: str, speed: float, bytes_read: int, seconds: float) -> None:
    """Raises where reading so many bytes in so little time would need more than the card has."""
    needed = bytes_read / seconds
    if needed > speed:
        raise StepError(
            f"The query time of {seconds:.3g} s on {card} cannot be true: reading {bytes_read} bytes in it needs "
            f"{needed / 1e9:.0f} GB/s and the card has {speed / 1e9:.0f}; the clock was read before the work was done."
        )
