"""How many copies there are, and taking some away. Only `orders` may take."""

from threading import Lock
from typing import Any

from web import Request, serve

COPIES = {"1984": 120, "dune": 80, "emma": 40}
LOCK = Lock()


def copies(request: Request) -> tuple[int, Any]:
    """How many copies of a book are left."""
    return 200, {"copies": COPIES.get(request.arguments[0], 0)}


def take(request: Request) -> tuple[int, Any]:
    """Take one copy."""
    book = request.arguments[0]
    with LOCK:
        if COPIES.get(book, 0) < 1:
            return 409, {"error": f"there is no {book} left"}
        COPIES[book] -= 1
        return 200, {"taken": book, "copies": COPIES[book]}


serve({r"GET /stock/(\w+)": copies, r"POST /stock/(\w+)/take": take})
