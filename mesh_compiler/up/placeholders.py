"""What ``${...}`` in a command or in an environment stands for.

``${port:8080}`` is the port number on which the application listens as that container port; ``${outbound:reviews:80}``
the address at which it dials a service (``reviews.shop:80`` one of another namespace); ``${shared}`` the address at
which it dials any service, chosen by Host. ``$$`` is a dollar sign.
"""

import re
from collections.abc import Mapping

from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.up.apps import App
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.places import Place

_PLACEHOLDER = re.compile(r"\$(?:\$|\{([^{}]*)\})")


def filled(app: App, place: Place) -> App:
    """The application with every placeholder replaced.

    Raises:
        UpError: a placeholder stands for nothing.
    """

    def fill(text: str) -> str:
        return _PLACEHOLDER.sub(lambda found: _value(found, place, app.origin), text)

    env = {name: fill(value) for name, value in app.env.items()}
    return App(tuple(fill(word) for word in app.command), app.cwd, env, app.origin)


def _value(found: re.Match[str], place: Place, origin: str) -> str:
    if found[1] is None:
        return "$"
    kind, _, rest = found[1].partition(":")
    where = f"{origin}: `{found[0]}` of {place.key}"
    match kind:
        case "shared" if not rest:
            return place.shared
        case "port":
            apps = {str(number): door.app.rpartition(":")[2] for number, door in place.doors.items()}
            return _known(rest, apps, f"{where} does not name a container port of it")
        case "outbound":
            name, _, port = rest.rpartition(":")
            full = rest if "." in name else f"{name}.{place.key.namespace}:{port}"
            return _known(full, place.outbound, f"{where} does not name a service port of the tree")
    raise UpError(
        f"{where} stands for nothing: there are `${{port:8080}}`, `${{outbound:service:80}}` and `${{shared}}`"
    )


def _known(name: str, known: Mapping[str, str], otherwise: str) -> str:
    if name in known:
        return known[name]
    near = closest(name, known)
    names = ", ".join(f"`{each}`" for each in sorted(known)) or "none"
    raise UpError(f"{otherwise}: " + (f"did you mean `{near}`?" if near else f"there are {names}"))
