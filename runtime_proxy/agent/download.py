"""Bring a release's files from a directory or a web server, by python-tuf's client.

No source is trusted with anything but bytes: the TUF client workflow, with its limits on every size, decides
what they are worth.
"""

from collections.abc import Iterator
from pathlib import Path

from tuf.api.exceptions import DownloadError, DownloadHTTPError, LengthOrHashMismatchError
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig, Urllib3Fetcher

from runtime_proxy import __version__
from runtime_proxy.agent.config import AgentConfig
from runtime_proxy.agent.frame import MAX_PAYLOAD
from runtime_proxy.agent.offline import target_name

_CHUNK = 64 * 1024
_NOT_FOUND = 404


class DirectoryFetcher(FetcherInterface):
    """Files of a directory of this host. A "URL" is a path relative to it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            file = (self._directory / url).open("rb")
        except (FileNotFoundError, NotADirectoryError):
            raise DownloadHTTPError(f"`{url}` is not in `{self._directory}`", _NOT_FOUND) from None
        except OSError as problem:
            raise DownloadError(
                f"`{url}` in `{self._directory}` cannot be read: {problem.strerror}"
            ) from problem
        with file:
            yield from iter(lambda: file.read(_CHUNK), b"")


def _open(config: AgentConfig) -> tuple[FetcherInterface, str]:
    """How to fetch from a source, and what to put before the names of its files.

    Raises:
        ConfigError: it is not a source.
    """
    directory = config.directory
    if directory is not None:
        return DirectoryFetcher(directory), ""
    timeout = max(1, int(config.timeout))
    return Urllib3Fetcher(timeout, _CHUNK, f"mesh-proxy/{__version__}"), config.source.rstrip("/") + "/"


def download(config: AgentConfig, workspace: Path, pinned: bytes) -> None:
    """Bring the metadata of the release in force, and this workload's targets, into a folder.

    Args:
        config: whose release, from where.
        workspace: holds ``metadata`` and ``targets``, as they were verified before.
        pinned: the root that is trusted.

    Raises:
        RepositoryError: the release does not verify, or is older than the seed.
        DownloadError: the source did not give what it should.
    """
    fetcher, base = _open(config)
    updater = Updater(
        metadata_dir=str(workspace / "metadata"),
        metadata_base_url=f"{base}metadata/",
        target_dir=str(workspace / "targets"),
        target_base_url=f"{base}targets/",
        fetcher=fetcher,
        config=UpdaterConfig(max_delegations=8),
        bootstrap=pinned,
    )
    updater.refresh()
    wanted = {
        path for name in (config.target, config.origins_target) if (path := _bring(updater, workspace, name))
    }
    for left_over in set((workspace / "targets").iterdir()) - wanted:
        left_over.unlink()


def _bring(updater: Updater, workspace: Path, name: str) -> Path | None:
    """The file that holds a target, downloaded unless it is there already; None for what is not published."""
    target = updater.get_targetinfo(name)
    if target is None:
        return None
    if target.length > MAX_PAYLOAD:
        raise LengthOrHashMismatchError(f"`{name}` has {target.length} bytes, more than {MAX_PAYLOAD}")
    path = workspace / target_name(target)
    if updater.find_cached_target(target, str(path)) is None:
        updater.download_target(target, str(path))
    return path
