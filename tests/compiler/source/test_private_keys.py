"""Private keys are found wherever they stand, and never shown."""

from base64 import b64encode

import pytest

from mesh_compiler.source.yaml import parse

BODY = "MC4CAQAwBQYDK2VwBCIEI" + "A" * 43
PEM = f"-----BEGIN PRIVATE KEY-----\n{BODY}\n-----END PRIVATE KEY-----\n"
INDENTED = "".join(f"  {line}\n" for line in PEM.splitlines())

KEYS = [
    ("a: |\n" + INDENTED, "2:3"),
    ("a: |\n" + INDENTED.replace("PRIVATE", "RSA PRIVATE"), "2:3"),
    ("a: |\n" + INDENTED.replace("PRIVATE", "ENCRYPTED PRIVATE"), "2:3"),
    ("a: |\n" + INDENTED.replace("-----\n", "-----\n  Proc-Type: 4,ENCRYPTED\n\n", 1), "2:3"),
    ('a: "' + PEM.replace("\n", "\\n") + '"\n', "1:5"),
    ("# " + PEM.replace("\n", "\n# ").replace("\n# M", "\nM"), "1:3"),
    ("data:\n  tls.key: " + b64encode(PEM.encode()).decode() + "\n", "2:12"),
]


@pytest.mark.parametrize(("text", "place"), KEYS)
def test_a_key_is_found_and_masked(text, place):
    parsed = parse("f.yaml", text.encode())
    [finding] = [f for f in parsed.findings if f.rule.code == "MESH030"]
    assert f"{finding.span.line}:{finding.span.column}" == place
    shown = "\n".join(parsed.text.line(n) for n in range(1, text.count("\n") + 2))
    assert "MC4CAQAw" not in shown
    assert b64encode(PEM.encode()).decode()[60:80] not in shown
    assert "MC4CAQAw" not in finding.message + (finding.help or "")


NO_KEYS = [
    "a: -----BEGIN PRIVATE KEY-----\n",
    "a: |\n" + INDENTED.replace("PRIVATE KEY", "CERTIFICATE"),
    "a: |\n" + INDENTED.replace("PRIVATE KEY", "PUBLIC KEY"),
    "a: " + b64encode(PEM.replace("PRIVATE KEY", "CERTIFICATE").encode()).decode() + "\n",
    "a: LS0tLS1CRUdJTi!\n",
]


@pytest.mark.parametrize("text", NO_KEYS)
def test_what_is_no_key_is_left_alone(text):
    assert [f for f in parse("f.yaml", text.encode()).findings if f.rule.code == "MESH030"] == []


def test_each_key_is_told():
    assert len(parse("f.yaml", f"a: |\n{INDENTED}b: |\n{INDENTED}".encode()).findings) == 2
