"""Takes an order, if there is a copy to sell."""

from http import HTTPStatus
from itertools import count
from typing import Any

from web import Request, serve

NUMBERS = count(1)


def order(request: Request) -> tuple[int, Any]:
    """Sell one copy of a book."""
    book = (request.body or {}).get("book", "")
    status, taken = request.call("stock", "POST", f"/stock/{book}/take")
    if status != HTTPStatus.OK:
        return status, taken
    return 201, {"order": next(NUMBERS), "book": book}


serve({r"POST /orders": order})
