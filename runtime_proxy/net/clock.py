"""The Date field line (RFC 9110 section 6.6.1), made once a second."""

import time
from email.utils import formatdate

_line = (0, b"")


def date_line() -> bytes:
    """``Date: ...`` for now, with its line end."""
    global _line  # noqa: PLW0603 - one cache a process, replaced whole
    now = int(time.time())
    if _line[0] != now:
        _line = (now, f"Date: {formatdate(now, usegmt=True)}\r\n".encode())
    return _line[1]
