"""The rules of strict reading: text that can be read, but not by all in the same way. One entry each."""

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.diagnostics.registry import declare

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
    team: "green<U+2028>blue"
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        team: "green blue"
    ```
    """,
)
