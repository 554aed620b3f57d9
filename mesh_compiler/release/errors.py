"""What can go wrong with a release, in words for the person who publishes it."""


class ReleaseError(Exception):
    """A release cannot be made, read or trusted. The message says what is wrong and what to do."""
