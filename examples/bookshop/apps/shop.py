"""The front: a page about a book, made of what `catalog` and `reviews` say, and orders passed on to `orders`."""

from http import HTTPStatus
from typing import Any

from web import Request, serve


def page(request: Request) -> tuple[int, Any]:
    """All there is to know about a book."""
    book = request.arguments[0]
    status, about = request.call("catalog", "GET", f"/books/{book}")
    if status != HTTPStatus.OK:
        return status, about
    status, reviews = request.call("reviews", "GET", f"/reviews/{book}")
    if status != HTTPStatus.OK:
        return status, reviews
    return 200, {**about, **reviews}


def order(request: Request) -> tuple[int, Any]:
    """Buy a book."""
    return request.call("orders", "POST", "/orders", request.body)


serve({r"GET /books/(\w+)": page, r"POST /orders": order})
