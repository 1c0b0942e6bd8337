"""The one kind of failure a step explains to its reader."""


class StepError(Exception):
    """Says in one sentence what is wrong, where (file and row) and what would be right."""
