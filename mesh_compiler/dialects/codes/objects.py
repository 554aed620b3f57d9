"""Rules about an object as a whole: whether it can be told what it is, and whether it is there once."""

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.diagnostics.registry import declare

UNIDENTIFIED_OBJECT = declare(
    "MESH050",
    "unidentified-object",
    Severity.ERROR,
    """
    ## What it does
    Finds objects that lack `apiVersion` or `kind`, and yet are plainly meant to be one of the objects that meshc reads.

    ## Why is this bad?
    Without these two nothing can tell what the object is, so it takes no part in the mesh: a policy that was written
    and does nothing.

    ## Example
    ```yaml
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
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

UNKNOWN_KIND = declare(
    "MESH051",
    "unknown-kind",
    Severity.ERROR,
    """
    ## What it does
    Finds objects of the group `meshc.dev` whose kind does not exist, and objects of the groups that meshc reads whose
    kind looks like a misspelt one.

    ## Why is this bad?
    An object of an unknown kind would be passed over, and the policy in it with it.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: AuthorisationPolicy
    metadata:
      name: reviews
    spec: {}
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata:
      name: reviews
    spec:
      targetRefs:
      - {group: "", kind: Service, name: reviews}
      action: ALLOW
      rules:
      - from:
        - identities: [shop/web]
    ```
    """,
)

UNKNOWN_VERSION = declare(
    "MESH052",
    "unknown-version",
    Severity.ERROR,
    """
    ## What it does
    Finds objects of a kind that meshc reads, in a version that it does not know.

    ## Why is this bad?
    Fields may mean something else in another version, so the object is not read, and what it says does not hold.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1
    kind: Mesh
    metadata:
      name: mesh
    spec: {}
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Mesh
    metadata:
      name: mesh
    spec: {}
    ```
    """,
)

UNFIT_NAME = declare(
    "MESH053",
    "unfit-name",
    Severity.ERROR,
    """
    ## What it does
    Checks `metadata.name` and `metadata.namespace` against the form that Kubernetes and DNS ask for: lower-case
    letters, digits and `-`, beginning and ending with a letter or digit, at most 63 characters for namespaces and
    Services and 253 elsewhere (where `.` is allowed too).

    ## Why is this bad?
    Names become host names, parts of identities and file names. A cluster would refuse the object.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: Reviews_v1
    spec:
      ports:
      - port: 9080
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: reviews-v1
    spec:
      ports:
      - port: 9080
    ```

    ## References
    RFC 1123 section 2.1; Kubernetes, "Object Names and IDs".
    """,
)

REPEATED_OBJECT = declare(
    "MESH060",
    "repeated-object",
    Severity.ERROR,
    """
    ## What it does
    Finds objects of one kind, namespace and name that are written more than once. The first, in the order of files, is
    the one that is read.

    ## Why is this bad?
    In a cluster the last one applied wins, so what is in force depends on who applied what when. Overlays and
    alternatives belong in directories of their own, one environment a run.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: reviews
    spec:
      ports:
      - port: 9080
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: reviews
    spec:
      ports:
      - port: 9081
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: reviews
    spec:
      ports:
      - port: 9081
    ```
    """,
)

UNREAD_KIND = declare(
    "MESH062",
    "unread-kind",
    Severity.WARNING,
    """
    ## What it does
    Counts the objects that shape a mesh and that meshc does not read yet: those of Istio, Linkerd and Consul, gateways,
    and routes whose parents are all gateways. One finding a group.

    ## Why is this bad?
    What these objects say is missing from the picture. Rules that reason from absence (nobody calls this, nothing
    selects that) stay silent where such an object could prove them wrong, and the summary says `incomplete`.

    ## Example
    ```yaml
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata:
      name: reviews
    spec:
      hosts: [reviews]
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
        - {name: reviews, port: 9080}
    ```
    """,
)

DEPRECATED_VERSION = declare(
    "MESH070",
    "deprecated-version",
    Severity.WARNING,
    """
    ## What it does
    Finds objects written in an old version of their kind. They are read as the current version.

    ## Why is this bad?
    Clusters stop serving old versions; then the object can no longer be applied.

    ## Example
    ```yaml
    apiVersion: gateway.networking.k8s.io/v1beta1
    kind: HTTPRoute
    metadata:
      name: reviews
    spec:
      parentRefs:
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
