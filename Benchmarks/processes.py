"""Starts the processes of a measurement together and collects what each answers."""

import json
import subprocess


class Failed(Exception):
    """A process of a measurement ended otherwise than it should."""


def play(commands):
    """All open their databases first; then they begin at once. Answers one object for each command."""
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for command in commands
    ]
    try:
        for process, command in zip(running, commands):
            if process.stdout.readline() != "ready\n":
                raise Failed(f"{command} did not get ready")
        for process in running:
            process.stdin.write("\n")
            process.stdin.flush()
        answers = []
        for process, command in zip(running, commands):
            text = process.stdout.read()
            if process.wait() != 0:
                raise Failed(f"{command} ended with status {process.returncode}")
            answers.append(json.loads(text))
        return answers
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
            process.stdin.close()
            process.stdout.close()
            process.wait()


def ask(command):
    """One process that answers at once."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.removeprefix("ready\n"))


def seconds(answers):
    """From the first start to the last end."""
    return (max(answer["ended"] for answer in answers) - min(answer["started"] for answer in answers)) / 1e6
