"""persist-queue with acknowledgements: `get` marks a row, `ack` ends it: two commits a job, as ours singly."""

import os

import roles
from persistqueue import Empty, SQLiteAckQueue


class Queue:
    def __init__(self, path, sync):
        self.queue = SQLiteAckQueue(os.path.dirname(path), db_file_name=os.path.basename(path), timeout=60)
        self.connection = self.queue._putter
        roles.align(self.connection, sync)

    def put(self, text):
        self.queue.put(text)

    def take(self):
        try:
            item = self.queue.get(block=False, raw=True)
        except Empty:
            return None
        self.queue.ack(id=item["pqid"])
        return item["data"]


if __name__ == "__main__":
    roles.play(Queue)
