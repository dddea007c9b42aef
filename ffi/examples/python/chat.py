"""chat.py HOME SERVER USER PEER [MESH]: what is typed goes to PEER, what happens is printed."""

import json
import selectors
import sys

from breeze import Ended, Node


def main(home, server, user, peer, mesh=None):
    node = Node(home=home, server=server, user=user, mesh=mesh)
    with node, selectors.DefaultSelector() as both:
        both.register(node, selectors.EVENT_READ)
        # Without a buffer of Python's, so that the selector sees all that is there.
        keyboard = open(0, "rb", buffering=0)
        both.register(keyboard, selectors.EVENT_READ)
        while True:
            for key, _ in both.select():
                if key.fileobj is node:
                    event = node.next_event(timeout=0)
                    if event is not None:
                        print(json.dumps(event, ensure_ascii=False), flush=True)
                    continue
                line = keyboard.readline()
                if not line:
                    return
                node.send(peer, line.decode().rstrip("\n"))


if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        sys.exit("usage: chat.py HOME SERVER USER PEER [MESH]")
    try:
        main(*sys.argv[1:])
    except Ended:
        pass  # An event has said why.
