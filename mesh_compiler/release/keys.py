"""The keys that sign releases: made here, loaded from a file, an environment variable or a key service.

Two keys by default: the root key, which stays offline and signs only ``root.json``, and the online key, which
signs everything that a publish writes. Whoever steals the online key can be shut out by the next root, and no
sidecar needs to be touched. No function here prints or logs key material.
"""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.exceptions import Error as SigningError
from securesystemslib.signer import CryptoSigner, Key, Signer, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from mesh_compiler.private_files import PrivateFileError, refuse_tracked, write_private
from mesh_compiler.release import layout
from mesh_compiler.release.errors import ReleaseError

ROOT_KEY = "root-key.pem"
ONLINE_KEY = "online-key.pem"
ROOT_FILE = "root.json"
ONLINE_ROLES = ("targets", "snapshot", "timestamp")
"""The roles that the online key signs, with all that ``targets`` delegates to."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a publisher needs: the root it answers to, and who signs."""

    root: bytes
    online: Signer


def create(directory: Path, now: datetime, *, single: bool = False) -> bytes:
    """Make the keys of a new release, and the first root, signed.

    Args:
        directory: where ``root-key.pem``, ``online-key.pem`` (both 0600) and ``root.json`` are written.
        now: the root is valid for a year from here.
        single: one key for all roles. For a demonstration: a stolen key cannot be shut out.

    Returns:
        The root's bytes: what a host pins.

    Raises:
        ReleaseError: there are keys already, or git would track them.
    """
    names = (ROOT_KEY,) if single else (ROOT_KEY, ONLINE_KEY)
    for name in (ROOT_KEY, ONLINE_KEY, ROOT_FILE):
        if (directory / name).exists():
            raise ReleaseError(
                f"`{directory / name}` exists: keys are never overwritten; choose another directory"
            )
    signers = [CryptoSigner.generate_ed25519() for _ in names]
    root = sign_root(None, [signers[0]], signers[-1].public_key, now)
    try:
        refuse_tracked([directory / name for name in names])
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, signer in zip(names, signers, strict=True):
            write_private(directory / name, signer.private_bytes)
        (directory / ROOT_FILE).write_bytes(root)
    except PrivateFileError as problem:
        raise ReleaseError(str(problem)) from problem
    return root


def sign_root(
    previous: bytes | None,
    signers: list[CryptoSigner],
    online: Key,
    now: datetime,
    *,
    also: tuple[Signer, ...] = (),
    threshold: int = 1,
) -> bytes:
    """Sign the next version of the root.

    Args:
        previous: the root before it; None makes the first.
        signers: who holds the root role from now on.
        online: the key of the online roles from now on.
        now: it is valid for a year from here.
        also: keys of the previous root that are no longer among ``signers``: they must sign this one too.
        threshold: how many of ``signers`` must sign the root after this one.
    """
    root = Root(version=1, consistent_snapshot=True)
    if previous is not None:
        root.version = _parse_root(previous).version + 1
    root.expires = now + layout.lifetime("root")
    for signer in signers:
        root.add_key(signer.public_key, "root")
    root.roles["root"].threshold = threshold
    for role in ONLINE_ROLES:
        root.add_key(online, role)
    metadata = Metadata(root)
    for each in (*signers, *also):
        metadata.sign(each, append=True)
    return metadata.to_bytes()


def load(directory: Path) -> Keys:
    """The keys that ``create`` wrote, as far as a publisher needs them: the root key may be elsewhere.

    Raises:
        ReleaseError: a file is missing, is not a key, or is not the key that the root names.
    """
    root = read_root(directory / ROOT_FILE)
    for name in (ONLINE_KEY, ROOT_KEY):
        path = directory / name
        if path.exists():
            return Keys(root, _signer(path.read_bytes(), f"the key `{path}`", root))
    raise ReleaseError(
        f"there is no `{ONLINE_KEY}` in `{directory}`: `meshc keys init {directory}` makes one"
    )


def load_uri(uri: str, root: bytes, environ: Mapping[str, str]) -> Keys:
    """A signer by its URI: ``envvar:NAME`` (a PEM key in the environment), or any scheme of securesystemslib.

    Those are ``file2:PATH``, ``awskms:``, ``gcpkms:``, ``azurekms:``, ``hv:`` and ``hsm:``.

    Raises:
        ReleaseError: it cannot be reached, or is not the key that the root names.
    """
    scheme, _, rest = uri.partition(":")
    if scheme == "envvar":
        if not environ.get(rest):
            raise ReleaseError(
                f"the environment variable `{rest}` is not set: it must hold a PEM private key"
            )
        return Keys(root, _signer(environ[rest].encode(), f"the environment variable `{rest}`", root))
    problem = "it is not the key that the root names"
    for key in online_keys(root):
        try:
            return Keys(root, Signer.from_priv_key_uri(uri, key))
        except (SigningError, OSError, ValueError, UnsupportedAlgorithm) as refused:
            problem = str(refused) or type(refused).__name__
    raise ReleaseError(f"the signer `{scheme}:` cannot be used: {problem}")


def load_signer(path: Path) -> CryptoSigner:
    """The signer of a private key in a file, such as the root key brought back to sign the next root.

    Raises:
        ReleaseError: it cannot be read, or is not an unencrypted PEM private key that can sign.
    """
    try:
        return CryptoSigner(_private(path.read_bytes(), f"`{path}`"))
    except OSError as problem:
        raise ReleaseError(
            f"cannot read the key `{path}`: {os.strerror(problem.errno or 0).lower()}"
        ) from problem
    except (SigningError, ValueError) as problem:
        raise ReleaseError(f"`{path}` is not a key that can sign") from problem


def read_root(path: Path) -> bytes:
    """The root in a file, checked to be one.

    Raises:
        ReleaseError: there is none, or it is not one.
    """
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise ReleaseError(
            f"cannot read the root `{path}`: {os.strerror(problem.errno or 0).lower()}"
        ) from problem
    _parse_root(data, f"`{path}`")
    return data


def online_keys(root: bytes) -> list[Key]:
    """The keys that may sign everything a publish writes, by key id."""
    parsed = _parse_root(root)
    shared = set.intersection(*(set(parsed.roles[role].keyids) for role in ONLINE_ROLES))
    return [parsed.keys[keyid] for keyid in sorted(shared)]


def _signer(pem: bytes, where: str, root: bytes) -> CryptoSigner:
    private = _private(pem, where)
    for key in online_keys(root):
        if isinstance(key, SSlibKey):
            with contextlib.suppress(SigningError, ValueError):
                return CryptoSigner(private, key)
    raise ReleaseError(f"{where} is not the online key that the root names: use the keys of this release")


def _private(pem: bytes, where: str) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise ReleaseError(f"{where} does not hold an unencrypted PEM private key") from problem


def _parse_root(data: bytes, where: str = "the root") -> Root:
    try:
        metadata: Metadata[Root] = Metadata.from_bytes(data)
        if isinstance(metadata.signed, Root):
            metadata.signed.verify_delegate("root", metadata.signed_bytes, metadata.signatures)
            return metadata.signed
    except (RepositoryError, ValueError) as problem:
        raise ReleaseError(
            f"{where} is not a signed TUF root: give the `root.json` of `meshc keys init`"
        ) from problem
    raise ReleaseError(f"{where} is TUF metadata of another role: give the `root.json` of `meshc keys init`")
