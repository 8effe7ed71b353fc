"""A fresh machine becomes a proxy node by the commands of the README, as they are typed."""

import json
import pathlib
import re

import pytest

from daemons import wait_until
from network import now

PROJECT = pathlib.Path(__file__).parent.parent.parent
EDITED = {"interface": '"etx2"', "virtual_router_id": "51", "virtual_addresses": '["172.28.1.254"]'}


def typed():
    """The lines of the first block under "Install" in the README, without their comments."""
    section = (PROJECT / "README.md").read_text().partition("\n## Install\n")[2]
    block = re.search(r"```\n(.*?)```", section, re.DOTALL)[1]
    return [line.partition("#")[0].strip() for line in block.splitlines()]


def edit(node, priority):
    """What the operator does to the lines that are marked for it."""
    lines = node.read("/etc/haguard/haguard.toml").splitlines()
    for key, value in {**EDITED, "priority": str(priority)}.items():
        number, = [number for number, line in enumerate(lines)
                   if re.match(rf"#?\s*{key} =", line) and "EDIT" in line]
        lines[number] = f"{key} = {value}"
    node.write("/etc/haguard/haguard.toml", "\n".join(lines) + "\n")


def follow_readme(node, priority, rack):
    """Output of each command."""
    outputs = {}
    for command in typed():
        if command.startswith("apt"):
            file = re.search(r"haguard_\S+\.deb", command)[0]
            package = rack.package("haguard")
            assert re.fullmatch(re.escape(file).replace("12", r"1[23]"), package.name), package.name
            node.path(f"/root/{package.name}").write_bytes(package.read_bytes())
            outputs[command] = node.run(command.replace(file, package.name).replace(
                "install", "install --yes"))
        elif command.startswith("editor"):
            edit(node, priority)
        else:
            outputs[command] = node.run(command)
    return outputs


def test_as_installed_it_refuses_to_start_and_says_what_to_edit(rack):
    """The unit waits for the operator: it is not started again and again."""
    node = rack.node2
    node.install(rack.package("haguard"))
    assert node.show("haguard", "ActiveState", "UnitFileState") == {
        "ActiveState": "inactive", "UnitFileState": "enabled"}
    node.run("systemctl start haguard", check=False)
    assert node.exit_code == 1
    journal = node.journal()
    assert any("this is the file as installed: edit the lines" in line for line in journal), journal
    assert node.show("haguard", "ActiveState", "NRestarts") == {
        "ActiveState": "failed", "NRestarts": "0"}
    node.run("systemctl reset-failed haguard; apt-get --yes purge haguard")


def test_the_readme(rack, figures):
    began = now()
    said = follow_readme(rack.node1, 100, rack)
    rack.node1.wait_active()
    figures("first node: from apt install to a serving address", now() - began, "s")
    prober = rack.start_prober()
    assert "edge/ipv4  " in said["haguard status"]
    follow_readme(rack.node2, 90, rack)
    rack.node2.wait_state("backup")
    rack.node1.run("systemctl stop haproxy")
    wait_until(rack.node2.holds_vip, 5, "node2 has the address")
    rack.node1.run("systemctl start haproxy")
    rack.node1.wait_active(20)
    prober.stop()


def test_what_is_installed(rack, figures):
    node = rack.node1
    unit = node.run("systemctl cat haguard")
    assert "Type=notify" in unit
    assert node.run("MANPAGER=cat man 8 haguard | head -n 3").startswith("HAGUARD(8)") or \
        "haguard" in node.run("man 8 haguard")
    assert "virtual_router_id" in node.run("man 5 haguard.toml")
    listed = node.run("bash -ic 'source /usr/share/bash-completion/bash_completion;"
                      " _completion_loader haguard; complete -p haguard' 2>&1 | tail -n 1")
    assert listed.startswith("complete ")
    members = node.run("getent group haguard haguard-admin").splitlines()
    assert len(members) == 2
    socket = node.run("stat -c '%a %U %G' /run/haguard/control.sock").strip()
    assert socket == "660 root haguard"
    figures("package", rack.package("haguard").stat().st_size / 1024, "KiB")
    figures("binary", node.path("/usr/sbin/haguard").stat().st_size / 1024, "KiB")
    memory = node.run(f"grep VmRSS /proc/{node.main_pid()}/status")
    figures("memory (RSS), one instance", int(memory.split()[1]) / 1024, "MiB")


def test_the_unit_is_hardened(rack, figures):
    """A figure of systemd's own; what remains of it is in docs/security.md."""
    said = rack.node1.run("systemd-analyze security --no-pager haguard | tail -n 1")
    exposure = float(re.search(r"haguard.service: ([\d.]+)", said)[1])
    figures("systemd-analyze security", exposure, "")
    documented = re.search(r"exposure level[^0-9]*([\d.]+)",
                           (PROJECT / "docs/security.md").read_text())
    assert exposure <= float(documented[1])


@pytest.mark.parametrize("group, allowed", [("haguard", False), ("haguard-admin", True)])
def test_who_may_do_what(rack, group, allowed):
    """Everybody in haguard may look, those in haguard-admin may change."""
    node = rack.node2
    node.run(f"useradd --no-create-home --groups haguard,{group} one")
    try:
        asked = node.run("setpriv --reuid one --regid one --init-groups haguard status --json")
        assert json.loads(asked)["mode"] == "normal"
        said = node.run("setpriv --reuid one --regid one --init-groups haguard drain", check=False)
        assert (node.exit_code == 0) == allowed, said
        assert allowed or "haguard-admin" in said
    finally:
        node.run("haguard undrain; userdel one", check=False)
    node.run("useradd --no-create-home other")
    node.run("setpriv --reuid other --regid other --init-groups haguard status", check=False)
    assert node.exit_code == 1
    node.run("userdel other")
