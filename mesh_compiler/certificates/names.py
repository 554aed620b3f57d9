"""SPIFFE trust domains and identities, parsed or refused (SPIFFE-ID specification, section 2)."""

import re

DEFAULT_TRUST_DOMAIN = "cluster.local"

_TRUST_DOMAIN = re.compile(r"[a-z0-9._-]{1,255}")
_SEGMENT = re.compile(r"[A-Za-z0-9._-]+")
_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")
_MAX_IDENTITY = 2048


class CertificateError(Exception):
    """A certificate cannot be made or read. The message says what is wrong and what to do."""


def identity(workload: str, trust_domain: str, service_account: str | None = None) -> str:
    """The SPIFFE ID of a workload: of its service account, where it has one, else of its own name.

    Raises:
        CertificateError: a name is not well formed.
    """
    namespace, slash, name = workload.partition("/")
    if not slash or not _LABEL.fullmatch(namespace) or not _NAME.fullmatch(name):
        raise CertificateError(f"`{workload}` does not name a workload: write `namespace/name`")
    account = service_account or name
    if not _NAME.fullmatch(account):
        raise CertificateError(f"`{account}` is not the name of a service account")
    return f"spiffe://{trust_domain}/ns/{namespace}/sa/{account}"


def check_trust_domain(trust_domain: str) -> None:
    """Refuse what is not a trust domain.

    Raises:
        CertificateError: it is not one.
    """
    if not _TRUST_DOMAIN.fullmatch(trust_domain):
        raise CertificateError(
            f"`{trust_domain}` is not a trust domain: use lower-case letters, digits, `.`, `-`, `_`, as `example.org`"
        )


def check_identity(spiffe_id: str, trust_domain: str) -> None:
    """Refuse what is not an identity of a trust domain.

    Raises:
        CertificateError: it is not one.
    """
    prefix = f"spiffe://{trust_domain}/"
    if not spiffe_id.startswith(prefix):
        raise CertificateError(
            f"`{spiffe_id}` is not of this authority's trust domain: it must begin with `{prefix}`"
        )
    segments = spiffe_id.removeprefix(prefix).split("/")
    if len(spiffe_id) > _MAX_IDENTITY or not all(
        _SEGMENT.fullmatch(s) and s not in {".", ".."} for s in segments
    ):
        raise CertificateError(f"`{spiffe_id}` is not a SPIFFE ID, such as `{prefix}ns/shop/sa/web`")
