"""Who may do what with the daemon, and what the daemon may do with the machine."""

import os
import pathlib
import signal
import subprocess

import pytest

from capabilities import as_mask, of_process, of_unit
from daemons import HAGUARD, Haguard, wait_until
from group import haguard_config
from test_managed import start_managed

# Of nobody, and in no file of this machine.
USER = 47110
ASKERS = 47111
ADMINS = 47112
NOBODY_LEFT = "haproxy]\nmode = \"none\"\n"


@pytest.fixture
def node(make_lab):
    lab = make_lab(interval=0.2)
    lab.directory.chmod(0o755)  # for other users
    return lab.node1


def start(node, *wrapper, edit=str):
    """A daemon without HAProxy. `wrapper`: the beginning of its command line."""
    text = haguard_config(node.lab.group, node.role, node.name, node.lab.node_addresses(),
                          node.directory).replace("haproxy]\n", NOBODY_LEFT)
    router = Haguard(node.lab.network, node.role, node.directory, edit(text))
    router.command = [*wrapper, *router.command]
    node.router = node.lab.own(router).start()
    return router


def as_user(*groups, primary=USER):
    """A command line that goes on as a user who is in these groups."""
    wanted = ["--groups", ",".join(map(str, groups))] if groups else ["--clear-groups"]
    return ["setpriv", "--reuid", str(USER), "--regid", str(primary), *wanted]


def haguard(node, who, *arguments):
    return subprocess.run([*who, HAGUARD, *arguments, "--config", node.router.config],
                          capture_output=True, text=True, timeout=30)


@pytest.fixture
def with_groups(node):
    """Active, on a machine that has the groups: `ip netns exec` made the mount namespace in which
    this file is seen."""
    groups = node.directory / "group"
    groups.write_text(pathlib.Path("/etc/group").read_text()
                      + f"haguard:x:{ASKERS}:\nhaguard-admin:x:{ADMINS}:\n")
    start(node, "sh", "-c", 'mount --bind "$0" /etc/group && exec "$@"', groups)
    node.wait_active()
    return node


def test_a_stranger_does_not_get_in(with_groups):
    socket = (with_groups.directory / "control.sock").stat()
    assert (socket.st_uid, socket.st_gid, socket.st_mode & 0o7777) == (0, ASKERS, 0o660)
    done = haguard(with_groups, as_user(), "status")
    assert done.returncode == 1
    assert "permission denied (root and group haguard may ask)" in done.stderr


def test_a_member_may_ask_and_change_nothing(with_groups):
    for question in (["status"], ["events"]):
        done = haguard(with_groups, as_user(ASKERS), *question)
        assert done.returncode == 0, done.stderr
    for change in (["drain", "--force"], ["undrain"], ["reload"], ["proxy", "reload"],
                   ["proxy", "rollback"]):
        done = haguard(with_groups, as_user(ASKERS), *change)
        assert done.returncode == 1, change
        assert ("only root, the daemon's user and members of the group haguard-admin may change "
                "something") in done.stderr, done.stderr
    assert with_groups.state() == "active"
    lines = with_groups.router.logged("control socket: refused")
    assert len(lines) == 1, "the rest comes with the next line, 10 s later"
    assert f'refused "drain" for uid {USER} (pid ' in lines[0].text


@pytest.mark.parametrize("who", [as_user(ASKERS, ADMINS), as_user(ASKERS, primary=ADMINS), []])
def test_an_admin_and_root_may_change_things(with_groups, who):
    done = haguard(with_groups, who, "drain", "--force")
    assert done.returncode == 0, done.stdout + done.stderr
    assert with_groups.router.status()["mode"] == "drained"
    with_groups.router.wait_log(rf'control socket: "drain" for uid {USER if who else 0} ')
    assert haguard(with_groups, who, "undrain").returncode == 0
    with_groups.wait_active()


# ---- capabilities

OURS = of_process()
UNIT = of_unit("haguard.service")
MANAGED = UNIT | of_unit("managed.conf")


def test_what_is_not_needed_is_given_up(node):
    text = "lock_memory = true\nrealtime_priority = 1\n"
    router = start(node, edit=lambda old: old.replace("lock_memory = false\n", text))
    node.wait_active()
    # SYS_NICE is for the start only.
    kept = as_mask(UNIT - {"SYS_NICE"})
    assert of_process(router.pid) == {"CapInh": OURS["CapInh"] & kept,
                                      "CapPrm": OURS["CapPrm"] & kept,
                                      "CapEff": OURS["CapEff"] & kept,
                                      "CapBnd": OURS["CapBnd"] & as_mask(UNIT), "CapAmb": 0}
    status = pathlib.Path(f"/proc/{router.pid}/status").read_text()
    assert int(status.partition("VmLck:")[2].split()[0]) > 0
    assert os.sched_getscheduler(router.pid) & 3 == os.SCHED_FIFO
    assert router.logged("capabilities|process\\.") == []


def test_the_environment_of_an_attached_haproxy_can_be_read(node):
    """It has more rights than the daemon keeps, and no service manager knows its environment."""
    router = start(node, edit=lambda text: text.replace(NOBODY_LEFT, "haproxy]\n"))
    wait_until(lambda: router.status(), what="an answer")
    assert of_process(router.pid)["CapEff"] == OURS["CapEff"] & as_mask(
        UNIT - {"SYS_NICE"} | {"SYS_PTRACE"})


def test_a_managed_haproxy_has_what_the_unit_gives_it(node):
    start_managed(node)
    node.wait_active()
    assert of_process(node.router.pid)["CapEff"] == OURS["CapEff"] & as_mask(UNIT - {"SYS_NICE"})
    haproxy = of_process(node.haproxy.pid)
    assert haproxy["CapEff"] == haproxy["CapBnd"] == OURS["CapBnd"] & as_mask(MANAGED)


@pytest.mark.skipif(not OURS["CapEff"] & as_mask({"SYS_RESOURCE"}),
                    reason="nobody here may protect a process: proc(5), oom_score_adj")
def test_a_program_does_not_inherit_the_protection_from_the_memory_killer(node):
    """OOMScoreAdjust= of the unit is for the daemon."""
    start_managed(node)
    node.wait_active()
    first = node.haproxy.pid
    pathlib.Path(f"/proc/{node.router.pid}/oom_score_adj").write_text("-500")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: node.haproxy.running() and node.haproxy.pid != first, what="HAProxy is back")
    assert pathlib.Path(f"/proc/{node.haproxy.pid}/oom_score_adj").read_text() == "0\n"


def test_without_root(node):
    """As in a container, with ambient capabilities."""
    wanted = "+net_admin,+net_raw"
    os.chown(node.directory, USER, USER)
    check = '\n[[check]]\nname = "other"\ntype = "exec"\ncommand = ["/bin/true"]\nuser = "daemon"\n'
    check += "weight = -1\n"
    router = start(node, *as_user(), "--pdeathsig", "KILL", "--inh-caps", wanted,
                   "--ambient-caps", wanted, edit=lambda text: text + check)
    node.wait_active()
    mask = as_mask({"NET_ADMIN", "NET_RAW"})
    assert of_process(router.pid) == {"CapInh": mask, "CapPrm": mask, "CapEff": mask,
                                      "CapBnd": OURS["CapBnd"], "CapAmb": mask}
    assert router.logged("capabilities") == []
    router.wait_log("cannot become its user: operation not permitted")
    done = haguard(node, as_user(), "drain", "--force")
    assert done.returncode == 0, done.stdout + done.stderr
    router.wait_log(rf'control socket: "drain" for uid {USER} ')
    assert node.held() == set()
