"""The rules that text itself can break: one entry each, with its page. ``tree_codes`` has those of files."""

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

DUPLICATE_KEY = declare(
    "MESH004",
    "duplicate-key",
    Severity.ERROR,
    """
    ## What it does
    Reports a key that stands twice in one mapping.

    ## Why is this bad?
    YAML forbids it, and readers differ: some take the last value, some the first, some refuse the file.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        team: green
        team: blue
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        team: blue
    ```
    """,
)

AMBIGUOUS_SCALAR = declare(
    "MESH005",
    "ambiguous-scalar",
    Severity.WARNING,
    """
    ## What it does
    Reports a plain scalar that YAML 1.2 and `kubectl`, which reads YAML 1.1, take for different values: `no`,
    `on`, `1_000`, `010`.

    ## Why is this bad?
    What is checked here would not be what a cluster gets: to `kubectl`, `no` is false and `010` is eight.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        country: no
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        country: "no"
    ```

    ## References
    YAML 1.2.2 section 10.3.2, the core schema
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

MERGE_KEY = declare(
    "MESH009",
    "merge-key",
    Severity.NOTE,
    """
    ## What it does
    Points out the merge key `<<`. It is read as `kubectl` reads it: the mapping takes the keys of the one
    that is named, except those of its own.

    ## Why is this bad?
    YAML 1.2 has no merge keys, so other tools may see a key called `<<` and miss what it brings.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      annotations: &shared
        team: green
      labels:
        <<: *shared
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      annotations:
        team: green
      labels:
        team: green
    ```
    """,
)

NON_STRING_KEY = declare(
    "MESH010",
    "non-string-key",
    Severity.ERROR,
    """
    ## What it does
    Reports a key that is no string: a mapping or a list (an error), or a number, true, false or null (a
    warning, since its text is taken instead).

    ## Why is this bad?
    Kubernetes objects are JSON, whose keys are strings. A mapping as a key is most often a template that was
    not rendered: to YAML, `{{ name }}` is a mapping with a mapping as its key.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        8080: web
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        "8080": web
    ```
    """,
)

UNREPRESENTABLE_NUMBER = declare(
    "MESH011",
    "unrepresentable-number",
    Severity.ERROR,
    """
    ## What it does
    Reports a number that JSON or 64 bits cannot hold: `.nan`, `.inf`, `1e999`, an integer of thirty digits.

    ## Why is this bad?
    Kubernetes objects are JSON. Readers round such a number, refuse it, or take it for a string.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        limit: .inf
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        limit: "none"
    ```
    """,
)

CUSTOM_TAG = declare(
    "MESH012",
    "custom-tag",
    Severity.ERROR,
    """
    ## What it does
    Reports a tag that the core schema of YAML 1.2 lacks, such as `!secret` or `!!binary`, or one that does
    not fit its value, such as `!!int web`.

    ## Why is this bad?
    Kubernetes objects are JSON, which has no such types: the tag's meaning is lost or the file refused.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        team: !secret green
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        team: green
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

UNUSUAL_LINE_BREAK = declare(
    "MESH014",
    "unusual-line-break",
    Severity.WARNING,
    """
    ## What it does
    Reports U+0085, U+2028 and U+2029 in the text.

    ## Why is this bad?
    YAML 1.1 readers take them for line breaks and YAML 1.2 readers for ordinary characters, so the two may
    read different values. No editor shows them.

    ## Example
    `<U+2028>` stands for the character itself:
    ```text
    kind: Namespace # one<U+2028>line
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace # one line
    metadata:
      name: shop
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
