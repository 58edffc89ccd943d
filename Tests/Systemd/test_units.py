#!/usr/bin/env python3
"""The service as an operator has it: installed, on a real systemd, started, scaled, killed, hung, restarted under load,
backed up, restored on an empty machine, given a schema that it refuses, and uninstalled.

Runs as root inside the machine that scripts/with-systemd boots; scripts/test-units calls it. The only argument is the
folder in which scripts/install has put everything for it. It changes the machine that it runs on: never run it
elsewhere.
"""

import http.client
import os
import pathlib
import re
import shutil
import stat
import sys
import threading
import time

from machine import (DATABASE, STATE, WORKERS, answer_json, ask, check, digest, eventually, helicarrier, is_active,
                     journal, main_process, must, prop, replaced, run, sql)

CLONE = pathlib.Path(__file__).resolve().parents[2]
# Where every user can read them.
SAMPLES = pathlib.Path("/srv/samples")
WEEK = [str(SAMPLES / file.name) for file in sorted((CLONE / "samples/hub-week").glob("*.json.gz"))]
FIRST = [f"helicarrier-{name}@1.service" for name in WORKERS]
ANSWERS = ("/api/v4/snapshot", "/api/v4/models?limit=50", "/api/v4/models?limit=50&sort=-likes", "/api/v4/families",
           "/api/v4/anomalies", "/api/snapshot", "/api/v4/export?format=csv", "/api/v4/events?limit=20")
# Long enough for a machine that does other things too, short enough for a test.
WATCHDOG = 4


def install(stage: pathlib.Path) -> None:
    """What a package does: files, then user and folders."""
    must("cp", "-a", f"{stage}/.", "/")
    must("systemd-sysusers", "/usr/local/lib/sysusers.d/helicarrier.conf")
    must("systemd-tmpfiles", "--create", "/usr/local/lib/tmpfiles.d/helicarrier.conf")
    SAMPLES.mkdir(parents=True)
    for file in (CLONE / "samples/hub-week").glob("*.json.gz"):
        shutil.copy(file, SAMPLES)
        (SAMPLES / file.name).chmod(0o644)
    # Whole weeks of recordings, no Hub, and models that are in the recordings.
    for file in (CLONE / "samples/config").glob("*.json"):
        shutil.copy(file, "/etc/helicarrier/")
    with open("/etc/helicarrier/helicarrier.env", "a", encoding="utf-8") as settings:
        settings.write("HELICARRIER_HUB_URL=off\nHELICARRIER_REFRESH=off\n")
    os.makedirs("/etc/credstore", mode=0o700, exist_ok=True)
    pathlib.Path("/etc/credstore/helicarrier-secret").write_text("a secret of the operator\n", encoding="utf-8")
    folder = pathlib.Path("/etc/systemd/system/helicarrier-.service.d")
    folder.mkdir(parents=True)
    (folder / "90-test.conf").write_text(f"[Service]\nWatchdogSec={WATCHDOG}s\n", encoding="utf-8")
    must("systemctl", "daemon-reload")


def units_are_right() -> None:
    names = sorted(file.name for file in pathlib.Path("/usr/local/lib/systemd/system").glob("helicarrier*.*")
                   if file.is_file())
    check(len(names) >= 13, "the units are installed", names)
    said = run("systemd-analyze", "verify", "--man=no",
               *[name.replace("@.", "@1.") for name in names if not name.endswith(".conf")])
    check(said.stdout + said.stderr == "", "systemd-analyze verify prints nothing", said.stdout + said.stderr)
    limits = {"api": 1.5, "fetcher@1": 1.5, "notifier@1": 1.5, "normalizer@1": 0.5, "scorer@1": 0.5, "migrate": 0.5,
              "backup": 0.5, "maintenance": 0.5}
    for name, limit in limits.items():
        text = run("systemd-analyze", "security", "--no-pager", f"helicarrier-{name}.service").stdout
        level = re.search(r"exposure level for \S+: ([0-9.]+)", text)
        found = float(level[1]) if level else 10
        check(found <= limit, f"exposure of helicarrier-{name}: {found} (at most {limit})", text[-300:])
    libraries = run("ldd", "/usr/local/lib/helicarrier/api").stdout
    check("libswift" not in libraries and "not found" not in libraries, "the executables need no Swift", libraries)


def everything_starts() -> None:
    must("systemctl", "start", "helicarrier-api.socket")
    check(not is_active("helicarrier-api.service"), "with the socket alone the api does not run")
    status, _ = ask("/livez")
    check(status == 200 and is_active("helicarrier-api.service"), "the first connection starts the api", status)
    begun = time.monotonic()
    must("systemctl", "start", "helicarrier.target")
    units = FIRST + ["helicarrier-api.socket", "helicarrier-api.service", "helicarrier-migrate.service",
                     "helicarrier-backup.timer", "helicarrier-maintenance.timer"]
    for unit in units:
        check(eventually(lambda unit=unit: is_active(unit)), f"{unit} is active",
              run("systemctl", "status", "--no-pager", unit).stdout[-600:])
    print(f"      all units within {time.monotonic() - begun:.1f} s")
    check(eventually(lambda: ask("/readyz")[0] == 200), "/readyz answers 200 through the socket", ask("/readyz"))
    for unit in FIRST:
        check("waits for jobs" in prop(unit, "StatusText"), f"{unit} says what it does", prop(unit, "StatusText"))
    timers = must("systemctl", "list-timers", "--no-pager", "--no-legend")
    check("helicarrier-backup" in timers and "helicarrier-maintenance" in timers, "both timers wait", timers)


def samples_load() -> None:
    done = helicarrier("import", "hub", "--wait", *WEEK)
    check(done.returncode == 0, "the recorded week loads", done.stdout + done.stderr)
    newest = "hub-" + pathlib.Path(WEEK[-1]).name.removesuffix(".json.gz").replace("-", "").removesuffix("Z")
    found = eventually(lambda: answer_json("/api/v4/snapshot").get("snapshot", {}).get("id", "").startswith(newest)
                       or newest in ask("/api/v4/snapshot")[1].decode())
    check(found, "the api serves the newest snapshot", ask("/api/v4/snapshot")[1][:200])
    status, page = ask("/")
    check(status == 200 and b"<table" in page and len(page) > 20_000, "the leaderboard is served", (status, len(page)))
    check("hub" in prop("helicarrier-api.service", "StatusText"), "the api says what it serves",
          prop("helicarrier-api.service", "StatusText"))


def nothing_runs_as_root() -> None:
    user = int(must("id", "-u", "helicarrier"))
    for unit in FIRST + ["helicarrier-api.service"]:
        status = pathlib.Path(f"/proc/{main_process(unit)}/status").read_text(encoding="utf-8")
        ids = re.search(r"^Uid:\s+(.*)$", status, re.M)[1].split()
        powers = re.findall(r"^Cap(?:Prm|Eff|Bnd|Amb):\s+(\w+)$", status, re.M)
        check(set(ids) == {str(user)}, f"{unit} runs as helicarrier", ids)
        check({int(power, 16) for power in powers} == {0}, f"{unit} has no capability", powers)
    files = sorted(STATE.glob("helicarrier.sqlite*"))
    check(len(files) >= 4, "the database has its files", files)
    for file in files:
        facts = file.stat()
        expected = 0o700 if file.is_dir() else 0o600
        check(stat.S_IMODE(facts.st_mode) == expected and facts.st_uid == user,
              f"{file.name} is its user's alone", (oct(facts.st_mode), facts.st_uid))
    check(stat.S_IMODE(STATE.stat().st_mode) == 0o750, "so is the folder, but for its group", oct(STATE.stat().st_mode))


# Tried, not asked: what a mount or a namespace forbids, access(2) does not always tell.
PROBE = """
import os
found = []
for base, folders, _ in os.walk("/", followlinks=False):
    if base == "/":
        folders[:] = [name for name in folders if name not in ("proc", "sys")]
    name = os.path.join(base, f".probe-{os.getpid()}")
    try:
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        os.unlink(name)
        found.append(base)
    except OSError:
        pass
print("\\n".join(found))
"""


def daemons_write_nowhere_else() -> None:
    for unit in FIRST + ["helicarrier-api.service"]:
        as_user = ("setpriv", "--reuid=helicarrier", "--regid=helicarrier", "--clear-groups", "--no-new-privs")
        places = must("nsenter", "-t", str(main_process(unit)), "-m", "--", *as_user, "/usr/bin/python3", "-c",
                      PROBE).split()
        elsewhere = [place for place in places if not (place + "/").startswith(f"{STATE}/")]
        check(str(STATE) in places and not elsewhere, f"{unit} can write below {STATE} and nowhere else", elsewhere)


def secrets_come_as_credentials() -> None:
    secret = {"x-secret-key": "a secret of the operator"}
    open_, shut = ask("/api/v4/webhooks", secret)[0], ask("/api/v4/webhooks", {"x-secret-key": "another"})[0]
    check((open_, shut) == (200, 401), "the api knows HELICARRIER_SECRET from its credential", (open_, shut))
    environment = pathlib.Path(f"/proc/{main_process('helicarrier-api.service')}/environ").read_bytes()
    check(b"a secret of" not in environment, "and it does not stand in its environment")


def backlog_of(feeds: range) -> int:
    """Gives the normalizers work: as many recorded listings as feeds times the files of the week."""
    for feed in feeds:
        done = helicarrier("import", "hub", "--feed", f"feed-{feed}", *WEEK)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
    return len(feeds) * len(WEEK)


def waiting() -> int:
    states = "('ready', 'scheduled', 'running')"
    return int(sql(f"SELECT count(*) FROM job WHERE stage = 'normalize' AND state IN {states}")[0])


def drained(limit: float = 120) -> bool:
    left = "SELECT count(*) FROM job WHERE state IN ('ready', 'scheduled', 'running')"
    return bool(eventually(lambda: int(sql(left)[0]) == 0, limit, 0.2))


def is_whole(feeds: range) -> None:
    counts = sql("SELECT count(*) FROM snapshot JOIN feed ON feed.id = feed_id WHERE name IN ("
                 + ", ".join(f"'feed-{feed}'" for feed in feeds) + ") GROUP BY feed_id")
    check(counts == [str(len(WEEK))] * len(feeds), "every listing became one snapshot, and none became two", counts)
    dead = sql("SELECT kind, error_message FROM job WHERE state = 'dead'")
    check(not dead, "no job is dead", dead)


def stages_scale_and_survive() -> None:
    feeds = range(10)
    must("systemctl", "stop", "helicarrier-normalizer@1.service")
    before = int(sql("SELECT coalesce(max(id), 0) FROM job")[0])
    jobs = backlog_of(feeds)
    check(waiting() >= jobs, f"{jobs} listings wait while no normalizer runs", waiting())
    more = [f"helicarrier-normalizer@{number}.service" for number in (2, 3, 4)]
    must("systemctl", "start", "helicarrier-normalizer@1.service", *more)
    workers = f"SELECT count(DISTINCT worker) FROM job WHERE stage = 'normalize' AND id > {before} AND state = 'done'"
    check(eventually(lambda: int(sql(workers)[0]) >= 4, 30, 0.1), "four normalizers share the backlog", sql(workers))
    # One is killed while it works.
    old = main_process("helicarrier-normalizer@1.service")
    took = replaced_after("KILL", "helicarrier-normalizer@1.service", 10)
    check(took is not None and took < 2, f"kill -9: active again in {took or 99:.2f} s", old)
    # Three are stopped while they work: what they had begun is the others' again, at once and without an attempt.
    left = waiting()
    begun = time.monotonic()
    numbers = [main_process(unit) for unit in more]
    must("systemctl", "stop", *more)
    took = time.monotonic() - begun
    check(took < 15 and all(prop(unit, "Result") == "success" for unit in more),
          f"three stop within {took:.1f} s, while {left} jobs wait", [prop(unit, "Result") for unit in more])
    held = sql("SELECT worker FROM job WHERE state = 'running'")
    check(not any(f"-{number}-" in worker for worker in held for number in numbers), "they hold no job any more", held)
    check(drained(), "the backlog drains", waiting())
    is_whole(feeds)
    fields = journal("-u", "helicarrier-normalizer@1.service", "JOB_KIND=normalize-refresh", "-n", "1")
    check(fields and fields[0].get("STAGE") == "normalize" and fields[0].get("JOB_ID", "").isdigit()
          and re.fullmatch("[0-9a-f]{32}", fields[0].get("TRACE_ID", "")), "the journal has stage, job and trace",
          {name: value for name, value in fields[0].items() if not name.startswith("_")} if fields else "no line")


def replaced_after(signal: str, unit: str, limit: float):
    old = main_process(unit)
    must("systemctl", "kill", f"--signal={signal}", "--kill-whom=main", unit)
    return replaced(unit, old, limit)


def what_hangs_is_replaced() -> None:
    for unit in ("helicarrier-normalizer@1.service", "helicarrier-api.service"):
        took = replaced_after("STOP", unit, 4 * WATCHDOG + 10)
        check(took is not None, f"{unit} hangs and is replaced after {took or 0:.1f} s")
        said = must("journalctl", "-u", unit, "--no-pager", "-o", "cat", "-n", "40")
        check("Watchdog timeout" in said, "by the watchdog", said[-400:])
    check(eventually(lambda: ask("/readyz")[0] == 200), "the api is ready again", ask("/readyz"))


class Load:
    """Clients that ask without a pause: some with a connection for each request, some that keep theirs."""

    def __init__(self) -> None:
        self.served = 0
        self.faults: list[str] = []
        self.ends = threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.ask_again_and_again, args=(keeps,)) for keeps in [True, False] * 4]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.ends.set()
        for thread in self.threads:
            thread.join()

    def ask_again_and_again(self, keeps: bool) -> None:
        connection, uses = None, 0
        while not self.ends.is_set():
            try:
                if connection is None:
                    connection, uses = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30), 0
                connection.request("GET", "/api/v4/models?limit=5", headers={} if keeps else {"Connection": "close"})
                answer = connection.getresponse()
                body = answer.read()
                uses += 1
                with self.lock:
                    self.served += 1
                    if answer.status != 200:
                        self.faults.append(f"{answer.status} {body[:120]!r}")
                if not keeps or answer.will_close:
                    connection.close()
                    connection = None
            except OSError as error:
                self.lost(error, uses)
                connection = None
            except http.client.HTTPException as error:
                self.lost(error, uses)
                connection = None

    def lost(self, error: Exception, uses: int) -> None:
        """A server may end a connection that has served; every client then asks once more, on a new one."""
        if uses == 0:
            with self.lock:
                self.faults.append(repr(error))


def the_api_restarts_under_load() -> None:
    with Load() as load:
        eventually(lambda: load.served > 200)
        for _ in range(4):
            old, before = main_process("helicarrier-api.service"), load.served
            must("systemctl", "restart", "helicarrier-api.service")
            check(main_process("helicarrier-api.service") != old, "the api is restarted")
            eventually(lambda before=before: load.served > before + 200)
        # As docs/operations.md says for an upgrade: the schema, the workers and the api, in the order of the units.
        before = load.served
        done = run("systemctl", "restart", "helicarrier-migrate.service", "helicarrier-api.service",
                   "helicarrier-*@*.service")
        check(done.returncode == 0, "everything is restarted as for an upgrade", done.stderr)
        eventually(lambda: load.served > before + 200)
    check(not load.faults, f"of {load.served} requests across five restarts none was refused and none failed",
          load.faults[:5])
    check(all(eventually(lambda unit=unit: is_active(unit)) for unit in FIRST), "all workers are back")


def a_backup_is_made_and_restored() -> None:
    with Load() as load:
        done = threading.Thread(target=backlog_of, args=(range(20, 23),))
        done.start()
        status = run("systemctl", "start", "helicarrier-backup.service")
        check(status.returncode == 0, "a backup is made under load",
              run("journalctl", "-u", "helicarrier-backup", "--no-pager", "-n", "5").stdout)
        done.join()
    check(not load.faults, f"while {load.served} requests were answered", load.faults[:3])
    backups = sorted((STATE / "backups").glob("helicarrier-*.sqlite.zst"))
    check(len(backups) == 1 and stat.S_IMODE(backups[0].stat().st_mode) == 0o600, "it is its user's alone", backups)
    check(answer_json("/api/v4/health")["storage"]["lastBackup"], "health knows it", ask("/api/v4/health")[1])
    metric = re.search(rb"^helicarrier_backup_age_seconds ([0-9.]+)$", ask("/metrics")[1], re.M)
    check(metric and float(metric[1]) < 120, "and so do the metrics", metric)
    refused = helicarrier("restore", "--replace", str(backups[0]))
    check(refused.returncode == 1 and "in use" in refused.stderr, "it is not restored over a live database",
          refused.stderr)
    drained()
    before = {path: digest(path) for path in ANSWERS}
    kept = pathlib.Path("/srv/kept.sqlite.zst")
    shutil.copy(backups[0], kept)

    # An empty machine: nothing of the old one but the file.
    must("systemctl", "stop", "helicarrier.target")
    left = [unit for unit in FIRST + ["helicarrier-api.service", "helicarrier-migrate.service"]
            if prop(unit, "ActiveState") != "inactive"]
    check(not left, "once the target has stopped, everything has", left)
    check(eventually(lambda: not is_active("helicarrier-api.socket")), "the address is given back, too")
    shutil.rmtree(STATE)
    must("systemd-tmpfiles", "--create", "/usr/local/lib/tmpfiles.d/helicarrier.conf")
    file = STATE / "kept.sqlite.zst"
    damaged = STATE / "damaged.sqlite.zst"
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    for path, body in ((file, kept.read_bytes()), (damaged, bytes(content))):
        path.write_bytes(body)
        shutil.chown(path, "helicarrier", "helicarrier")
    refused = helicarrier("restore", str(damaged))
    check(refused.returncode == 1 and "is refused" in refused.stderr and not DATABASE.exists(),
          "a damaged backup is refused, and leaves nothing", refused.stdout + refused.stderr)
    done = helicarrier("restore", str(file))
    check(done.returncode == 0, "the backup is restored", done.stdout + done.stderr)
    must("systemctl", "start", "helicarrier.target")
    check(eventually(lambda: ask("/readyz")[0] == 200), "and the service starts on it", ask("/readyz?verbose"))
    check(drained(), "what waited in it is done")
    for path in ANSWERS:
        eventually(lambda path=path: digest(path) == before[path], 20, 0.2)
        check(digest(path) == before[path], f"{path} answers as before", (before[path], digest(path)))
    is_whole(range(10))
    done = run("systemctl", "start", "helicarrier-backup.service", "helicarrier-maintenance.service")
    check(done.returncode == 0, "backup and maintenance run by their units",
          run("journalctl", "-u", "helicarrier-maintenance", "--no-pager", "-n", "30", "-o", "cat").stdout)


def a_failed_migration_is_told() -> None:
    must("systemctl", "stop", "helicarrier.target")
    # The newest step is to be taken again on what it has made, which fails.
    must("runuser", "-u", "helicarrier", "--", "sqlite3", str(DATABASE),
         "DELETE FROM schema_migration WHERE version = (SELECT max(version) FROM schema_migration)")
    run("systemctl", "start", "helicarrier.target")
    eventually(lambda: all(prop(unit, "ActiveState") == "failed" for unit in FIRST + ["helicarrier-migrate.service"]))
    told = run("systemctl", "status", "--no-pager", "helicarrier-migrate.service").stdout
    check("failed and nothing was changed" in told, "systemctl status tells why the migration failed", told)
    for unit in FIRST:
        told = run("systemctl", "status", "--no-pager", unit).stdout
        check(prop(unit, "ActiveState") == "failed" and "this binary needs" in told,
              f"{unit} fails and systemctl status tells why", told[-500:])
    time.sleep(2)
    counts = [prop(unit, "NRestarts") for unit in FIRST]
    check(set(counts) == {"0"}, "none of them is started again", counts)
    status, body = ask("/readyz")
    check(status == 503 and b"this binary needs" in body, "/readyz answers 503 and tells why", (status, body))
    check(ask("/livez")[0] == 200 and prop("helicarrier-api.service", "NRestarts") == "0", "/livez answers 200")
    before = sorted((STATE / "backups").glob("before-schema-*.sqlite.zst"))
    check(len(before) == 1, "there is a backup of before the migration", before)
    doctor = helicarrier("doctor")
    check(doctor.returncode == 1 and "helicarrier-normalizer@1.service has failed" in doctor.stdout,
          "doctor names the units that failed", doctor.stdout)
    # The way back: the executables of before, which here are the same, and the backup.
    must("systemctl", "stop", "helicarrier.target")
    newest = sorted((STATE / "backups").glob("helicarrier-*.sqlite.zst"))[-1]
    done = helicarrier("restore", "--replace", str(newest))
    check(done.returncode == 0, "the last good backup takes the database's place", done.stderr)
    must("systemctl", "reset-failed")
    must("systemctl", "start", "helicarrier.target")
    check(eventually(lambda: ask("/readyz")[0] == 200), "and the service is ready again", ask("/readyz?verbose"))
    check(all(eventually(lambda unit=unit: is_active(unit)) for unit in FIRST), "with all its units")


def an_older_release_refuses_a_newer_schema() -> None:
    must("systemctl", "stop", "helicarrier.target")
    must("runuser", "-u", "helicarrier", "--", "sqlite3", str(DATABASE),
         "INSERT INTO schema_migration VALUES (999, 'of_a_later_release', 0)")
    run("systemctl", "start", "helicarrier.target")
    eventually(lambda: all(prop(unit, "ActiveState") == "failed" for unit in FIRST))
    told = run("systemctl", "status", "--no-pager", FIRST[1]).stdout
    check("install the newer release" in told and prop(FIRST[1], "NRestarts") == "0",
          "an older release refuses a newer schema, once", told[-500:])
    must("systemctl", "stop", "helicarrier.target")
    must("runuser", "-u", "helicarrier", "--", "sqlite3", str(DATABASE),
         "DELETE FROM schema_migration WHERE version = 999")
    must("systemctl", "reset-failed")
    must("systemctl", "start", "helicarrier.target")
    check(eventually(lambda: ask("/readyz")[0] == 200), "and works with its own again", ask("/readyz?verbose"))


def a_release_is_rolled_back() -> None:
    library = pathlib.Path("/usr/local/lib/helicarrier")
    shutil.rmtree(f"{library}.previous", ignore_errors=True)
    shutil.copytree(library, f"{library}.previous")
    (pathlib.Path(f"{library}.previous") / "it-was-me").touch()
    refused = run(str(CLONE / "scripts/install"), "--rollback")
    check(refused.returncode == 1 and "the service runs" in refused.stderr, "no release is exchanged while it runs",
          refused.stdout + refused.stderr)
    must("systemctl", "stop", "helicarrier.target")
    done = run(str(CLONE / "scripts/install"), "--rollback")
    check(done.returncode == 0 and (library / "it-was-me").exists() and "is in place again" in done.stdout,
          "the release of before is in place again", done.stdout + done.stderr)
    must("systemctl", "start", "helicarrier.target")
    check(eventually(lambda: ask("/readyz")[0] == 200), "and works", ask("/readyz?verbose"))


def it_goes_and_leaves_the_data() -> None:
    done = run(str(CLONE / "scripts/uninstall"))
    check(done.returncode == 0, "it is uninstalled", done.stdout + done.stderr)
    left = [str(file) for place in ("lib/helicarrier", "bin/helicarrier", "lib/systemd/system", "lib/sysusers.d")
            for file in [pathlib.Path("/usr/local") / place] if list(file.parent.glob(f"{file.name}/helicarrier*"))
            or (file.name.startswith("helicarrier") and file.exists())]
    check(not left, "executables and units are gone", left)
    check(not run("systemctl", "list-units", "--no-legend", "helicarrier*").stdout.strip(), "nothing of it runs",
          run("systemctl", "list-units", "--no-legend", "helicarrier*").stdout)
    check(DATABASE.exists() and pathlib.Path("/etc/helicarrier/helicarrier.env").exists(),
          "the data and the settings are still there")
    check(sql("PRAGMA integrity_check") == ["ok"], "and whole")


def main() -> None:
    install(pathlib.Path(sys.argv[1]))
    for part in (units_are_right, everything_starts, samples_load, nothing_runs_as_root, daemons_write_nowhere_else,
                 secrets_come_as_credentials, stages_scale_and_survive, what_hangs_is_replaced,
                 the_api_restarts_under_load, a_backup_is_made_and_restored, a_failed_migration_is_told,
                 an_older_release_refuses_a_newer_schema, a_release_is_rolled_back, it_goes_and_leaves_the_data):
        print(f"-- {part.__name__.replace('_', ' ')}")
        part()
    print(f"{check.passed} of {check.passed + check.failed} checks passed")
    sys.exit(1 if check.failed else 0)


if __name__ == "__main__":
    main()
