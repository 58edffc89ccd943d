"""litequeue: `pop` marks a message as locked, `done` ends it: two commits a job, as ours singly."""

import roles
from litequeue import LiteQueue


class Queue:
    def __init__(self, path, sync):
        self.queue = LiteQueue(path, timeout=60)
        self.connection = self.queue.conn
        # litequeue sets NORMAL whenever it opens a database.
        roles.align(self.connection, sync)

    def put(self, text):
        self.queue.put(text)

    def take(self):
        message = self.queue.pop()
        if message is None:
            return None
        self.queue.done(message.message_id)
        return message.data


if __name__ == "__main__":
    roles.play(Queue)
