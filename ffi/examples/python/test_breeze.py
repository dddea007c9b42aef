"""Tests of the module, at a real server: BREEZE_SERVER is the path of the program breeze-server.

    BREEZE_LIBRARY=…/libbreeze.so BREEZE_SERVER=…/breeze-server python3 -m unittest
"""

import asyncio
import os
import re
import selectors
import subprocess
import tempfile
import threading
import unittest

import breeze
from breeze import Ended, Error, Node

PATIENCE = 20


class Conversation(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="breeze-")
        self.addCleanup(self.folder.cleanup)
        program = [os.environ["BREEZE_SERVER"], "run", "--listen", "127.0.0.1:0", "--data"]
        self.server = subprocess.Popen(
            [*program, os.path.join(self.folder.name, "server")], stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        first = self.server.stdout.readline()
        self.address = re.search(r"listening on (\S+)", first).group(1)

    def node(self, user, **options):
        home = os.path.join(self.folder.name, user)
        node = Node(home=home, server=self.address, user=user, **options)
        self.addCleanup(node.close)
        return node

    def pair(self):
        """Starts two nodes that the server knows: nobody can write to others."""
        nodes = self.node("alice"), self.node("bob")
        for node in nodes:
            self.wait(node, event="ready")
        return nodes

    def wait(self, node, **fields):
        """Waits for an event with these fields."""
        while True:
            event = node.next_event(PATIENCE)
            self.assertIsNotNone(event, f"no event has {fields}")
            if all(event.get(name) == value for name, value in fields.items()):
                return event

    def test_two_nodes_talk(self):
        alice, bob = self.node("alice"), self.node("bob", name="鲍勃")
        self.wait(alice, event="path", user="bob", path="direct")
        alice.send("bob", "你好", ref="1")
        message = self.wait(bob, event="message")
        self.assertEqual((message["from"], message["text"]), ("alice", "你好"))
        self.wait(alice, event="state", ref="1", state="delivered")
        alice.command(cmd="who")
        users = self.wait(alice, event="who")["users"]
        self.assertIn("bob", [user["user"] for user in users])
        bob.stop()
        self.assertRaises(Ended, bob.send, "alice", "too late")
        for _ in bob:
            pass
        self.assertRaises(Ended, bob.next_event)
        self.wait(alice, event="presence", user="bob", online=False)
        bob.close()
        # The home directory is free.
        self.wait(self.node("bob"), event="ready")

    def test_long_events_and_selectors(self):
        alice, bob = self.pair()
        text = "好" * 20000
        alice.send("bob", text)
        with selectors.DefaultSelector() as selector:
            selector.register(bob, selectors.EVENT_READ)
            while True:
                self.assertTrue(selector.select(PATIENCE))
                event = bob.next_event(timeout=0)
                if event is not None and event["event"] == "message":
                    break
        self.assertEqual(event["text"], text)

    def test_threads_share_a_node(self):
        alice, bob = self.pair()

        def send(who):
            for count in range(10):
                alice.send("bob", f"{who} {count}")

        threads = [threading.Thread(target=send, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        texts = [self.wait(bob, event="message")["text"] for _ in range(40)]
        for who in range(4):
            own = [text for text in texts if text.startswith(f"{who} ")]
            self.assertEqual(own, [f"{who} {count}" for count in range(10)])

    def test_asyncio_waits_for_events(self):
        alice, bob = self.pair()

        async def hear():
            loop = asyncio.get_running_loop()
            heard = loop.create_future()

            def take():
                event = bob.next_event(timeout=0)
                if event is not None and event["event"] == "message":
                    heard.set_result(event["text"])
                    loop.remove_reader(bob)

            loop.add_reader(bob, take)
            alice.send("bob", "for asyncio")
            return await asyncio.wait_for(heard, PATIENCE)

        self.assertEqual(asyncio.run(hear()), "for asyncio")

    def test_closing_lets_go_of_whoever_waits(self):
        node = self.node("alice")
        waiters = [threading.Thread(target=lambda: list(node)) for _ in range(3)]
        for waiter in waiters:
            waiter.start()
        node.close()
        for waiter in waiters:
            waiter.join(PATIENCE)
            self.assertFalse(waiter.is_alive())

    def test_what_is_wrong_is_said(self):
        with self.assertRaisesRegex(Error, "only lower-case letters") as refused:
            self.node("Alice")
        self.assertEqual(refused.exception.code, breeze.NOT_STARTED)
        with self.assertRaisesRegex(Error, "not one of eager, on-demand, off"):
            self.node("alice", mesh="sometimes")
        alice = self.node("alice")
        with self.assertRaisesRegex(Error, "runs a node with home directory"):
            self.node("alice")
        with self.assertRaises(Error) as refused:
            alice.command(cmd="dance")
        self.assertEqual(refused.exception.code, breeze.BAD_COMMAND)
        self.assertRaisesRegex(ValueError, "NUL", alice.send, "bob", "not all\0of it")
        alice.close()
        alice.close()
        self.assertRaises(Ended, alice.send, "bob", "hi")
        self.assertRaises(ValueError, alice.fileno)


if __name__ == "__main__":
    unittest.main()
