"""HAProxy reloaded under traffic: pairs, what a reload says of itself, and who noticed it."""

import contextlib
import json
import pathlib
import re
import shlex
import threading

from daemons import HAPROXY, ask, wait_until
from group import Group
from lab import Lab
from network import now
from probing import failed
from releases import GROUP, Roles, unmoved

QUICK = {"debounce": "300ms", "min_interval": "0s", "probation": "1s"}
SETTINGS = "stats maxconn 64"


def reload_table(**settings):
    """[haproxy.reload] with short times."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in {**QUICK, **settings}.items()]
    return "\n[haproxy.reload]\n" + "\n".join(lines) + "\n"


def haproxy_of(tree):
    """The command that runs it from here, with the libraries of its release and no rights: haguard
    has given up those that a chroot takes."""
    if not tree:
        return [HAPROXY]
    tree = pathlib.Path(tree)
    loader = next(tree.glob("lib*/ld-linux-*.so.*"))
    libraries, = tree.glob("usr/lib/*-linux-gnu")
    return [loader, "--library-path", libraries, f"{tree}{HAPROXY}"]


def checker(node, tree):
    """What haguard runs for `haproxy -c`: the HAProxy of the release. While there is a file `hold`
    beside it, it does not begin."""
    script = node.directory / "haproxy-check"
    command = shlex.join(map(str, haproxy_of(tree)))
    script.write_text(f"#!/bin/sh\nwhile [ -e {node.directory}/hold ]; do sleep 0.02; done\n"
                      f'exec {command} "$@"\n')
    script.chmod(0o755)
    return script


def start_haguard(node, tree, **settings):
    script = checker(node, tree)
    return node.start_haguard(
        reload_table(**settings),
        edit=lambda text: text.replace("[haproxy]\n", f'[haproxy]\nbinary = "{script}"\n'))


class Traffic:
    """Two hundred requests a second, all the time."""

    def __init__(self, lab, **options):
        self.prober = lab.start_prober(**options)

    def failed(self, since):
        """Of those sent between then and now, once all of them have ended."""
        until = now()

        def ended():
            probes = self.prober.probes()
            wanted = {probe.n for probe in probes if probe.sent >= since}
            later = [probe.n for probe in probes if probe.sent > until]
            return later and wanted.issuperset(range(min(wanted), min(later)))
        wait_until(ended, what="the requests have ended", interval=0.05)
        return failed(self.prober.probes(), since, until)


@contextlib.contextmanager
def steady(lab, traffic, most=0, nodes=()):
    """Meanwhile the VIP stays, and no more than `most` requests fail."""
    since = now()
    with unmoved(lab, nodes):
        yield
    lost = traffic.failed(since)
    print(f"{len(lost)} requests failed, bound {most}")
    assert len(lost) <= most, lost[:5]


class Turn(Roles):
    """Both nodes are well, and have their first configuration again."""

    def __init__(self, lab, traffic):
        super().__init__(lab)
        self.traffic = traffic

    def steady(self, most=0):
        return steady(self.lab, self.traffic, most)


@contextlib.contextmanager
def reloading_pair(tree, **settings):
    """The lab and its traffic."""
    with Lab(Group(**GROUP)) as lab:
        for node in lab.nodes:
            node.start_haproxy(tree=tree)
            start_haguard(node, tree, **settings)
            if node is lab.node1:
                node.wait_active()
        lab.node2.wait_state("backup")
        yield lab, Traffic(lab)


def well_again(lab, traffic):
    """For the next test, whatever the last one left behind."""
    for node in lab.nodes:
        (node.directory / "hold").unlink(missing_ok=True)
        node.haproxy.configure(SETTINGS)
        if not node.haproxy.running():
            node.haproxy.start()
    wait_until(lambda: Turn(lab, traffic).settled(), what="the pair is well", interval=0.05)
    for node in lab.nodes:
        wait_until(lambda: status(node)["status"] == "running", what="HAProxy is known")
        reload(node)
        wait_until(lambda: status(node)["config_in_sync"] is True, what="the files run",
                   interval=0.05)
    return Turn(lab, traffic)


# ---- what haguard says


def status(node):
    """What is told of HAProxy; its client must succeed."""
    done = node.router.cli("proxy", "status", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def reload(node, *command):
    """A reload that must succeed, or another command; the steps it told."""
    done = node.router.cli("proxy", *(command or ("reload",)), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return [step["step"] for step in json.loads(done.stdout)["steps"]]


def refused(node, reason):
    """A reload that has to fail for a reason like this, in its last line and in the status."""
    done = node.router.cli("proxy", "reload")
    assert done.returncode == 1, done.stdout
    assert re.search(reason, done.stderr), done.stderr
    last = status(node)["last_reload"]
    assert (last["by"], last["result"]) == ("operator", "refused")
    assert re.search(reason, last["detail"]), last
    return done


def together(count, action):
    """The results of so many calls at once."""
    results = [None] * count

    def call(index):
        results[index] = action()
    threads = [threading.Thread(target=call, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def results(node):
    """How many reloads there were, by what came of them."""
    return {result: node.router.metric("haproxy_reloads_total", result=result)
            for result in ("ok", "refused", "failed", "stuck")}


@contextlib.contextmanager
def counted(node, **more):
    """Meanwhile the counters grow by so many."""
    before = results(node)
    yield
    after = results(node)
    assert {key: after[key] - before[key] for key in before} == {
        key: more.get(key, 0) for key in before}


# ---- what HAProxy says


def reloads(haproxy):
    """As its master counts them."""
    row = re.search(r"^\d+\s+master\s+(\d+)", ask(haproxy.master_socket, "show proc"), re.M)
    return int(row[1]) if row else None


def mark(node, word, sections=""):
    """A valid configuration on disk whose worker can be told from others."""
    node.haproxy.configure(f"{SETTINGS}\n    description {word}", sections)


def marked(node):
    """The mark of the worker that serves."""
    row = re.search(r"^description: (\S+)", ask(node.haproxy.admin_socket, "show info"), re.M)
    return row[1] if row else None


def wait_worker(node, before, timeout=15):
    """haguard knows a worker that is another one than `before`."""
    wait_until(lambda: node.haproxy.worker_pid() not in (None, before), timeout, "a new worker")
    wait_until(lambda: status(node)["worker_pid"] == node.haproxy.worker_pid(), timeout,
               "haguard knows the new worker", 0.05)
