# What stacks/ declares, looked at with pyinfra's facts. Prints `differs ID` for what is not as documented.
import os
import re
import shlex

from pyinfra import host
from pyinfra.api import FactBase
from pyinfra.facts.server import Command

CT = "pct exec 109 --"
DATA = "/mnt/data/hinata/data/bulma"
INSIDE = "/root/data/bulma"
UNIT_DIRS = "/etc/systemd /run/systemd /usr/lib/systemd /usr/local/lib/systemd"


class Holds(FactBase):
    """Whether a condition of the shell holds on the host. The condition must not fail the fact."""

    def command(self, condition):
        return f"if {condition}; then echo yes; else echo no; fi"

    def process(self, output):
        return output == ["yes"]


def check(name, condition):
    if not (host.get_fact(Holds, condition) if isinstance(condition, str) else condition):
        print(f"differs {name}")


def inside(program):
    return f"{CT} sh -c {shlex.quote(program)}"


def timer(name):
    due = f'next=$(date -d "$(systemctl show -P NextElapseUSecRealtime {name})" +%s) && [ $((next - $(date +%s))) -le 960 ]'
    check(f"ct109/timer/{name}", inside(f"systemctl is-enabled -q {name} && systemctl is-active -q {name} && {due}"))


def last_poll(bank, says):
    log = f"{DATA}/poll-{bank}.log"
    check(
        f"ct109/last-poll/{bank}",
        f'[ "$({CT} systemctl show -P Result bulma-poll-{bank}.service)" = success ] &&'
        f' [ -n "$(find {log} -mmin -45)" ] && tail -n 4 {log} | grep -q {says}',
    )


def token_file(name):
    check(
        f"z2/token-file/{name}",
        f"jq -e '.refresh_token | length > 0' {DATA}/{name} >/dev/null &&"
        f" {CT} test -r {INSIDE}/{name} -a -w {INSIDE}/{name}",
    )


def legacy_unit(name):
    check(
        f"z2/legacy-unit/{name}",
        f'[ "$(systemctl show -P LoadState {name})" = not-found ] &&'
        f" [ -z \"$(find {UNIT_DIRS} -name '{name}*' 2>/dev/null)\" ]",
    )



config = host.get_fact(Command, "pct config 109") or ""

check("ct109/container-identity/bulma-finance", "hostname: bulma-finance" in config.splitlines())
check(
    "ct109/container/109",
    "onboot: 1" in config.splitlines() and host.get_fact(Command, "pct status 109") == "status: running",
)
check("ct109/address/192.168.1.214", f"{CT} hostname -I | grep -qw 192.168.1.214")
check(
    f"ct109/bind-mount{INSIDE}",
    re.search(rf"(?m)^mp\d+: {DATA},mp={INSIDE}\b", config) is not None
    and host.get_fact(Holds, f'[ "$(stat -c %d:%i {DATA})" = "$({CT} stat -c %d:%i {INSIDE})" ]'),
)
timer("bulma-poll-monzo.timer")
timer("bulma-poll-truelayer.timer")
last_poll("monzo", "transactions")
last_poll("truelayer", "updated")
check(f"z2/data-folder{DATA}", f"{CT} test -w {INSIDE} -a -x {INSIDE}")
token_file("tokens_monzo.json")
token_file("tokens_truelayer.json")
check(
    "z2/token-age/tokens_truelayer.json",
    f"jq -e '.full_auth_at > now - 85 * 86400' {DATA}/tokens_truelayer.json >/dev/null",
)
check(
    "z2/credentials-file/monzo_credentials.json",
    f"jq -e '.client_id and .client_secret' {DATA}/monzo_credentials.json >/dev/null &&"
    f' [ -z "$(find {DATA}/monzo_credentials.json -perm -o+w)" ] &&'
    f" {CT} test -r {INSIDE}/monzo_credentials.json",
)
for time in ("morning", "evening"):
    for type in ("timer", "service"):
        legacy_unit(f"hinata-poll-truelayer-{time}.{type}")

for folder, bank in (("hinata-sandpit", "monzo"), ("hinata", "truelayer")):
    credentials = os.path.join(os.environ["MAC"], "Sandpit", folder, "data/bulma", f"{bank}_credentials.json")
    token = os.path.join(os.path.dirname(credentials), f"tokens_{bank}.json")
    private = os.path.isfile(credentials) and os.stat(credentials).st_mode & 0o777 == 0o600
    check(f"mac/credentials-file/{bank}_credentials.json", private and "client_secret" in open(credentials).read())
    check(f"mac/transit-copy/tokens_{bank}.json", not os.path.exists(token))
