"""What can keep a mesh from running here, in words for the person who started it."""


class UpError(Exception):
    """The mesh cannot run on this machine. The message says what is wrong and what to do."""
