"""A good object of every kind, with as many of its fields as go together; and the same, spoilt in a few places."""

import copy

from hypothesis import strategies as st

from mesh_compiler.source.tree import read_texts

SAMPLES = (
    """
apiVersion: v1
kind: Service
metadata: {name: a, namespace: shop, labels: {app: a}, annotations: {meshc.dev/callers: "shop/web, web"}}
spec:
  type: ClusterIP
  clusterIP: None
  selector: {app: a}
  ports:
  - {name: http, port: 80, targetPort: 8080, protocol: TCP, appProtocol: http, nodePort: 30000}
  - {name: grpc, port: 81, targetPort: grpc}
""",
    """
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, annotations: {meshc.dev/calls: "shop/b:80, c"}}
spec:
  replicas: 2
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}, annotations: {x: b}}
    spec:
      serviceAccountName: a
      initContainers:
      - {name: init, image: x, env: [{name: A, value: b}]}
      - {name: sidecar, image: x, restartPolicy: Always, ports: [{containerPort: 1}]}
      containers:
      - name: a
        image: x
        ports: [{name: http, containerPort: 8080, protocol: TCP}]
        env: [{name: B_ADDR, value: "b:80"}, {name: C, valueFrom: {fieldRef: {fieldPath: x}}}]
""",
    """
apiVersion: batch/v1
kind: CronJob
metadata: {name: a}
spec:
  schedule: "* * * * *"
  jobTemplate: {spec: {template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a}]}}}}
""",
    """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec:
  parentRefs: [{group: "", kind: Service, name: a, port: 80}]
  hostnames: [a.example, "*.b.example"]
  rules:
  - name: first
    matches:
    - path: {type: PathPrefix, value: /a}
      headers: [{name: x, value: b}, {name: z, type: RegularExpression, value: "a+"}]
      queryParams: [{name: q, value: r}]
      method: GET
    filters:
    - type: RequestHeaderModifier
      requestHeaderModifier: {set: [{name: a, value: b}], add: [{name: c, value: d}], remove: [e]}
    - type: RequestMirror
      requestMirror: {backendRef: {name: b, port: 80}, fraction: {numerator: 1, denominator: 10}}
    - type: URLRewrite
      urlRewrite: {hostname: c.example, path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}
    - type: CORS
      cors: {allowOrigins: ["https://*.d.example"], allowCredentials: true, allowMethods: [PUT], maxAge: 10}
    backendRefs:
    - {name: a, port: 80, weight: 9, filters: [{type: ExtensionRef, extensionRef: {group: e, kind: F, name: f}}]}
    timeouts: {request: 10s, backendRequest: 2s}
    retry: {attempts: 2, codes: [500, 503], backoff: 25ms}
  - matches: [{path: {type: Exact, value: /r}}]
    filters:
    - {type: RequestRedirect, requestRedirect: {scheme: https, port: 443, statusCode: 301}}
""",
    """
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: a}
spec:
  parentRefs: [{group: "", kind: Service, name: a, sectionName: grpc}]
  rules:
  - matches: [{method: {service: shop.A, method: B}, headers: [{name: x, value: b}]}]
    backendRefs: [{name: a, port: 81}]
""",
    """
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: a}
spec:
  parentRefs: [{group: "", kind: Service, name: a}]
  hostnames: [a.example]
  rules: [{backendRefs: [{name: a, port: 443, weight: 1}]}]
""",
    """
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: {name: a}
spec:
  parentRefs: [{group: "", kind: Service, name: a}]
  rules: [{name: one, backendRefs: [{name: a, port: 5432}]}]
""",
    """
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: a}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]
  to: [{group: "", kind: Service, name: a}]
""",
    """
apiVersion: meshc.dev/v1alpha1
kind: Mesh
metadata: {name: mesh}
spec:
  trustDomain: shop.example
  authorization: {default: declared}
  timeouts: {request: 10s, backendRequest: 5s}
  retry: {attempts: 1, codes: [503], methods: [POST]}
  retryConstraint: {budget: {percent: 20, interval: 10s}, minRetryRate: {count: 10, interval: 1s}}
  loadBalancer: {type: LeastRequest}
""",
    """
apiVersion: meshc.dev/v1alpha1
kind: Workload
metadata: {name: a, namespace: shop, labels: {app: a}}
spec:
  labels: {app: a}
  serviceAccountName: a
  ports: [{name: http, port: 8080, protocol: http}, {port: 9000}]
  endpoints: {static: [{address: 10.0.0.1, port: 80}, {address: "::1"}]}
  calls: [{name: b, namespace: shop, port: 80}, {name: c}]
  callers: [{name: web}]
""",
    """
apiVersion: meshc.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: a}
spec:
  targetRefs: [{group: "", kind: Service, name: a, sectionName: http}]
  timeouts: {request: 10s}
  loadBalancer: {type: RoundRobin}
""",
    """
apiVersion: meshc.dev/v1alpha1
kind: AuthorizationPolicy
metadata: {name: a}
spec:
  targetRefs: [{group: "", kind: Service, name: a}]
  action: ALLOW
  rules:
  - from: [{identities: [shop/web, "spiffe://b.example/ns/a/sa/b"], namespaces: [shop]}]
    to:
    - methods: [GET]
      paths: [{type: Exact, value: /a}]
      headers: [{name: x-role, value: admin}]
      ports: [80]
""",
    """
apiVersion: meshc.dev/v1alpha1
kind: Waiver
metadata: {name: a}
spec:
  code: MESH404
  target: {kind: HTTPRoute, namespace: shop, name: a}
  reason: until spring
  expires: 2027-01-31
""",
)

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 70_000), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "x", "X y", "10s", "/a//b", "(", "*", "a" * 300, [], {}, {"x": 1}, [1], [{}], [None]]),
).map(copy.deepcopy)  # fmt: skip


@st.composite
def spoilt(draw):
    """A good object, spoilt in a few places."""
    [document] = read_texts({"sample.yaml": draw(st.sampled_from(SAMPLES))}).documents
    value = copy.deepcopy(document.value)
    for _ in range(draw(st.integers(1, 3))):
        here = value
        while isinstance(here, dict | list) and here:
            step = draw(
                st.sampled_from(sorted(here)) if isinstance(here, dict) else st.integers(0, len(here) - 1)
            )
            below = here[step]
            if not isinstance(below, dict | list) or not below or draw(st.integers(0, 3)) == 0:
                if isinstance(here, dict) and draw(st.booleans()):
                    here[draw(st.sampled_from(["zz", "nmae", "prot", step + "s"]))] = draw(JUNK)
                here[step] = draw(JUNK)
                break
            here = below
    return value
