check() {
  here=$(perl -e 'my @is = stat shift or exit 1; print "$is[0] $is[1]"' "$root$folder") || return 1
  [ "$(ct stat -L -c '%d %i' "$croot$cfolder")" = "$here" ]
}

repair() { echo "ct$vmid sees another folder: a person mends it, see docs/runbook/truelayer.md#bind-mount"; }
