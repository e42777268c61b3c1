# What systemd says of the unit, and what lies on the disk: it remembers enablement and drop-ins from its last reload.
look() {
  ct sh -c '
    systemctl show "$1" -p LoadState -p UnitFileState -p ActiveState -p NeedDaemonReload -p DropInPaths -p NextElapseUSecRealtime -p NextElapseUSecMonotonic || exit 1
    for path in "$2"/etc/systemd/system/*.wants/"$1" "$2"/etc/systemd/system/*.requires/"$1"; do
      if [ -L "$path" ]; then echo Linked=yes; fi
    done
    for path in "$2/etc/systemd/system/$1.d/"*.conf "$2/run/systemd/system/$1.d/"*.conf; do
      if [ -e "$path" ]; then echo "DropIn=${path#"$2"}"; fi
    done
  ' look "$unit" "$croot"
}

check() {
  shown=$(look) || return 1
  [ "$(value "$shown" LoadState)" = loaded ] || return 1
  [ "$(value "$shown" UnitFileState)" = enabled ] || return 1
  [ "$(value "$shown" Linked)" = yes ] || return 1
  [ "$(value "$shown" ActiveState)" = active ] || return 1
  [ "$(value "$shown" NeedDaemonReload)" = no ] || return 1
  all_read || return 1
  has_next && return 0
  case "$(ct systemctl show "$service" -p ActiveState)" in *=active | *=activating | *=deactivating) return 0 ;; esac
  return 1
}

all_read() {
  read_paths=" $(value "$shown" DropInPaths) "
  printf '%s\n' "$shown" | sed -n 's/^DropIn=//p' | while IFS= read -r path; do
    case $read_paths in *" $path "*) ;; *) exit 1 ;; esac
  done
}

has_next() {
  [ -n "$(value "$shown" NextElapseUSecRealtime)" ] && return 0
  case "$(value "$shown" NextElapseUSecMonotonic)" in '' | 0 | infinity) return 1 ;; esac
}

repair() {
  case "$(value "$shown" LoadState)" in
    masked)
      ct systemctl unmask "$unit"
      ct systemctl unmask --runtime "$unit"
      ;;
    not-found)
      echo "there is no such unit in ct$vmid, and the pollers are not this program's to write"
      return 1
      ;;
  esac
  ct systemctl daemon-reload
  ct systemctl enable --quiet "$unit" || return 1
  ct systemctl start "$unit" || return 1
  shown=$(look)
  has_next || ct systemctl restart "$unit" || return 1
  echo "enabled and started, but it has no next run: systemctl cat $unit"
}
