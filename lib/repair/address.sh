check() { ct hostname -I | tr ' ' '\n' | grep -qxF "$address"; }

repair() { echo "it has $(ct hostname -I): a person sets net0, see docs/runbook/monzo.md#address"; }
