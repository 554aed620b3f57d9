"""``docs/refusals.md``: a row for every reason there is, from the enum itself."""

from runtime_proxy.core.types import Reason

_TOP = """# Refusals

When a sidecar refuses a request, the response says so: `x-mesh-refused: <reason>; by=<workload>; id=<request id>`.
A response without this field is the application's own. The same word stands in the log line, in the label `reason` of
`mesh_requests_total`, and in `/status`, each with the origin of the rule that refused.

This page is generated from `runtime_proxy/core/types.py`.

| reason | status | what happened | what to do |
|---|---|---|---|
"""


def refusal_page() -> str:
    """The page, as Markdown."""
    rows = (
        f"| `{reason.value}` | {reason.status} | {reason.meaning} | {reason.remedy} |\n" for reason in Reason
    )
    return _TOP + "".join(rows)
