"""The nearest known word for a misspelled one, with a cut-off: a far-fetched suggestion is worse than none."""

from collections.abc import Iterable

_CUT_OFF = 0.66
_LONGEST = 64
"""A longer word is no typing error of a name of ours, and comparing takes quadratic time."""


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``word`` is most likely a misspelling of; None where none is close.

    A difference in case alone always counts as close. Of two equally close the first by name wins.
    """
    if len(word) > _LONGEST:
        return None
    known = sorted(set(candidates))
    lowered = word.lower()
    for candidate in known:
        if candidate != word and candidate.lower() == lowered:
            return candidate
    from difflib import get_close_matches  # noqa: PLC0415 - most runs find nothing misspelled, and start sooner without

    found = get_close_matches(lowered, [c.lower() for c in known if c != word], n=1, cutoff=_CUT_OFF)
    return next((c for c in known if found and c.lower() == found[0]), None)
