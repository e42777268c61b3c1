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

# Who logs in at this bank right now, by this machine's clock: a login may have begun after the look that asked for this
# repair. The same rules as in lib/lease.ts: one that has run out is nobody's, one that cannot be read counts as held.
login_by() {
  [ -n "$lease" ] || return 0
  perl -MJSON::PP -MFcntl=O_RDONLY,O_NOFOLLOW,O_NONBLOCK -e '
    sysopen(my $file, shift, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or exit !$!{ENOENT};
    sysread $file, my $text, 4097;
    my $lease = eval { JSON::PP->new->utf8->decode($text) };
    exit 1 unless ref $lease eq "HASH" && ($lease->{holder} // "") =~ /^[ -~]{1,100}$/;
    exit 1 if grep { ($lease->{$_} // "") !~ /^\d+(?:\.\d+)?$/ } qw(pid login since deadline);
    exit 0 if $lease->{deadline} < time || $lease->{deadline} > time + 3600;
    my @since = gmtime $lease->{since};
    printf "reauth by %s since %02d:%02d UTC", $lease->{holder}, @since[2, 1];
  ' "$root$lease" 2>/dev/null || printf 'a reauth may be running: %s cannot be read' "$lease"
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
  by=$(login_by)
  if [ -n "$by" ]; then
    printf '%s\n' "$subject: left alone: $by"
    return 1
  fi
  said=$(repair 2>&1)
  if check; then
    printf '%s\n' "$subject: mended"
    return 0
  fi
  printf '%s\n' "$subject: still not as documented: $(last_line "${said:-the repair changed nothing}")"
  return 1
}
