"""One request as the application of a workload makes it: through its own sidecar.

call.py READY WORKLOAD METHOD SERVICE[:PORT] PATH [NAME:VALUE | @BODY]...

READY is the line that ``meshc up --json`` printed. What is printed is the status, the reason where a sidecar refused,
and the answer. The workload ``nobody`` has no sidecar: it dials the one of SERVICE itself, without a certificate.
"""

import json
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any


def sidecar_address(ready: str, workload: str, service: str) -> str:
    """Where a workload dials a service: at its own sidecar."""
    name, _, port = service.partition(":")
    workloads: list[dict[str, Any]] = json.loads(Path(ready).read_text())["workloads"]
    if workload == "nobody":
        callee = next(each for each in workloads if each["workload"] == name)
        return str(next(iter(callee["inbound"].values())))
    caller = next(each for each in workloads if each["workload"] == workload)
    return str(caller["outbound"][f"{name}.{caller['namespace']}:{port or 80}"])


def main() -> None:
    """Ask, and say what came back."""
    ready, workload, method, service, path, *more = sys.argv[1:]
    host, _, port = sidecar_address(ready, workload, service).rpartition(":")
    headers = {"Host": service}
    body = None
    for each in more:
        if each.startswith("@"):
            body = each[1:]
        else:
            name, _, value = each.partition(":")
            headers[name] = value
    connection = HTTPConnection(host, int(port), timeout=10)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
    except (OSError, HTTPException):
        print(f"{workload} -> {method} {service}{path}: the connection was closed without an answer")
        return
    print(f"{workload} -> {method} {service}{path}: {response.status} {response.reason}")
    if refused := response.headers.get("x-mesh-refused"):
        print(f"  x-mesh-refused: {refused}")
    for line in response.read().decode().splitlines():
        print(f"  {line}")


if __name__ == "__main__":
    main()
