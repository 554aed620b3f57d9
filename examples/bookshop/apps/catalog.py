"""The books there are, each with the copies that `stock` has of it."""

from typing import Any

from web import Request, serve

BOOKS = {"1984": "Nineteen Eighty-Four", "dune": "Dune", "emma": "Emma"}


def one(request: Request) -> tuple[int, Any]:
    """A book."""
    book = request.arguments[0]
    if book not in BOOKS:
        return 404, {"error": f"there is no book {book}"}
    _, stock = request.call("stock", "GET", f"/stock/{book}")
    return 200, {"book": book, "title": BOOKS[book], "copies": stock.get("copies")}


serve({r"GET /books/(\w+)": one})
