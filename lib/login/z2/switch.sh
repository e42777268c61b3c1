# What the switch does, in a systemd that has nobody to ask: the poll timer runs again, and nothing staged is left. Ends well
# only if the timer has a next run; systemd tries it again otherwise. The variables stand above this.
LC_ALL=C TZ=UTC
export PATH LC_ALL TZ
[ "$(sed -n '/^\[/q; s/^hostname: *//p' "$root$proxmox/lxc/$vmid.conf" | head -n 1)" = "$container" ] || exit 1
rm -f -- "$root$staging/$bank.tokens" "$root$staging/$bank.credentials"
# the files of a commit that was cut short tell whether it came to pass: the next order settles it
[ -e "$root$state/$bank.json.new" ] || rm -f -- "$root$staging/$bank.tokens.new" "$root$staging/$bank.credentials.new"
exec env -i PATH="$PATH" LC_ALL=C TZ=UTC pct exec "$vmid" -- sh -c '
  next() {
    case $(systemctl show "$1" -p NextElapseUSecRealtime -p NextElapseUSecMonotonic) in *=[A-Z]* | *=[1-9]*) return 0 ;; esac
    return 1
  }
  systemctl start "$1" || exit 1
  next "$1" && exit 0
  systemctl start --no-block "$2" || exit 1
  left=10
  while [ $left -gt 0 ]; do
    sleep 1
    next "$1" && exit 0
    left=$((left - 1))
  done
  exit 1
' switch "$timer" "$service" </dev/null
