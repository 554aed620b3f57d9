"""One workload's release as one file: all roots, the metadata chain, the bundle and its origins, in a tar.gz.

For hosts that no network reaches, for registries, for tests. It holds the release's own files, so whoever
verifies a release verifies a pack, and the same release packs to the same bytes.
"""

import gzip
import io
import tarfile
import zlib
from datetime import datetime

from mesh_compiler.release import layout
from mesh_compiler.release.chain import Read
from mesh_compiler.release.errors import ReleaseError
from mesh_compiler.release.verify import check, trusted

_MAX_UNPACKED = 64 * 1024 * 1024
_MAX_FILES = 2048


def pack(
    read: Read, root: bytes, now: datetime, workload: str, channel: str = layout.DEFAULT_CHANNEL
) -> bytes:
    """Verify one workload's part of a release and put it into one file.

    Raises:
        ReleaseError: that part does not verify.
    """
    roots, chain = trusted(read, root, now)
    files = {
        f"{layout.METADATA}/{layout.file_name('root', version)}": data
        for version, data in roots.files.items()
    }
    for path in (layout.target_path(workload, channel), layout.origins_path(workload, channel)):
        data = check(chain, path)
        target = chain.find(path)
        if target is not None:
            files[f"{layout.TARGETS}/{layout.hashed_name(path, target)}"] = data
    return _tar_gz({**files, **chain.source.files})


def reader(packed: bytes) -> Read:
    """Read a pack as if it were the release's directory.

    Raises:
        ReleaseError: it is not a pack, or unpacks to more than any pack holds.
    """
    return _unpack(packed).get


def _tar_gz(files: dict[str, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), compresslevel=9, mtime=0)


def _unpack(packed: bytes) -> dict[str, bytes]:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as compressed:
            plain = compressed.read(_MAX_UNPACKED + 1)
        if len(plain) > _MAX_UNPACKED:
            raise ReleaseError(f"the pack unpacks to more than {_MAX_UNPACKED} bytes: it is not one of ours")
        files: dict[str, bytes] = {}
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            for entry in archive:
                content = archive.extractfile(entry)
                if content is not None and len(files) < _MAX_FILES:
                    files[entry.name] = content.read()
    except (OSError, EOFError, zlib.error, tarfile.TarError) as problem:
        raise ReleaseError(
            "this is not a pack: give a file that `meshc pack` wrote, or a release"
        ) from problem
    return files
