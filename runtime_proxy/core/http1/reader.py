"""Bytes in, events out: the parser behind one direction of a connection. No I/O, no clock.

The rule that governs it: callbacks of the parser only collect; what they collected becomes events after the parser
has returned. And the parser is never given bytes of two messages at once: input is cut at each blank line, where
heads and chunked bodies end, or after the stated length. So an error belongs to the message it is in, and

    INVARIANT (chunking): the same bytes give the same events, however they were cut into reads.

One message is read at a time; bytes beyond its end wait, unparsed, until `next` is called.
"""

from abc import ABC, abstractmethod
from enum import Enum, auto
from typing import Any, ClassVar

from httptools import HttpParserError, HttpParserUpgrade

from runtime_proxy.core.http1.events import (
    CHUNKED,
    UNTIL_CLOSE,
    End,
    Event,
    Fields,
    Malformed,
    RequestHead,
    ResponseHead,
)
from runtime_proxy.core.http1.fields import trailers
from runtime_proxy.core.http1.limits import BODY_WINDOW, DEFAULT_LIMITS, WINDOW, Limits
from runtime_proxy.core.http1.response import FIRST_FINAL, SWITCHING_PROTOCOLS
from runtime_proxy.core.types import Reason

_BLANK_LINE = b"\r\n\r\n"
_END = End([])


class At(Enum):
    """Where in a message a reader is."""

    HEAD = auto()
    LENGTH = auto()
    CHUNKS = auto()
    UNTIL_CLOSE = auto()
    COMPLETE = auto()
    BROKEN = auto()


_HEAD, _LENGTH, _CHUNKS, _COMPLETE, _BROKEN = At.HEAD, At.LENGTH, At.CHUNKS, At.COMPLETE, At.BROKEN
_BODY_AT = {CHUNKED: At.CHUNKS, UNTIL_CLOSE: At.UNTIL_CLOSE}


class Reader(ABC):
    """What requests and responses share. A subclass says which parser, and judges heads and errors."""

    _too_large: ClassVar[Reason]
    _parser: Any

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.at = _HEAD
        """Where in a message the reader is. Only the reader sets it."""
        self._limits = limits
        self._waiting = b""
        self._start = 0
        self._parsed = 0
        self._left = 0
        self._tail = b""
        self._barren = False
        self._body: list[bytes] = []
        self._target: list[bytes] = []
        self._fields: Fields = []
        # Lists that the parser empties as it gets so far: a callback in C, and no Python frame.
        self._in_head: list[None] = [None]
        self._in_message: list[None] = [None]
        self.on_headers_complete = self._in_head.clear
        self.on_message_complete = self._in_message.clear
        self.on_body = self._body.append
        self.on_url = self._target.append
        self._spent = False
        self._parser = self._new_parser()

    # what the owner of the connection calls

    @property
    def waiting(self) -> int:
        """How many octets wait behind the complete message."""
        return len(self._waiting) - self._start

    def begun(self) -> bool:
        """Whether a part of a message was read and its end was not."""
        if self.at is _HEAD:
            return self._parsed > 0
        return self.at is not _COMPLETE and self.at is not _BROKEN

    def feed(self, data: bytes) -> list[Event]:
        """The events of the message being read that these bytes complete. What is beyond its end waits."""
        if self.at is _HEAD and not self._parsed:
            end = data.find(_BLANK_LINE) + 4
            if 3 < end < WINDOW:  # noqa: PLR2004 - a blank line was found
                return self._feed_from_head(data, end)
        elif self.at is _COMPLETE:
            self._waiting = self._waiting[self._start :] + data
            self._start = 0
            return []
        return self._feed(data, 0, [])

    def next(self) -> list[Event]:
        """Begins the next message, with the bytes that wait. Only after an `End`."""
        self._begin()
        if not self._waiting:
            return []
        waiting, start = self._waiting, self._start
        self._waiting, self._start = b"", 0
        return self._feed(waiting, start, [])

    def close(self) -> list[Event]:
        """The events that the end of the input brings: where that ends the message, its `End`."""
        if self.at is not At.UNTIL_CLOSE:
            return []
        self.at = _COMPLETE
        return [_END]

    def release(self) -> bytes:
        """Gives up parsing; the bytes that were not parsed. After an upgrade they are the other protocol's."""
        self.at = _BROKEN
        waiting = self._waiting[self._start :]
        self._waiting, self._start = b"", 0
        self._parser = None
        return waiting

    # what the subclass says

    @abstractmethod
    def _new_parser(self) -> Any:
        """A fresh parser that calls back to this reader."""

    @abstractmethod
    def _judge(self, fields: Fields) -> RequestHead | ResponseHead | Malformed:
        """The head that the parser has just completed."""

    @abstractmethod
    def _fault(self, error: HttpParserError, piece: bytes) -> Malformed:
        """What the parser found wrong, as an event."""

    # what the parser calls: this collects and nothing else

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head or, after it, a trailer. The parser leaves white space after a value."""
        self._fields.append((name, value.rstrip(b" \t")))

    # the machine

    def _begin(self) -> None:
        if self._spent:
            self._parser = self._new_parser()
            self._spent = False
        self.at = _HEAD
        self._parsed = 0
        self._in_head.append(None)
        self._in_message.append(None)

    def _feed_from_head(self, data: bytes, end: int) -> list[Event]:
        """As `_feed`, for what is usual: the data begins with a whole head, which is not large, and brings all of the
        content that has a length.
        """
        left = len(data) - end
        self._parsed = end
        fault = self._parse(data[:end] if left else data)
        if fault is not None:
            self.at = _BROKEN
            return [fault]
        if self._in_head:
            # Blank lines before the message, and no more.
            return self._feed(data, end, []) if left else []
        head = self._take_head()
        if isinstance(head, Malformed):
            self.at = _BROKEN
            return [head]
        if type(head) is RequestHead and not head.length:
            self.at = _COMPLETE
            if left:
                self._waiting, self._start = data, end
            return [head, _END]
        if head.length == left and self._in_message and left:
            return self._finish_at_once(head, data[end:])
        events: list[Event] = [head]
        self._follow(head, events)
        return self._feed(data, end, events) if left else events

    def _finish_at_once(self, head: RequestHead | ResponseHead, content: bytes) -> list[Event]:
        fault = self._parse(content)
        self._body.clear()
        self.at = _COMPLETE if fault is None else _BROKEN
        return [head, content, _END if fault is None else fault]

    def _feed(self, data: bytes, start: int, events: list[Event]) -> list[Event]:
        size = len(data)
        while start < size and self.at is not _COMPLETE and self.at is not _BROKEN:
            start += self._advance(data, start, events)
        if start < size:
            self._waiting, self._start = data, start
        return events

    def _advance(self, data: bytes, start: int, events: list[Event]) -> int:
        """Parses up to the next cut; how many octets that was."""
        at = self.at
        if at is _LENGTH:
            return self._advance_length(_slice(data, start, start + self._left), events)
        if at is _HEAD:
            return self._advance_head(self._cut(data, start, WINDOW), events)
        if at is _CHUNKS:
            return self._advance_chunks(self._cut(data, start, BODY_WINDOW), events)
        events.append(_slice(data, start, len(data)))
        return len(data) - start

    def _advance_head(self, piece: bytes, events: list[Event]) -> int:
        self._parsed += len(piece)
        fault = self._parse(piece)
        if fault is None and not self._in_head:
            head = self._take_head()
            if isinstance(head, Malformed):
                fault = head
            else:
                events.append(head)
                self._follow(head, events)
        elif fault is None and not self._parsed % WINDOW:
            fault = self._excess(self._limits.head - 1)
        if fault is not None:
            self._break(fault, events)
        return len(piece)

    def _take_head(self) -> RequestHead | ResponseHead | Malformed:
        """The head that the parser has completed, or what is wrong with it."""
        fields = self._fields
        if self._parsed > WINDOW or len(fields) > self._limits.fields:
            fault = self._excess(self._limits.head)
            if fault is not None:
                return fault
        self._fields = []
        head = self._judge(fields)
        self._target.clear()
        return head

    def _follow(self, head: RequestHead | ResponseHead, events: list[Event]) -> None:
        """Gets ready for what follows a head."""
        if head.length:
            if not self._in_message and type(head) is RequestHead:
                self._insist_on_content(head)
            self.at = _LENGTH if head.length > 0 else _BODY_AT[head.length]
            self._left = head.length
            self._parsed = 0
            self._barren = True
            return
        if self._in_message:
            # A response to HEAD: the parser, not knowing, waits for the content that the fields announce.
            self._spent = True
        if not isinstance(head, ResponseHead) or head.status >= FIRST_FINAL:
            self.at = _COMPLETE
            events.append(_END)
        elif head.status == SWITCHING_PROTOCOLS:
            # After it there is no more HTTP.
            self.at = _COMPLETE
        else:
            # After 1xx comes the real response.
            self._begin()

    def _insist_on_content(self, head: RequestHead) -> None:
        """The parser takes what follows an Upgrade field for another protocol; content it is all the same."""
        self._in_head.append(None)
        self._in_message.append(None)
        self._parser = self._new_parser()
        self._parser.feed_data(b"POST / HTTP/1.1\r\n" + head.framing + b"\r\n")
        self._spent = False
        self._fields.clear()
        self._target.clear()

    def _advance_length(self, piece: bytes, events: list[Event]) -> int:
        self._left -= len(piece)
        fault = self._parse(piece)
        self._take_body(events)
        if fault is not None:
            self._break(fault, events)
        elif not self._in_message:
            self.at = _COMPLETE
            events.append(_END)
        return len(piece)

    def _advance_chunks(self, piece: bytes, events: list[Event]) -> int:
        self._parsed += len(piece)
        fault = self._parse(piece)
        self._take_body(events)
        if fault is None and not self._in_message:
            fault = self._finish_chunks(events)
        elif fault is None and not self._parsed % BODY_WINDOW:
            if self._barren:
                fault = Malformed(self._too_large, "chunk extensions or trailers without end")
            self._barren = True
        if fault is not None:
            self._break(fault, events)
        return len(piece)

    def _finish_chunks(self, events: list[Event]) -> Malformed | None:
        fields, self._fields = self._fields, []
        if len(fields) > self._limits.fields:
            return Malformed(self._too_large, "more trailers than the limit")
        self.at = _COMPLETE
        events.append(End(trailers(fields)) if fields else _END)
        return None

    def _take_body(self, events: list[Event]) -> None:
        body = self._body
        if body:
            events.append(body[0] if len(body) == 1 else b"".join(body))
            body.clear()
            self._barren = False

    def _parse(self, piece: bytes) -> Malformed | None:
        try:
            self._parser.feed_data(piece)
        except HttpParserUpgrade:
            # Whether the protocol is switched is not the parser's to say; it just stops being of use.
            self._spent = True
        except HttpParserError as error:
            return self._fault(error, piece)
        return None

    def _excess(self, most: int) -> Malformed | None:
        """Which limit the head exceeds, if any, at a point that every way of cutting the input passes."""
        if sum(map(len, self._target)) > self._limits.target:
            return Malformed(Reason.TARGET_TOO_LONG, "the request target is longer than the limit")
        if self._parsed > most:
            return Malformed(self._too_large, "the head is larger than the limit")
        if len(self._fields) > self._limits.fields:
            return Malformed(self._too_large, "the head has more fields than the limit")
        return None

    def _break(self, fault: Malformed, events: list[Event]) -> None:
        self.at = _BROKEN
        events.append(fault)

    def _cut(self, data: bytes, start: int, window: int) -> bytes:
        """The octets up to a blank line, or to where limits are looked at, or to the end."""
        end, blank = self._blank_line(data, start)
        limit = start + window - self._parsed % window
        if end > limit:
            end, blank = limit, False
        piece = _slice(data, start, end)
        self._tail = b"" if blank else (self._tail + piece[-3:])[-3:]
        return piece

    def _blank_line(self, data: bytes, start: int) -> tuple[int, bool]:
        """Where the first blank line ends, which may have begun in an earlier read; and whether there is one."""
        if self._tail:
            found = (self._tail + data[start : start + 3]).find(_BLANK_LINE)
            if found >= 0:
                return start + found + 4 - len(self._tail), True
        found = data.find(_BLANK_LINE, start)
        return (len(data), False) if found < 0 else (found + 4, True)


def _slice(data: bytes, start: int, end: int) -> bytes:
    """Part of the data, without a copy where it is all of it."""
    return data if not start and end >= len(data) else data[start:end]
