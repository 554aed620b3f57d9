"""People who look at books, while something else happens: counts who answered them, and whether anyone was turned away.

load.py READY COUNT [NAME:VALUE]              send so many requests, then say who answered
load.py READY --while LINK COMMAND...         send requests all the time; run COMMAND, which turns LINK to a tree by
                                              which only reviews v2 answers; say how long that took

Exits with 1 where a request was lost.
"""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

from call import sidecar_address

PEOPLE = 3
PAUSE = 0.04
CALM = 1.0
PATIENCE = 20.0


class Answer(NamedTuple):
    """What a request came to. ``version`` is that of the reviews on the page; empty where the request was lost."""

    sent: float
    version: str


class People:
    """Some people, each with a connection that stays open, through the sidecar of ``edge``."""

    def __init__(self, ready: str, headers: dict[str, str]) -> None:
        host, _, port = sidecar_address(ready, "edge", "shop").rpartition(":")
        self._address = (host, int(port))
        self._headers = {"Host": "shop", **headers}
        self.answers: list[Answer] = []

    def look(self, connection: HTTPConnection) -> None:
        """Look at one book."""
        sent, version = time.time(), ""
        try:
            connection.request("GET", "/books/dune", headers=self._headers)
            response = connection.getresponse()
            page = json.loads(response.read())
            version = str(page["version"]) if response.status == HTTPStatus.OK else ""
        except (OSError, HTTPException, ValueError, KeyError) as problem:
            print(f"  lost: {problem!r}")
            connection.close()
        self.answers.append(Answer(sent, version))

    def look_around(self, stop: threading.Event) -> None:
        """Look at books until told to stop."""
        connection = self.arrive()
        while not stop.wait(PAUSE):
            self.look(connection)

    def arrive(self) -> HTTPConnection:
        """A connection to the shop."""
        return HTTPConnection(*self._address, timeout=10)

    def report(self) -> bool:
        """Say who answered. Whether all were answered."""
        versions = Counter(answer.version for answer in self.answers)
        lost = versions.pop("", 0)
        served = ", ".join(f"reviews {version} {number}" for version, number in sorted(versions.items()))
        print(f"  {len(self.answers)} requests sent, {lost} lost; answered by {served}")
        return not lost


def send(people: People, count: int) -> bool:
    """Send so many requests, one after the other."""
    connection = people.arrive()
    for _ in range(count):
        people.look(connection)
    return people.report()


def send_while(people: People, link: Path, command: list[str]) -> bool:
    """Send requests before, during and after a command, until only version 2 answers."""
    stop = threading.Event()
    crowd = [threading.Thread(target=people.look_around, args=(stop,)) for _ in range(PEOPLE)]
    for person in crowd:
        person.start()
    time.sleep(CALM)
    started = time.time()
    code = subprocess.run(command, check=False).returncode
    deadline = time.time() + PATIENCE
    while time.time() < deadline and "v1" in {answer.version for answer in people.answers[-10 * PEOPLE :]}:
        time.sleep(0.05)
    time.sleep(CALM)
    stop.set()
    for person in crowd:
        person.join()
    published = link.lstat().st_mtime
    live = max(answer.sent for answer in people.answers if answer.version == "v1")
    print(f"  the push took {published - started:.2f} s to be checked and published")
    print(f"  {max(live - published, 0):.2f} s later it was live: every answer from then on is by reviews v2")
    return people.report() and not code


def main() -> None:
    """Read what to do, and do it."""
    ready, first, *rest = sys.argv[1:]
    if first == "--while":
        sys.exit(not send_while(People(ready, {}), Path(rest[0]), rest[1:]))
    headers = dict(each.split(":", 1) for each in rest)
    sys.exit(not send(People(ready, headers), int(first)))


if __name__ == "__main__":
    main()
