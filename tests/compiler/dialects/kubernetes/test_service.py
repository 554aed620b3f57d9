"""Services: what of them is read, and what a cluster would refuse."""

import pytest

from mesh_compiler.dialects.kubernetes.service import Service

HEAD = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n"


def test_ports_are_read_with_their_defaults(bound):
    """A port is TCP and leads to itself unless it says otherwise."""
    [service] = bound(HEAD + "  ports: [{port: 80}]\n").of(Service)
    [port] = service.model.spec.ports
    assert (port.name, port.protocol, port.app_protocol, port.port, port.target_port) == (
        None,
        "TCP",
        None,
        80,
        None,
    )
    assert service.model.spec.type == "ClusterIP"
    assert service.model.spec.selector == {}
    assert not service.model.spec.headless


@pytest.mark.parametrize(("written", "target"), [("8080", 8080), ("http", "http"), ("web-1", "web-1")])
def test_target_port_is_a_number_or_a_name(written, target, bound):
    """The container port behind a port, by number or by name."""
    [service] = bound(f"{HEAD}  ports: [{{port: 80, targetPort: {written}}}]\n").of(Service)
    assert service.model.spec.ports[0].target_port == target


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('"8080"', "`8080` is not the name of a port"),
        ("0", "the port 0 is out of range"),
        ("65536", "the port 65536 is out of range"),
        ("Http", "`Http` is not the name of a port"),
        ("a-name-that-is-too-long", "`a-name-that-is-too-long` is not the name of a port"),
        ("1.5", "`1.5` is a number, and a target port is a number or a name"),
        ("true", "`true` is true or false, and a target port is a number or a name"),
        ("[80]", "`[...]` is a list, and a target port is a number or a name"),
    ],
)
def test_other_target_ports_are_refused(written, message, told):
    """A number in quotes is the usual mistake."""
    [finding] = told(f"{HEAD}  ports: [{{port: 80, targetPort: {written}}}]\n")
    assert finding.split(" ", 2)[2] == message


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("ports: [{port: 80}, {port: 81, name: b}]", [("5:12 MESH055 the port 80 has no `name`, and a Service with "
         "several ports names each")]),
        ("ports: [{port: 80, name: a}, {port: 81, name: a}]", ["5:49 MESH059 a second port is named `a`"]),
        ("ports: [{port: 80, name: a}, {port: 80, name: b}]", ["5:39 MESH059 a second port has the number 80"]),
        ("ports: [{port: 53, name: a}, {port: 53, name: b, protocol: UDP}]", []),
        ("type: ExternalName", ["5:9 MESH055 a Service of type `ExternalName` has no `externalName`"]),
        ("{type: ExternalName, externalName: a.example}", []),
        ("type: External", ["5:9 MESH057 `External` is not a value of `type`"]),
        ("selector: {app: 1}", ["5:19 MESH056 `1` in `spec.selector.app` is a number, where text is meant"]),
    ],
)  # fmt: skip
def test_what_a_cluster_would_refuse(spec, expected, told):
    """The rules of Kubernetes about ports and names."""
    text = HEAD.removesuffix("\n") + f" {spec}\n" if spec.startswith("{") else f"{HEAD}  {spec}\n"
    assert told(text) == expected


def test_headless_and_external_services_are_told_apart(bound):
    """Neither can be the parent of a route."""
    [headless] = bound(HEAD + "  clusterIP: None\n  ports: [{port: 80}]\n").of(Service)
    [external] = bound(HEAD + "  type: ExternalName\n  externalName: a.example\n").of(Service)
    assert headless.model.spec.headless
    assert external.model.spec.external_name == "a.example"


def test_misspelt_field_is_a_warning(bound):
    """Of a field that is nearly one that we read, and that Kubernetes has not, we say so; others we let be."""
    result = bound(
        HEAD + "  selecter: {app: a}\n  somethingNew: 1\n  ports: [{port: 80, targetport: 1, nodePort: 3}]\n"
    )
    assert [(f.severity.value, f.message, f.help) for f in result.findings] == [
        ("warning", "`selecter` is not a field of `spec`", "did you mean `selector`?"),
        ("warning", "`targetport` is not a field of `spec.ports[0]`", "did you mean `targetPort`?"),
    ]
    assert len(result.of(Service)) == 1
