# Every file, drop-in folder and wants link of the unit in the folders that systemd reads.
traces() {
  folders | while IFS= read -r dir; do
    for path in "$root$dir/$unit" "$root$dir/$unit.d" "$root$dir"/*.wants/"$unit" "$root$dir"/*.requires/"$unit" "$root$dir"/*.upholds/"$unit"; do
      if [ -e "$path" ] || [ -L "$path" ]; then printf '%s\n' "$path"; fi
    done
  done
}

# What a package ships comes back with its next upgrade: it is masked, not removed.
shipped() { [ "$1" = "$root/usr/lib/systemd/system/$unit" ] || [ "$1" = "$root/lib/systemd/system/$unit" ]; }
is_mask() { [ -L "$1" ] && [ "$(readlink "$1")" = /dev/null ]; }

check() {
  shown=$(systemctl show "$unit" -p LoadState -p ActiveState) || return 1
  [ "$(value "$shown" ActiveState)" = inactive ] || return 1
  wanted=not-found
  left=no
  found=$(traces)
  while IFS= read -r path; do
    [ -n "$path" ] || continue
    if shipped "$path"; then wanted=masked; elif ! is_mask "$path"; then left=yes; fi
  done <<END
$found
END
  [ $wanted = masked ] || [ -z "$found" ] || return 1
  [ $left = no ] && [ "$(value "$shown" LoadState)" = $wanted ]
}

repair() {
  case "$unit" in
    *.timer) systemctl stop "$unit" ;;
    *) idle || return 1 ;;
  esac
  found=$(traces)
  keep || return 1
  systemctl disable --quiet "$unit"
  while IFS= read -r path; do
    [ -z "$path" ] || shipped "$path" || rm -rf -- "$path" || return 1
  done <<END
$found
END
  if [ -e "$root/usr/lib/systemd/system/$unit" ] || [ -e "$root/lib/systemd/system/$unit" ]; then
    systemctl mask --quiet "$unit" || return 1
  fi
  systemctl daemon-reload
  systemctl reset-failed "$unit"
}

# A running poll may be in the middle of a rotation: it is waited for, never killed.
idle() {
  n=0
  while [ $n -lt 40 ]; do
    case "$(systemctl show "$unit" -p ActiveState)" in *=inactive | *=failed) return 0 ;; esac
    n=$((n + 1))
    sleep 1
  done
  echo "it has been running for 40 s, and a poll is never killed: try again when it has ended"
  return 1
}

# Nothing goes before a copy of it is kept.
keep() {
  kept="$root$backup/$(date -u +%Y%m%dT%H%M%SZ)"
  while IFS= read -r path; do
    if [ -z "$path" ] || shipped "$path" || is_mask "$path"; then continue; fi
    to="$kept${path#"$root"}"
    mkdir -p "${to%/*}" && cp -a "$path" "$to" || return 1
  done <<END
$found
END
}
