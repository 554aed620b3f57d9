"""The proxies, each with the configuration that comes nearest to a cell: a command that serves at the
place's address.

nginx and HAProxy take part where they are installed and one route or rule is all there is; they relay and
encrypt, but check no SPIFFE identity and no policy, so they are a mark to look at and no competitor.
"""

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.scenarios import WORKLOAD, Cell, Place, bundle, node
from mesh_compiler import release
from mesh_compiler.emit.envoy import Credentials, render

Command = list[str]

_ORIGINS = json.dumps({"version": 1, "workload": WORKLOAD, "origins": {}}).encode()


def sidecar(cell: Cell, place: Place) -> Command:
    """Ours: `mesh-proxy run` on a signed release; without TLS the data process alone, for no command offers that."""
    files = [_json(place, "node.json", node(cell, place)), _json(place, "bundle.json", bundle(cell, place))]
    if not cell.tls:
        return [sys.executable, "-m", "bench.sidecar", *files]
    _release(place.directory, Path(files[1]).read_bytes())
    return [str(Path(sys.executable).with_name("mesh-proxy")), "run", "--node", files[0]]


def _release(directory: Path, data: bytes) -> None:
    """A release of one bundle, where the node file looks for it."""
    now = datetime.now(UTC)
    secrets = directory / "keys"
    (directory / "root.json").write_bytes(release.keys.create(secrets, now, single=True))
    targets = release.target_paths({WORKLOAD: (data, _ORIGINS)})
    release.publish(directory / "release", targets, release.keys.load(secrets), release.ReleaseInfo(), now)


def envoy(cell: Cell, place: Place) -> Command:
    """The real Envoy, with what we render of the same bundle."""
    config = render(
        bundle(cell, place), node(cell, place), {}, Credentials(str(place.certificate), str(place.key))
    )
    if not cell.tls:
        _in_the_clear(config)
    path = _json(place, "envoy.json", config)
    binary = str(Path(sys.executable).with_name("envoy"))
    return [binary, "-c", path, "--use-dynamic-base-id", "--concurrency", "1", "--log-level", "error"]


def nginx(cell: Cell, place: Place) -> Command | None:
    """Nginx as a reverse proxy with kept connections."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if binary is None or cell.large:
        return None
    inbound, files = (
        cell.side == "inbound",
        f"certificate {place.certificate}; {{0}}certificate_key {place.key};",
    )
    server = client = ""
    if cell.tls and inbound:
        server = (
            f"ssl_{files.format('ssl_')} ssl_client_certificate {place.authorities}; ssl_verify_client on;"
            " ssl_protocols TLSv1.3;"
        )
    elif cell.tls:
        client = f"proxy_ssl_{files.format('proxy_ssl_')} proxy_ssl_protocols TLSv1.3;"
    path = place.directory / "nginx.conf"
    path.write_text(
        _NGINX.format(
            **place._asdict(),
            server=server,
            client=client,
            flag=" ssl" if server else "",
            scheme="https" if client else "http",
        )
    )
    return [binary, "-p", str(place.directory), "-c", str(path)]


def haproxy(cell: Cell, place: Place) -> Command | None:
    """HAProxy with kept connections."""
    binary = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    if binary is None or cell.large:
        return None
    pair = place.directory / "pair.pem"
    pair.touch(mode=0o600)
    pair.write_bytes(place.certificate.read_bytes() + place.key.read_bytes())
    tls = f"ssl crt {pair} ca-file {place.authorities} verify required ssl-min-ver TLSv1.3"
    inbound = cell.side == "inbound"
    path = place.directory / "haproxy.cfg"
    path.write_text(
        _HAPROXY.format(
            **place._asdict(),
            bind=tls if cell.tls and inbound else "",
            server=tls if cell.tls and not inbound else "",
        )
    )
    return [binary, "-q", "-db", "-f", str(path)]


CONTESTANTS: Mapping[str, Callable[[Cell, Place], Command | None]] = {
    "mesh-proxy": sidecar,
    "envoy": envoy,
    "nginx": nginx,
    "haproxy": haproxy,
}
"""By name, in the order of the table; a function gives None where it cannot take part."""


def _in_the_clear(config: dict[str, Any]) -> None:
    resources = config["static_resources"]
    chains = [chain for listener in resources["listeners"] for chain in listener["filter_chains"]]
    for owner in (*resources["clusters"], *chains):
        owner.pop("transport_socket", None)


def _json(place: Place, name: str, value: Any) -> str:
    path = place.directory / name
    path.write_text(json.dumps(value))
    return str(path)


_NGINX = """\
worker_processes 1;
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log error;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  keepalive_requests 100000000;
  upstream origin {{ server {origin}; keepalive 128; keepalive_requests 100000000; }}
  server {{
    listen {listen}{flag};
    {server}
    location / {{
      proxy_pass {scheme}://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      {client}
    }}
  }}
}}
"""

_HAPROXY = """\
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  http-reuse always
frontend in
  bind {listen} {bind}
  default_backend out
backend out
  server origin {origin} {server}
"""
