check() {
  shown=$(ct systemctl show "$unit" -p LoadState -p UnitFileState -p ActiveState -p NeedDaemonReload -p NextElapseUSecRealtime -p NextElapseUSecMonotonic) || return 1
  [ "$(value "$shown" LoadState)" = loaded ] || return 1
  [ "$(value "$shown" UnitFileState)" = enabled ] || return 1
  [ "$(value "$shown" ActiveState)" = active ] || return 1
  [ "$(value "$shown" NeedDaemonReload)" = no ] || return 1
  has_next && return 0
  case "$(ct systemctl show "$service" -p ActiveState)" in *=active | *=activating | *=deactivating) return 0 ;; esac
  return 1
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
  shown=$(ct systemctl show "$unit" -p NextElapseUSecRealtime -p NextElapseUSecMonotonic)
  has_next || ct systemctl restart "$unit" || return 1
  echo "enabled and started, but it has no next run: systemctl cat $unit"
}
