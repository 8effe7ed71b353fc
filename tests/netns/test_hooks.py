"""Programs that run when a node changes its state: told in order, with what happened, and never in
the way of a take-over."""

import signal

from daemons import wait_until
from network import now

NOTE = """\
#!/bin/sh
# What happened, and whether the address was there at that moment.
if ip -o address show dev etx2 | grep -q 172.28.1.254/; then held=held; else held=free; fi
echo "$1 $HAGUARD_PREVIOUS_STATE>$HAGUARD_STATE $held" >> {notes}
env | grep ^HAGUARD_ | sort > {directory}/env-$HAGUARD_STATE
"""
HANG = """\
#!/bin/sh
trap '' TERM
echo "hang" >> {notes}
sleep 60 &
echo $! > {directory}/sleeper
wait
sleep 60
"""


def program(node, name, text):
    path = node.directory / name
    path.write_text(text.format(directory=node.directory, notes=node.directory / "notes"))
    path.chmod(0o755)
    return path


def hooks(node, timeout="10s", hang=""):
    """Every state is noted; those of `hang` have a program before that which never ends."""
    note = program(node, "note", NOTE)
    stuck = program(node, "stuck", HANG)
    lines = ["[hooks]", f'timeout = "{timeout}"']
    for state in ("on_active", "on_backup", "on_fault"):
        before = f'"{stuck}", ' if state == hang else ""
        lines.append(f'{state} = [{before}["{note}", "{state}"]]')
    return "\n".join(lines) + "\n"


def notes(node):
    path = node.directory / "notes"
    return path.read_text().splitlines() if path.exists() else []


def wait_notes(node, expected, timeout=15):
    wait_until(lambda: notes(node) == expected, timeout,
               f"{node.role} notes {expected}, has {notes(node)}", 0.05)


def start_pair(lab, **settings):
    for node in lab.nodes:
        node.start_haproxy()
        node.start_haguard(extra=hooks(node, **settings.get(node.role, {})))
        if node is lab.node1:
            node.wait_active()
    lab.node2.wait_state("backup")
    since = now()
    wait_until(lambda: lab.node1.adverts(since), what="an advertisement that node2 hears")


def gone(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_states_are_told_in_order_with_what_happened(make_lab):
    lab = make_lab()
    start_pair(lab)
    first, second = lab.nodes
    # How many of the first changes are told depends on how fast they come; the last one is.
    wait_until(lambda: notes(first)[-1:] and ">active" in notes(first)[-1], what="node1 notes")
    wait_until(lambda: notes(second)[-1:] == ["on_backup stopped>backup free"], what="node2 notes")

    first.haproxy.send(signal.SIGKILL)
    first.haproxy.wait()
    second.wait_active()
    wait_until(lambda: notes(first)[-1] == "on_fault active>fault free", what="node1 notes a fault")
    wait_until(lambda: notes(second)[-1] == "on_active backup>active held",
               what="node2 notes that it is active")
    wait_until(lambda: "HAGUARD_VIRTUAL_ROUTER_ID" in (first.directory / "env-fault").read_text(),
               what="the last line of the environment")
    env = dict(line.split("=", 1)
               for line in (first.directory / "env-fault").read_text().splitlines())
    reason = env.pop("HAGUARD_REASON")
    assert reason.startswith("fault: haproxy: "), reason
    assert env == {
        "HAGUARD_NODE": "proxy-1", "HAGUARD_INSTANCE": "edge", "HAGUARD_FAMILY": "ipv4",
        "HAGUARD_STATE": "fault", "HAGUARD_PREVIOUS_STATE": "active", "HAGUARD_PRIORITY": "100",
        "HAGUARD_INTERFACE": "etx2", "HAGUARD_VIRTUAL_ROUTER_ID": "51",
        "HAGUARD_ADDRESSES": "172.28.1.254/32"}
    second.router.wait_log(r"hook \S+/note on_active edge/ipv4: done in ")


def test_a_stop_waits_for_the_hook_but_the_address_does_not(make_lab):
    lab = make_lab()
    start_pair(lab)
    wait_until(lambda: ">active" in "".join(notes(lab.node1)), what="node1 notes")
    assert lab.node1.router.stop() == 0
    assert notes(lab.node1)[-1].startswith("on_backup active>stopped"), notes(lab.node1)
    lab.node2.wait_active()
    before = notes(lab.node2)
    assert lab.node2.router.stop() == 0
    assert notes(lab.node2)[-1].startswith("on_backup active>stopped"), before


def test_a_hanging_hook_delays_no_take_over(make_lab):
    lab = make_lab(interval=0.1)
    start_pair(lab, node2={"timeout": "3s", "hang": "on_active"})
    first, second = lab.nodes
    prober = lab.start_prober()

    killed = first.router.send(signal.SIGKILL)
    prober.first_served(second.name, killed)
    second.wait_active()
    wait_until(lambda: "hang" in notes(second), what="the hook hangs")
    assert not second.router.logged("killed after")
    sleeper = int((second.directory / "sleeper").read_text())

    # While it hangs the daemon goes on advertising, without a stall
    since = now()
    wait_until(lambda: len(second.adverts(since)) >= 10, what="advertisements")
    assert not second.router.logged("held up")
    assert not gone(sleeper)

    second.router.wait_log(r"hook \S+/stuck on_active edge/ipv4: killed after 3 s")
    wait_until(lambda: notes(second)[-1] == "on_active backup>active held",
               what="the next one runs")
    wait_until(lambda: gone(sleeper), what="nothing of the hook is left")


def test_a_stop_ends_a_hanging_hook_when_its_time_is_over(make_lab):
    lab = make_lab()
    start_pair(lab, node1={"timeout": "2s", "hang": "on_backup"})
    wait_until(lambda: ">active" in "".join(notes(lab.node1)), what="node1 notes")
    at = lab.node1.router.send(signal.SIGTERM)
    wait_until(lambda: lab.holders() == [lab.node2], 5, "node2 has the address")
    assert lab.node1.router.running(), "it still waits"
    assert lab.node1.router.wait(6) == 0
    assert now() - at > 2
    sleeper = int((lab.node1.directory / "sleeper").read_text())
    wait_until(lambda: gone(sleeper), what="nothing of the hook is left")


def test_checks_by_programs_and_the_gateway(make_lab):
    """What a program says decides, and the gateway is asked from the interface."""
    lab = make_lab()
    switch = lab.directory / "works"
    switch.write_text("")
    checks = f"""
[[check]]
name = "program"
type = "exec"
command = ["/bin/sh", "-c", "test -e {switch} || {{ echo it is gone; exit 2; }}"]
interval = "100ms"
[[check]]
name = "router"
type = "gateway"
target = "{lab.network.NODES['node2']}"
interval = "100ms"
"""
    lab.node1.start_haproxy()
    lab.node1.start_haguard(extra=checks)
    lab.node1.wait_active()
    since = now()
    switch.unlink()
    lab.node1.router.wait_log(r"check program: passing -> failing \(3 of 3: exit 2: it is gone\)",
                              since)
    wait_until(lambda: not lab.holders(), what="the address goes")
    switch.write_text("")
    lab.node1.wait_active()
    lab.network.ip("node2", "link", "set", "etx2", "down")
    lab.node1.router.wait_log(r"check router: passing -> failing \(3 of 3: ", since)
