"""Rules about what stands in an object: its fields, their types, their values."""

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.diagnostics.registry import declare

UNKNOWN_FIELD = declare(
    "MESH054",
    "unknown-field",
    Severity.ERROR,
    """
    ## What it does
    Finds fields that the object's kind does not have. Fields of Gateway API's experimental channel that meshc does not
    read are told apart from mistakes. In Kubernetes objects, of which meshc reads a part, only near misses of the
    fields that it reads are told, as warnings.

    ## Why is this bad?
    A cluster silently drops a field it does not know. A misspelt timeout is no timeout; a misspelt rule admits nobody,
    or everybody.

    ## Example
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
      rules:
      - timeout: {request: 10s}
        backendRefs:
        - {name: reviews, port: 9080}
    ```

    ## Use instead
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
      rules:
      - timeouts: {request: 10s}
        backendRefs:
        - {name: reviews, port: 9080}
    ```
    """,
)

MISSING_FIELD = declare(
    "MESH055",
    "missing-field",
    Severity.ERROR,
    """
    ## What it does
    Finds objects without a field that they must have.

    ## Why is this bad?
    The object is incomplete; a cluster refuses it.

    ## Example
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
      rules:
      - backendRefs:
        - name: reviews
    ```

    ## Use instead
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
      rules:
      - backendRefs:
        - name: reviews
          port: 9080
    ```
    """,
)

WRONG_TYPE = declare(
    "MESH056",
    "wrong-type",
    Severity.ERROR,
    """
    ## What it does
    Finds values of another type than their field takes: a number where text is meant, one value where a list is.

    ## Why is this bad?
    The value cannot be read; a cluster refuses the object. The usual cause is a missing pair of quotes, or a missing
    `-`.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: reviews
      labels: {version: 1}
    spec:
      ports:
      - port: 9080
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: reviews
      labels: {version: "1"}
    spec:
      ports:
      - port: 9080
    ```
    """,
)

INVALID_VALUE = declare(
    "MESH057",
    "unfit-value",
    Severity.ERROR,
    """
    ## What it does
    Finds values that their field does not take: out of range, too long, not one of the words allowed, or not of the
    form asked for.

    ## Why is this bad?
    The value means nothing here; a cluster refuses the object.

    ## Example
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
      rules:
      - matches:
        - path: {type: Prefix, value: /}
    ```

    ## Use instead
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
      rules:
      - matches:
        - path: {type: PathPrefix, value: /}
    ```

    ## References
    The validation of Gateway API's own resource definitions.
    """,
)

CONFLICTING_FIELDS = declare(
    "MESH058",
    "conflicting-fields",
    Severity.ERROR,
    """
    ## What it does
    Finds fields that do not go together: a filter whose settings belong to another type, a redirect beside backends, a
    per-try timeout longer than the whole.

    ## Why is this bad?
    One of the two cannot take effect; a cluster refuses the object.

    ## Example
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
      rules:
      - filters:
        - type: RequestRedirect
          requestRedirect: {hostname: example.com}
        backendRefs:
        - {name: reviews, port: 9080}
    ```

    ## Use instead
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
      rules:
      - filters:
        - type: RequestRedirect
          requestRedirect: {hostname: example.com}
    ```

    ## References
    The validation of Gateway API's own resource definitions.
    """,
)

REPEATED_ENTRY = declare(
    "MESH059",
    "repeated-entry",
    Severity.ERROR,
    """
    ## What it does
    Finds lists that name one thing twice where every entry must be distinct: two matches of one header, two parents
    that are the same, two ports of one name.

    ## Why is this bad?
    Which of the two holds is left to chance; a cluster refuses the object.

    ## Example
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
      - {group: "", kind: Service, name: reviews}
    ```

    ## Use instead
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
    ```
    """,
)

UNREADABLE_PATTERN = declare(
    "MESH063",
    "unreadable-pattern",
    Severity.ERROR,
    """
    ## What it does
    Finds regular expressions that RE2 refuses. Patterns are matched by RE2, in full, in the compiler and in the
    sidecar: it takes time in proportion to its input, whatever a client sends, and has no back references and no look
    around.

    ## Why is this bad?
    A sidecar could not tell which requests match.

    ## Example
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
      rules:
      - matches:
        - path: {type: RegularExpression, value: "/reviews/(?!internal).*"}
    ```

    ## Use instead
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
      - {group: "", kind: Service, name: reviews}
      rules:
      - matches:
        - path: {type: RegularExpression, value: "/reviews/[0-9]+"}
    ```

    ## References
    RE2, "Syntax".
    """,
)

UNREADABLE_ANNOTATION = declare(
    "MESH064",
    "unreadable-annotation",
    Severity.ERROR,
    """
    ## What it does
    Checks the annotations `meshc.dev/calls` (`namespace/service:port, ...`) and `meshc.dev/callers`
    (`namespace/workload, ...`), and finds annotations of `meshc.dev` that do not exist or stand on a kind that does not
    take them.

    ## Why is this bad?
    These annotations are the consent on both sides of a call. One that cannot be read grants nothing.

    ## Example
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      annotations:
        meshc.dev/calls: shop/reviews:http
    spec:
      template:
        metadata:
          labels: {app: web}
        spec:
          containers:
          - name: web
    ```

    ## Use instead
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      annotations:
        meshc.dev/calls: shop/reviews:9080
    spec:
      template:
        metadata:
          labels: {app: web}
        spec:
          containers:
          - name: web
    ```
    """,
)
