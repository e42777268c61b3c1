# Starts the timer and waits, two seconds at most, until it has a next run or a poll runs: timer, service.
timer=$1 service=$2
# Where systemd has counted too many starts of it, it forgets them: a timer that stays stopped would poll no more.
systemctl start "$timer" || { systemctl reset-failed "$timer" && systemctl start "$timer"; } || exit 3
left=10
while [ "$left" -gt 0 ]; do
  case $(systemctl show "$timer" -p NextElapseUSecRealtime -p NextElapseUSecMonotonic) in *=[A-Z]* | *=[1-9]*) break ;; esac
  case $(systemctl show "$service" -p ActiveState) in *=activating | *=active | *=deactivating) break ;; esac
  left=$((left - 1))
  sleep 0.2
done
systemctl show "$timer" "$service" -p Id -p ActiveState -p SubState -p NextElapseUSecRealtime -p NextElapseUSecMonotonic
