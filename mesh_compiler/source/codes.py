"""The rules that text breaks when it cannot be read: one entry each, with its page.

``strict_codes`` has those of text that can be read, ``tree_codes`` those of files.
"""

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.diagnostics.registry import declare

YAML_SYNTAX = declare(
    "MESH001",
    "yaml-syntax",
    Severity.ERROR,
    """
    ## What it does
    Reports text that is not YAML 1.2, at the character where reading had to stop.

    ## Why is this bad?
    Nothing in the document can be checked, and no tool that applies it can read it either. Reading goes on at
    the next `---` line, so the other documents of the file are still checked.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: "shop
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: "shop"
    ```

    ## References
    YAML 1.2.2, https://yaml.org/spec/1.2.2/
    """,
)

TAB_INDENTATION = declare(
    "MESH002",
    "tab-indentation",
    Severity.ERROR,
    """
    ## What it does
    Reports a tab where a line's indentation is expected.

    ## Why is this bad?
    YAML forbids tabs in indentation, since editors differ in how wide a tab is (YAML 1.2.2 section 6.1).

    ## Example
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
    \tname: shop
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
    ```
    """,
)

NOT_UTF8 = declare(
    "MESH003",
    "not-utf8",
    Severity.ERROR,
    """
    ## What it does
    Reports a file that is not UTF-8: an octet that cannot stand where it does, or a file in UTF-16 or UTF-32.

    ## Why is this bad?
    Tools guess differently at other encodings, so two of them may read two different names. A byte order mark
    at the start of UTF-8 is accepted and ignored.

    ## Example
    The octet `E9`, which is `é` in Latin-1:
    ```text
    kind: Namespace # caf\\xE9
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace # café
    metadata:
      name: shop
    ```
    """,
)

TOO_DEEP = declare(
    "MESH006",
    "too-deep",
    Severity.ERROR,
    """
    ## What it does
    Reports mappings and lists nested more than 128 deep.

    ## Why is this bad?
    No resource is that deep; such a document can exhaust the memory of whatever reads it.

    ## Example
    129 or more opening brackets:
    ```text
    a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[...
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
    ```
    """,
)

TOO_LARGE = declare(
    "MESH007",
    "too-large",
    Severity.ERROR,
    """
    ## What it does
    Reports a file above 32 MiB, and the file with which a tree comes to more than 512 MiB or 500,000
    documents.

    ## Why is this bad?
    It is most often a dump or a build output that does not belong in the tree, and reading it costs every
    run.

    ## Example
    ```text
    cluster-dump.yaml, 40 MiB
    ```

    ## Use instead
    Name the file in `.meshcignore`, or split it:
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
    ```
    """,
)

ALIAS_BOMB = declare(
    "MESH008",
    "alias-bomb",
    Severity.ERROR,
    """
    ## What it does
    Reports aliases that together stand for more than 100,000 values, or an alias inside the value that it
    names.

    ## Why is this bad?
    A few lines of aliases to aliases stand for billions of values, and exhaust the memory of whatever writes
    them out; an alias to what contains it never ends.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata: &all
      name: shop
      labels: *all
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        name: shop
    ```
    """,
)

REPEATED_ANCHOR = declare(
    "MESH013",
    "repeated-anchor",
    Severity.ERROR,
    """
    ## What it does
    Reports an anchor that one document defines twice.

    ## Why is this bad?
    YAML allows it, but what an alias means then depends on where it stands, and not every reader allows it:
    the document is not read.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: &name shop
      labels:
        app: &name web
        team: *name
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: &name shop
      labels:
        app: web
        team: *name
    ```
    """,
)

CONTROL_CHARACTER = declare(
    "MESH015",
    "control-character",
    Severity.ERROR,
    """
    ## What it does
    Reports a control character, or another code point that YAML does not allow in a file.

    ## Why is this bad?
    YAML 1.2.2 section 5.1 forbids it; it is invisible, and some terminals obey it.

    ## Example
    `<U+001B>` stands for the character itself:
    ```text
    kind: Namespace # <U+001B>[31m
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace # red
    metadata:
      name: shop
    ```
    """,
)
