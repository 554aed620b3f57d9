"""What readers say. Version 2 adds stars."""

import os
from typing import Any

from web import Request, serve

VERSION = os.environ["VERSION"]
SAID = {"1984": ("Bleak, and better for it.", 5), "dune": ("Sand everywhere.", 4), "emma": ("Badly done!", 5)}


def reviews(request: Request) -> tuple[int, Any]:
    """The reviews of a book."""
    text, stars = SAID.get(request.arguments[0], ("Not read yet.", 3))
    review = {"text": text, "stars": stars} if VERSION == "v2" else {"text": text}
    return 200, {"reviews": [review], "version": VERSION}


serve({r"GET /reviews/(\w+)": reviews})
