config_value() { sed -n "/^\[/q; s/^$1: *//p" "$root$proxmox/lxc/$vmid.conf" | head -n 1; }

check() {
  [ "$(config_value onboot)" = 1 ] || return 1
  case "$(pct status "$vmid" </dev/null)" in *running*) ;; *) return 1 ;; esac
}

repair() {
  lock=$(config_value lock)
  if [ -n "$lock" ]; then
    echo "it is locked ($lock): somebody is at work on it"
    return 1
  fi
  [ "$(config_value onboot)" = 1 ] || pct set "$vmid" -onboot 1 </dev/null || return 1
  case "$(pct status "$vmid" </dev/null)" in *running*) return 0 ;; esac
  pct start "$vmid" </dev/null || return 1
  # What hangs on it follows at once, so its systemd must have come up.
  n=0
  while [ $n -lt 40 ]; do
    case "$(ct systemctl is-system-running 2>/dev/null)" in running | degraded) return 0 ;; esac
    n=$((n + 1))
    sleep 1
  done
  echo "started, but its systemd is not up after 40 s"
}
