"""``meshc ca``: a small offline certificate authority."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from mesh_compiler.cli.failure import failures

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_LONGEST = timedelta(days=36500)


def _lifetime(_ctx: click.Context, _param: click.Parameter, value: str) -> timedelta:
    """A length of time: a number and m, h or d."""
    found = re.fullmatch(r"([0-9]{1,7})([mhd])", value)
    length = int(found[1]) * _UNITS[found[2]] if found else timedelta()
    if not timedelta() < length <= _LONGEST:
        raise click.BadParameter(f"`{value}` is not a length of time: write `30d`, `12h` or `90m`")
    return length


@click.group(short_help="a small offline certificate authority")
def command() -> None:
    """A small offline certificate authority, for who has none.

    Sidecars trust what the Mesh resource's `trustBundle` holds: put ca.pem there. Each workload gets a certificate with
    its SPIFFE ID, which its sidecar follows as the files change: renewing is issuing again to the same directory.
    """


@command.command(short_help="make an authority")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--trust-domain", default="cluster.local", show_default=True, help="The Mesh's trust domain.")
@click.option(
    "--ttl",
    callback=_lifetime,
    default="3650d",
    show_default=True,
    help="How long it is valid: 3650d, 12h, 90m.",
)
def init(directory: Path, trust_domain: str, ttl: timedelta) -> None:
    """Write ca.pem, to go into the Mesh's trust bundle, and ca-key.pem (0600), to be kept safe.

    \b
    meshc ca init ~/mesh-ca --trust-domain example.org
    """
    from mesh_compiler import certificates

    with failures():
        authority = certificates.Authority.create(trust_domain, datetime.now(UTC), ttl)
        certificates.save_authority(authority, directory)
    click.echo(f"{directory}/ca.pem      put it into `trustBundle` of the Mesh")
    click.echo(f"{directory}/ca-key.pem  keep it safe: it can be anyone in `{trust_domain}`")


@command.command(short_help="issue a workload's certificate")
@click.argument("workload", metavar="NS/NAME")
@click.option(
    "--ca", "authority_dir", required=True, type=click.Path(path_type=Path), help="What `meshc ca init` made."
)
@click.option(
    "--identity", metavar="SPIFFE-ID", help="The whole identity, where it is not of the usual form."
)
@click.option(
    "--service-account", metavar="NAME", help="The workload's service account; by default its own name."
)
@click.option(
    "--ttl", callback=_lifetime, default="30d", show_default=True, help="How long it is valid: 30d, 12h, 90m."
)
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="The directory."
)
def issue(  # noqa: PLR0917 - one parameter an option
    workload: str,
    authority_dir: Path,
    identity: str | None,
    service_account: str | None,
    ttl: timedelta,
    output: Path,
) -> None:
    """Write certificate.pem and key.pem (0600) for a workload: the files that a node file names.

    \b
    meshc ca issue shop/web --ca ~/mesh-ca -o certs/web
    meshc ca issue shop/web --ca ~/mesh-ca --service-account default -o certs/web
    """
    from mesh_compiler import certificates

    if identity and service_account:
        raise click.UsageError("`--identity` says all that `--service-account` could: give one of them")
    with failures():
        authority = certificates.load_authority(authority_dir)
        usual = certificates.identity(workload, authority.trust_domain, service_account)
        issued = authority.issue(identity or usual, datetime.now(UTC), ttl)
        certificates.save_issued(issued, output)
    click.echo(f"{output}/certificate.pem  {issued.identity}, until {issued.not_after:%Y-%m-%d %H:%M} UTC")
    click.echo(f"{output}/key.pem")
