"""A Breeze node within a Python program, on libbreeze.

    with Node(home="/var/lib/robot", server="office.example", user="robot") as node:
        node.send("alice", "good morning")
        for event in node:
            if event["event"] == "message":
                node.send(event["from"], event["text"])

Events are those of `breeze up --json`, as dictionaries. The library is found as the system finds
libraries, or by its path in BREEZE_LIBRARY.
"""

import ctypes
import json
import os
import threading
import time
from contextlib import contextmanager

ABI_VERSION = 1
OK, BUFFER_TOO_SMALL, BAD_COMMAND, FULL, NOT_STARTED, TIMED_OUT, ENDED = 0, 12, 13, 100, 300, 301, 302

# As long as Python cannot see to a signal, such as that of Ctrl-C, or to another thread that closes the
# node: it does so between calls.
SLICE_MS = 200


class Error(Exception):
    """A call was refused; `code` is a breeze_result."""

    def __init__(self, code, text=None):
        super().__init__(text or _library.breeze_result_text(code).decode())
        self.code = code


class Ended(Error):
    """The node has ended or was closed: it takes nothing more, and there are no more events."""


class _Options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("home", ctypes.c_char_p),
        ("server", ctypes.c_char_p),
        ("user", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("code", ctypes.c_char_p),
        ("mesh", ctypes.c_char_p),
        ("presence", ctypes.c_char_p),
        ("listen", ctypes.c_uint16),
    ]


def _load():
    library = ctypes.CDLL(os.environ.get("BREEZE_LIBRARY", "libbreeze.so"))
    node, size, text = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
    for name, result, arguments in [
        ("breeze_abi_version", ctypes.c_uint32, []),
        ("breeze_result_text", text, [ctypes.c_uint32]),
        ("breeze_node_options_default", ctypes.c_uint32, [ctypes.POINTER(_Options), size]),
        (
            "breeze_node_start",
            ctypes.c_uint32,
            [ctypes.POINTER(_Options), ctypes.POINTER(node), text, size],
        ),
        ("breeze_node_send", ctypes.c_uint32, [node, text, text, text]),
        ("breeze_node_command", ctypes.c_uint32, [node, text]),
        (
            "breeze_node_next_event",
            ctypes.c_uint32,
            [node, ctypes.c_uint64, text, size, ctypes.POINTER(size)],
        ),
        ("breeze_node_fd", ctypes.c_uint32, [node, ctypes.POINTER(ctypes.c_int)]),
        ("breeze_node_stop", ctypes.c_uint32, [node]),
        ("breeze_node_free", ctypes.c_uint32, [node]),
    ]:
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    if library.breeze_abi_version() != ABI_VERSION:
        raise ImportError("libbreeze has another ABI than this module")
    return library


_library = _load()


def _check(code):
    if code != OK:
        raise (Ended if code == ENDED else Error)(code)


def _text(text):
    """Returns a text as C has it; None stays None."""
    if text is None:
        return None
    encoded = os.fspath(text).encode()
    if b"\0" in encoded:
        # C would take what stands before it for all of it.
        raise ValueError("a text has a NUL character")
    return encoded


class Node:
    """A node that runs until it is closed. It logs in by itself, and an event tells when it has.

    What is left out is what the home remembers, or the default; see breeze_node_options. It may be used
    from any threads at once.
    """

    def __init__(self, home=None, server=None, user=None, name=None, code=None, mesh=None,
                 presence=None, listen=0):
        self._node = None
        self._calls = 0
        self._changed = threading.Condition()
        # Who takes events does so in turn: the buffer is one.
        self._turn = threading.Lock()
        options = _Options()
        _check(_library.breeze_node_options_default(options, ctypes.sizeof(options)))
        given = {"home": home, "server": server, "user": user, "name": name, "code": code,
                 "mesh": mesh, "presence": presence}
        for field, value in given.items():
            setattr(options, field, _text(value))
        options.listen = listen
        node, why = ctypes.c_void_p(), ctypes.create_string_buffer(2048)
        result = _library.breeze_node_start(options, node, why, len(why))
        if result != OK:
            raise Error(result, why.value.decode(errors="replace") or None)
        self._node = node
        self._buffer = ctypes.create_string_buffer(4096)

    def send(self, to, text, ref=None):
        """Sends a text; events about it carry `ref`."""
        with self._call() as node:
            _check(_library.breeze_node_send(node, _text(to), _text(text), _text(ref)))

    def command(self, **fields):
        """Gives a command, such as command(cmd="who")."""
        with self._call() as node:
            _check(_library.breeze_node_command(node, _text(json.dumps(fields))))

    def next_event(self, timeout=None):
        """Waits for the next event, up to `timeout` seconds if there is one.

        Returns None if none came, and raises Ended once none will."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = SLICE_MS if end is None else max(0, round((end - time.monotonic()) * 1000))
            with self._turn, self._call() as node:
                line = self._take(node, min(left, SLICE_MS))
            if line is not None:
                return json.loads(line)
            if left == 0:
                return None

    def _take(self, node, wait):
        length = ctypes.c_size_t()
        while True:
            buffer = self._buffer
            result = _library.breeze_node_next_event(node, wait, buffer, len(buffer), length)
            if result == TIMED_OUT:
                return None
            if result != BUFFER_TOO_SMALL:
                _check(result)
                return buffer.raw[: length.value]
            self._buffer = ctypes.create_string_buffer(length.value + 1)

    def fileno(self):
        """Returns what a selector can wait for: readable while an event waits, or is about to come."""
        fd = ctypes.c_int()
        try:
            with self._call() as node:
                _check(_library.breeze_node_fd(node, fd))
        except Ended as ended:
            # As files do; selectors rely on that.
            raise ValueError(str(ended)) from None
        return fd.value

    def stop(self):
        """Ends the node in good order; events come until it has ended."""
        with self._call() as node:
            _check(_library.breeze_node_stop(node))

    def close(self):
        """Ends the node in good order and gives back what it took. Doing it twice is harmless."""
        with self._changed:
            node, self._node = self._node, None
            # Those of other threads end soon.
            self._changed.wait_for(lambda: self._calls == 0)
        if node is not None:
            _check(_library.breeze_node_free(node))

    @contextmanager
    def _call(self):
        """Keeps the node from being freed during a call."""
        with self._changed:
            node = self._node
            if node is None:
                raise Ended(ENDED)
            self._calls += 1
        try:
            yield node
        finally:
            with self._changed:
                self._calls -= 1
                self._changed.notify_all()

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.next_event()
        except Ended:
            raise StopIteration from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        # There is nothing to close if it could not be started.
        if getattr(self, "_node", None) is not None:
            self.close()
