# Every repair: check, repair, check again; one line of output; ends non-zero unless the check holds at the end.
set -u
LC_ALL=C TZ=UTC
export LC_ALL TZ

# The container gets a clean environment and never our standard input, which is this script.
ct() { env -i PATH="$PATH" LC_ALL=C TZ=UTC pct exec "$vmid" -- "$@" </dev/null; }

# Nothing is ever done in a container that is not the one that is meant.
ours() {
  [ "$(sed -n '/^\[/q; s/^hostname: *//p' "$root$proxmox/lxc/$vmid.conf" 2>/dev/null | head -n 1)" = "$container" ]
}

# One property out of what `systemctl show` printed: value TEXT NAME
value() { printf '%s\n' "$1" | sed -n "s/^$2=//p" | head -n 1; }

# The host's uid of the container's root, 0 when it is privileged; not asked for where the policy does not need it.
owner() { [ "$policy" = world ] || ct cat "$croot/proc/self/uid_map" | awk 'NR == 1 { print $2 }'; }

# The last line of foreign text, masked as the runbooks mask it, without control characters.
last_line() {
  printf '%s\n' "$1" | tr -d '\000-\010\013-\037\177' | sed '/^ *$/d' | tail -n 1 | sed -E 's/[A-Za-z0-9+\/=_.-]{24,}/[MASKED]/g'
}

main() {
  if [ "$inside" = yes ] && ! ours; then
    printf '%s\n' "$subject: not touched, since container $vmid is not $container"
    return 1
  fi
  if check; then
    printf '%s\n' "$subject: already as documented"
    return 0
  fi
  said=$(repair 2>&1)
  if check; then
    printf '%s\n' "$subject: mended"
    return 0
  fi
  printf '%s\n' "$subject: still not as documented: $(last_line "${said:-the repair changed nothing}")"
  return 1
}
