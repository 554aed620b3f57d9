"""How a command says that it could not run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click


class Failure(click.ClickException):
    """The tool could not run: one line, and exit code 2."""

    exit_code = 2


@contextmanager
def failures() -> Iterator[None]:
    """Turn what a release or a certificate refuses, and what the file system does, into a ``Failure``."""
    from mesh_compiler.certificates.names import CertificateError
    from mesh_compiler.release.errors import ReleaseError

    try:
        yield
    except (ReleaseError, CertificateError) as problem:
        raise Failure(str(problem)) from problem
    except OSError as problem:
        why = os.strerror(problem.errno).lower() if problem.errno else str(problem)
        where = f"`{problem.filename}`: " if problem.filename else ""
        raise Failure(f"{where}{why}") from problem
