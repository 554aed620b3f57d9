"""Where workloads stand."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mesh_compiler.picture.layout import LANE, ROW, place
from mesh_compiler.picture.model import Arrow, Drawing, Node


def drawing(calls: set[tuple[int, int]], count: int = 8) -> Drawing:
    nodes = tuple(Node(f"n/{n}", "n", str(n), "Workload", "", "", 0) for n in range(count))
    arrows = tuple(Arrow(f"n/{a}", f"n/{b}", "p", "declared", "", cyclic=False) for a, b in sorted(calls))
    return Drawing("", nodes, arrows, ())


def test_callers_stand_left_of_whom_they_call() -> None:
    """A call that skips a layer has a waypoint there, clear of the box."""
    layout = place(drawing({(0, 1), (1, 2), (0, 2)}, 3))
    columns = [layout.places[f"n/{n}"].x for n in range(3)]
    assert columns == sorted(set(columns))
    (waypoint,) = layout.ways["n/0", "n/2"]
    assert waypoint.x == layout.places["n/1"].x
    assert abs(waypoint.y - layout.places["n/1"].y) == (ROW + LANE) // 2


calls = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20)


@given(calls)
def test_everything_has_a_place_of_its_own_within_the_page(found: set[tuple[int, int]]) -> None:
    """Cycles included, and always the same."""
    layout = place(drawing(found))
    assert layout == place(drawing(found))
    assert all(0 <= p.x <= layout.width and 0 <= p.y <= layout.height for p in layout.places.values())
    by_column = sorted(layout.places.values())
    assert all(a.x < b.x or b.y - a.y >= ROW for a, b in pairwise(by_column))
