"""Write what is generated from the sources: the schemas of the resources, the page of refusals. ``make docs`` runs it.

What it writes is committed; tests fail where it is out of step.
"""

import shutil
from pathlib import Path

from mesh_compiler.dialects.json_schema import schemas, text
from runtime_proxy.observe.refusal_page import refusal_page

ROOT = Path(__file__).parent.parent
RESOURCES = ROOT / "schemas" / "resources"
REFUSALS = ROOT / "docs" / "refusals.md"


def write_schemas(directory: Path = RESOURCES) -> None:
    """Write the schema of every kind, and take away what is no longer one."""
    shutil.rmtree(directory, ignore_errors=True)
    for name, schema in schemas().items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(schema), encoding="utf-8")


if __name__ == "__main__":
    write_schemas()
    REFUSALS.write_text(refusal_page(), encoding="utf-8")
