"""The YAML of a generated tree: one function a kind, text out, as a person would write it."""

from collections.abc import Iterable

CONTAINER_PORT = 8080
SERVICE_PORT = 80

MESH = """\
apiVersion: meshc.dev/v1alpha1
kind: Mesh
metadata:
  name: mesh
spec:
  trustDomain: bench.example
  authorization:
    default: deny
"""


def namespace(name: str) -> str:
    """A Namespace."""
    return f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n"


def _head(api: str, kind: str, key: str, annotations: str = "") -> str:
    place, _, name = key.partition("/")
    notes = f"  annotations:\n{annotations}" if annotations else ""
    return f"apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: {place}\n{notes}spec:\n"


def deployment(key: str, calls: Iterable[str], callers: Iterable[str]) -> str:
    """A Deployment that declares its calls, and admits callers where no policy does."""
    name = key.partition("/")[2]
    notes = {
        "meshc.dev/calls": ", ".join(f"{call}:{SERVICE_PORT}" for call in calls),
        "meshc.dev/callers": ", ".join(callers),
    }
    annotations = "".join(f'    {word}: "{value}"\n' for word, value in notes.items() if value)
    return f"""\
{_head("apps/v1", "Deployment", key, annotations)}\
  replicas: 2
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      serviceAccountName: {name}
      containers:
      - name: app
        image: registry.example/{name}:1.4.0
        ports:
        - name: http
          containerPort: {CONTAINER_PORT}
        env:
        - name: LOG_LEVEL
          value: info
        resources:
          requests:
            cpu: 100m
            memory: 128Mi
"""


def service(key: str) -> str:
    """The Service of a Deployment."""
    return f"""\
{_head("v1", "Service", key)}\
  selector:
    app: {key.partition("/")[2]}
  ports:
  - name: http
    port: {SERVICE_PORT}
    targetPort: {CONTAINER_PORT}
    appProtocol: http
"""


def workload(key: str, calls: Iterable[str], callers: Iterable[str]) -> str:
    """A Workload outside Kubernetes."""
    name = key.partition("/")[2]
    lists = _references("calls", calls, f", port: {SERVICE_PORT}") + _references("callers", callers)
    return f"""\
{_head("meshc.dev/v1alpha1", "Workload", key)}\
  labels:
    app: {name}
  ports:
  - name: http
    port: {SERVICE_PORT}
    protocol: http
  endpoints:
    dns:
      hostname: {name}.hosts.example
{lists}"""


def _references(word: str, keys: Iterable[str], more: str = "") -> str:
    pairs = [key.split("/") for key in keys]
    lines = "".join(f"  - {{name: {name}, namespace: {place}{more}}}\n" for place, name in pairs)
    return f"  {word}:\n{lines}" if lines else ""


def route(key: str) -> str:
    """An HTTPRoute with a few rules, all to its own Service."""
    name = key.partition("/")[2]
    backend = f"    backendRefs:\n    - name: {name}\n      port: {SERVICE_PORT}\n"
    return f"""\
{_head("gateway.networking.k8s.io/v1", "HTTPRoute", key)}\
  parentRefs:
  - group: ""
    kind: Service
    name: {name}
    port: {SERVICE_PORT}
  rules:
  - name: items
    matches:
    - path:
        type: PathPrefix
        value: /v1/items
      method: GET
    - path:
        type: PathPrefix
        value: /v1/items
      headers:
      - name: x-tenant
        value: internal
    filters:
    - type: RequestHeaderModifier
      requestHeaderModifier:
        set:
        - name: x-route
          value: items
{backend}\
    timeouts:
      request: 10s
  - name: rest
    matches:
    - path:
        type: PathPrefix
        value: /
{backend}"""


def authorization_policy(key: str, callers: Iterable[str]) -> str:
    """An ALLOW policy for the callers' identities, on what an API has."""
    name = key.partition("/")[2]
    identities = "".join(f"      - {caller}\n" for caller in callers)
    return f"""\
{_head("meshc.dev/v1alpha1", "AuthorizationPolicy", key)}\
  targetRefs:
  - group: ""
    kind: Service
    name: {name}
  action: ALLOW
  rules:
  - from:
    - identities:
{identities}\
    to:
    - methods: [GET, POST]
      paths:
      - type: PathPrefix
        value: /v1
    - paths:
      - type: Exact
        value: /healthz
"""


def traffic_policy(key: str) -> str:
    """A TrafficPolicy with a retry and its limits."""
    return f"""\
{_head("meshc.dev/v1alpha1", "TrafficPolicy", key)}\
  targetRefs:
  - group: ""
    kind: Service
    name: {key.partition("/")[2]}
  timeouts:
    request: 10s
    backendRequest: 2s
  retry:
    attempts: 2
    codes: [502, 503]
    backoff: 25ms
  loadBalancer:
    type: LeastRequest
"""
