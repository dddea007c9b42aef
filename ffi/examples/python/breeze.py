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

ABI_VERSION = 1
OK, BUFFER_TOO_SMALL, BAD_COMMAND, FULL, NOT_STARTED, TIMED_OUT, ENDED = 0, 12, 13, 100, 300, 301, 302
NEVER = 2**64 - 1


class Error(Exception):
    """A call was refused; `code` is a breeze_result."""

    def __init__(self, code, text=None):
        super().__init__(text or _library.breeze_result_text(code).decode())
        self.code = code


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
        raise Error(code)


class Node:
    """A node that runs until it is closed. It logs in by itself, and an event tells when it has.

    What is left out is what the home remembers, or the default; see breeze_node_options.
    """

    def __init__(self, home=None, server=None, user=None, name=None, code=None, mesh=None,
                 presence=None, listen=0):
        self._node = None
        options = _Options()
        _check(_library.breeze_node_options_default(options, ctypes.sizeof(options)))
        given = {"home": home, "server": server, "user": user, "name": name, "code": code,
                 "mesh": mesh, "presence": presence}
        for field, value in given.items():
            setattr(options, field, None if value is None else os.fspath(value).encode())
        options.listen = listen
        node, why = ctypes.c_void_p(), ctypes.create_string_buffer(2048)
        result = _library.breeze_node_start(options, node, why, len(why))
        if result != OK:
            raise Error(result, why.value.decode(errors="replace") or None)
        self._node = node
        self._buffer = ctypes.create_string_buffer(4096)

    def send(self, to, text, ref=None):
        """Sends a text; events about it carry `ref`."""
        reference = None if ref is None else ref.encode()
        _check(_library.breeze_node_send(self._open(), to.encode(), text.encode(), reference))

    def command(self, **fields):
        """Gives a command, such as command(cmd="who")."""
        _check(_library.breeze_node_command(self._open(), json.dumps(fields).encode()))

    def next_event(self, timeout=None):
        """Waits for the next event, up to `timeout` seconds if there is one.

        Returns None if none came, and raises StopIteration once none will."""
        wait = NEVER if timeout is None else max(0, int(timeout * 1000))
        length = ctypes.c_size_t()
        while True:
            buffer = self._buffer
            result = _library.breeze_node_next_event(
                self._open(), wait, buffer, len(buffer), length
            )
            if result == OK:
                return json.loads(buffer.raw[: length.value])
            if result == TIMED_OUT:
                return None
            if result == ENDED:
                raise StopIteration
            if result != BUFFER_TOO_SMALL:
                raise Error(result)
            self._buffer = ctypes.create_string_buffer(length.value + 1)

    def fileno(self):
        """Returns what a selector can wait for: readable while an event waits, or is about to come."""
        fd = ctypes.c_int()
        _check(_library.breeze_node_fd(self._open(), fd))
        return fd.value

    def stop(self):
        """Ends the node in good order; events come until it has ended."""
        _check(_library.breeze_node_stop(self._open()))

    def close(self):
        """Ends the node in good order and gives back what it took. Doing it twice is harmless."""
        node, self._node = self._node, None
        if node is not None:
            _check(_library.breeze_node_free(node))

    def _open(self):
        if self._node is None:
            raise ValueError("the node is closed")
        return self._node

    def __iter__(self):
        return self

    def __next__(self):
        return self.next_event()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()
