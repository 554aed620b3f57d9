"""What the access log says of a request, gathered from those who know."""

import time

from runtime_proxy.core.http1.events import RequestHead
from runtime_proxy.core.verdict import Refuse
from runtime_proxy.net.exchange import Exchange
from runtime_proxy.net.listener import Listener
from runtime_proxy.observe.access_log import AccessRecord


def access_record(
    listener: Listener,
    head: RequestHead | None,
    exchange: Exchange | None,
    status: int,
    verdict: Refuse | None,
) -> AccessRecord:
    """The record of a request that has just ended; who asked, how long it took and its id are the
    connection's.
    """
    cluster = exchange.plan.place.permit.cluster if exchange else None
    return AccessRecord(
        time=time.time(),
        direction=listener.direction.value,
        peer="",
        method=head.method if head else "",
        host=head.authority if head else "",
        path=head.path if head else "",
        status=status,
        reason=verdict.reason.value if verdict else "",
        service=exchange.plan.place.label if exchange else listener.name,
        cluster=cluster.name if cluster else "",
        endpoint=exchange.endpoint if exchange else "",
        rule=exchange.plan.place.permit.origin if exchange else (verdict.origin if verdict else ""),
        match=exchange.plan.terms.match_origin if exchange else "",
        seconds=0.0,
        received=exchange.received_octets if exchange else 0,
        sent=exchange.sent_octets if exchange else 0,
        retries=exchange.retries if exchange else 0,
        request_id="",
        traceparent=(head.header("traceparent") or "") if head else "",
    )
