"""The call graph in every format."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mesh_compiler.picture import Drawing, dot, draw, html, mermaid, text
from mesh_compiler.picture.model import Arrow, Node
from tests.compiler.mesh.trees import mesh, workload

RING = draw(
    mesh(
        workload("web", calls=[{"name": "a"}]),
        workload("a", calls=[{"name": "b", "namespace": "bank"}]),
        workload("b", "bank", calls=[{"name": "a", "namespace": "shop"}]),
    ),
    "policy",
)

NASTY = 'x"]-->\\</script><b>\n'


def nasty() -> Drawing:
    """A drawing whose every text tries to break out. No tree has such names: the readers refuse them."""
    nodes = tuple(Node(NASTY + str(n), NASTY, NASTY, NASTY, NASTY, NASTY, 0) for n in range(2))
    arrow = Arrow(nodes[0].id, nodes[1].id, NASTY, "inferred", NASTY, cyclic=False)
    return Drawing(NASTY, nodes, (arrow,), ((nodes[0].id,),))


def test_text() -> None:
    """One workload a paragraph, the cycle at the end."""
    assert text.render(RING) == (
        "bank/b  (Workload; called by 1, touches 2 when it fails)\n"
        "  -> shop/a  by a.shop:8080  (declared at 2.yaml:1:212)  on a cycle\n"
        "shop/a  (Workload; called by 2, touches 2 when it fails)\n"
        "  -> bank/b  by b.bank:8080  (declared at 1.yaml:1:212)  on a cycle\n"
        "shop/web  (Workload; called by 0, touches 0 when it fails)\n"
        "  -> shop/a  by a.shop:8080  (declared at 0.yaml:1:216)\n"
        "cycle: bank/b -> shop/a -> bank/b\n"
        "3 workloads, 3 calls, 1 cycles\n"
    )


def test_mermaid() -> None:
    """A flowchart, one subgraph a namespace, the cycle in red."""
    assert mermaid.render(RING) == (
        "flowchart LR\n"
        '  subgraph g0["bank"]\n    n0["b"]\n  end\n'
        '  subgraph g1["shop"]\n    n1["a"]\n    n2["web"]\n  end\n'
        '  n0 -->|"a.shop:8080"| n1\n'
        '  n1 -->|"b.bank:8080"| n0\n'
        '  n2 -->|"a.shop:8080"| n1\n'
        "  linkStyle 0,1 stroke:#c0392b,stroke-width:3px\n"
    )


def test_dot_escapes_what_would_end_a_string() -> None:
    """Every quote inside a string stands behind a backslash."""
    for line in dot.render(nasty()).splitlines():
        assert re.sub(r'"(?:[^"\\]|\\.)*"', "", line).count('"') == 0


def test_mermaid_escapes_what_means_something_to_it() -> None:
    """Nothing but entities of the user's text."""
    assert "<" not in mermaid.render(nasty())
    assert NASTY not in mermaid.render(nasty())


def test_html_lets_no_text_break_out() -> None:
    """Neither of the markup, nor of the data."""
    page = html.render(nasty())
    assert "<b>" not in page
    assert page.count("</script>") == 2
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])[NASTY + "0"]["kind"] == NASTY


def test_html_needs_nothing_else() -> None:
    """No address is loaded, and the page forbids it."""
    page = html.render(RING)
    assert "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert "<!--" not in page


@pytest.mark.browser
@pytest.mark.skipif(
    shutil.which("chromium") is None, reason="needs a browser: `make system-packages` installs it"
)
def test_a_real_browser_draws_it_and_answers_a_click(tmp_path: Path) -> None:
    """The page's script runs to its end: a search focuses the workload and shows whom it calls."""
    page = tmp_path / "mesh.html"
    search = """<script>
      const box = document.getElementById("search");
      box.value = "web"; box.dispatchEvent(new Event("input"));
    </script></body>"""
    page.write_text(html.render(RING).replace("</body>", search), encoding="utf-8")
    seen = subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    details = re.search(r'<aside id="details".*?</aside>', seen, re.DOTALL)
    assert details is not None
    assert "<h2>shop/web</h2>" in details[0]
    assert "Calls (1)" in details[0]
    assert "0.yaml:1:216" in details[0]
