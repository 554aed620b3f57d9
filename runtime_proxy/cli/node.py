"""The node that a command line describes: its file, if any, with what the options say in its place."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from runtime_proxy.node import Node, NodeError, parse_node, read_document

_TEXTS = {"workload": "workload", "state": "state", "shared_outbound": "sharedOutbound"} | {
    "admin": "admin",
    "endpoints": "endpoints",
}
_NESTED = {
    "release": ("release", "source"),
    "root": ("release", "root"),
    "channel": ("release", "channel"),
} | {
    "certificate": ("certificates", "certificate"),
    "key": ("certificates", "key"),
}
_PATHS = {"state", "endpoints", "root", "certificate", "key"}


def node_of(asked: Namespace) -> Node:
    """The node.

    Raises:
        NodeError: the file or the options are wrong, or they do not say enough.
    """
    document: dict[str, Any] = {"version": 1}
    base = Path.cwd()
    if asked.node is not None:
        document = read_document(Path(asked.node))
        base = Path(asked.node).absolute().parent
    for option, field in _TEXTS.items():
        if getattr(asked, option) is not None:
            document[field] = _value(option, getattr(asked, option))
    for option, (group, field) in _NESTED.items():
        if getattr(asked, option) is not None:
            document[group] = {**document.get(group, {}), field: _value(option, getattr(asked, option))}
    for entry in asked.inbound or ():
        port, listen, app = _split(entry, "PORT=LISTEN=APP")
        document["inbound"] = {**document.get("inbound", {}), port: {"listen": listen, "app": app}}
    for entry in asked.outbound or ():
        service, listen = _split(entry, "SERVICE.NAMESPACE:PORT=LISTEN")
        document["outbound"] = {**document.get("outbound", {}), service: listen}
    if asked.access_log:
        document["accessLog"] = True
    return parse_node(document, base)


def _value(option: str, text: str) -> str:
    """A path of the command line is relative to where the command runs, not to the node file."""
    if option == "release":
        return text if "://" in text else str(Path(text).absolute())
    return str(Path(text).absolute()) if option in _PATHS else text


def _split(entry: str, form: str) -> list[str]:
    parts = entry.split("=")
    if len(parts) != form.count("=") + 1:
        raise NodeError(f"`{entry}` is not of the form {form}")
    return parts
