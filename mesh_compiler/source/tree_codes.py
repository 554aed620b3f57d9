"""The rules that the files of a tree can break: one entry each, with its page."""

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.diagnostics.registry import declare

SYMLINK_OUT_OF_TREE = declare(
    "MESH020",
    "symlink-out-of-tree",
    Severity.ERROR,
    """
    ## What it does
    Reports a symbolic link to something outside the tree that is read, or to nothing. It is not followed.

    ## Why is this bad?
    What it shows differs from machine to machine, and in a pull request from a stranger it may show a file of
    the machine that checks it.

    ## Example
    ```text
    services/shop.yaml -> /etc/shop.yaml
    ```

    ## Use instead
    A file of the tree:
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
    ```
    """,
)

UNREADABLE_FILE = declare(
    "MESH021",
    "unreadable-file",
    Severity.ERROR,
    """
    ## What it does
    Reports a file or directory of the tree that the operating system does not let us read.

    ## Why is this bad?
    What it holds is missing from everything that is said about the tree.

    ## Example
    ```text
    -rw------- root root services/shop.yaml
    ```

    ## Use instead
    A file that whoever runs the check may read:
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
    ```
    """,
)

IGNORE_PATTERN = declare(
    "MESH022",
    "ignore-pattern",
    Severity.ERROR,
    """
    ## What it does
    Reports a line of `.meshcignore` that is no pattern. Patterns are those of `.gitignore`.

    ## Why is this bad?
    The line ignores nothing, and nothing else would say so.

    ## Example
    ```text
    !
    ```

    ## Use instead
    ```text
    charts/
    ```
    """,
)

PRIVATE_KEY_IN_TREE = declare(
    "MESH030",
    "private-key-in-tree",
    Severity.ERROR,
    """
    ## What it does
    Reports a private key in the tree: a PEM block in a YAML value, or in a file named `*.key` or `*.pem`. The
    key is never shown.

    ## Why is this bad?
    Whoever can read the repository, or any old copy of it, can be whom the key identifies. Removing the file
    does not help: history keeps it. The key has to be replaced.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      annotations:
        key: |
          -----BEGIN PRIVATE KEY-----
          MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
          -----END PRIVATE KEY-----
    ```

    ## Use instead
    Keep keys where the workload runs, and name their place in the node file:
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
    ```
    """,
)
