"""An authority and the certificates it issues, as files."""

import os
import secrets
from pathlib import Path

from mesh_compiler.certificates.authority import Authority, Issued
from mesh_compiler.certificates.names import CertificateError
from mesh_compiler.private_files import PrivateFileError, refuse_tracked, write_private

CA_CERTIFICATE = "ca.pem"
CA_KEY = "ca-key.pem"
CERTIFICATE = "certificate.pem"
KEY = "key.pem"


def save_authority(authority: Authority, directory: Path) -> None:
    """Write ``ca.pem``, to be shared, and ``ca-key.pem``, 0600, to be kept.

    Raises:
        CertificateError: there is an authority already, or git would track its key.
    """
    certificate, key = directory / CA_CERTIFICATE, directory / CA_KEY
    if certificate.exists():
        raise CertificateError(
            f"`{certificate}` exists: an authority is never overwritten; choose another directory"
        )
    try:
        refuse_tracked([key])
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(key, authority.key_pem)
    except PrivateFileError as problem:
        raise CertificateError(str(problem)) from problem
    _write(certificate, authority.certificate_pem)


def load_authority(directory: Path) -> Authority:
    """The authority in a directory.

    Raises:
        CertificateError: there is none, or it is damaged.
    """
    try:
        return Authority.load((directory / CA_CERTIFICATE).read_bytes(), (directory / CA_KEY).read_bytes())
    except OSError as problem:
        why = os.strerror(problem.errno or 0).lower()
        raise CertificateError(
            f"cannot read the authority in `{directory}`: {why}; `meshc ca init {directory}` makes one"
        ) from problem


def save_issued(issued: Issued, directory: Path) -> None:
    """Write ``key.pem``, 0600, then ``certificate.pem``, each replaced whole: sidecars follow them as they
    change.

    Raises:
        CertificateError: git would track the key.
    """
    try:
        refuse_tracked([directory / KEY])
    except PrivateFileError as problem:
        raise CertificateError(str(problem)) from problem
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(directory / KEY, issued.key, replace=True)
    _write(directory / CERTIFICATE, issued.certificate)


def _write(path: Path, data: bytes) -> None:
    staged = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    staged.write_bytes(data)
    staged.replace(path)
