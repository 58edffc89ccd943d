"""huey on SQLite: a task that does nothing, put and taken through huey's own interface.

huey deletes a job when it hands it out, and has no acknowledgement: one commit a job, where the others have two.
"""

import roles
from huey import SqliteHuey


class Queue:
    def __init__(self, path, sync):
        self.huey = SqliteHuey(filename=path, timeout=60, results=False)
        self.connection = self.huey.storage.conn
        roles.align(self.connection, sync)
        self.task = self.huey.task()(no_work)

    def put(self, text):
        self.task(text)

    def take(self):
        task = self.huey.dequeue()
        if task is None:
            return None
        self.huey.execute(task)
        return task.args[0]


def no_work(text):
    """Gives nothing back, so that huey stores no result."""


if __name__ == "__main__":
    roles.play(Queue)
