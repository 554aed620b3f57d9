"""What ${...} stands for."""

from pathlib import Path

import pytest

from mesh_compiler.mesh.names import Key
from mesh_compiler.up.apps import App
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.placeholders import filled
from mesh_compiler.up.places import places
from mesh_compiler.up.ports import PortBook
from tests.compiler.up.trees import mesh_of

WEB = places(mesh_of(), PortBook())[Key("shop", "web")]


def fill(text: str) -> str:
    return filled(App(("x", text), Path(), {"A": text}, "up.yaml:1:1"), WEB).command[1]


def test_each_placeholder_is_replaced():
    store = WEB.outbound["store.shop:80"]
    app = WEB.doors[8080].app.partition(":")[2]
    assert fill("a ${port:8080} ${outbound:store:80} ${outbound:store.shop:80} ${shared} $$ $x") == (
        f"a {app} {store} {store} {WEB.shared} $ $x"
    )


def test_the_environment_is_filled_as_the_command_is():
    assert filled(App(("x",), Path(), {"A": "${shared}"}), WEB).env == {"A": WEB.shared}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "${port:81}",
            "`${port:81}` of shop/web does not name a container port of it: there are `8080`",
        ),
        ("${port:x}", "does not name a container port"),
        ("${outbound:stroe:80}", "does not name a service port of the tree: did you mean `store.shop:80`?"),
        ("${outbound:store}", "does not name a service port of the tree"),
        ("${shared:1}", "stands for nothing"),
        ("${what}", "stands for nothing: there are `${port:8080}`, `${outbound:service:80}` and `${shared}`"),
    ],
)
def test_what_stands_for_nothing_is_refused(text: str, said: str):
    with pytest.raises(UpError) as refused:
        fill(text)
    assert str(refused.value).startswith("up.yaml:1:1: ")
    assert said in str(refused.value)
