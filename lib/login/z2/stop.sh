# Stops the timer and waits until no poll runs: timer, service, fifths of a second to wait.
timer=$1 service=$2 left=$3
systemctl stop "$timer" || exit 3
while [ "$left" -gt 0 ]; do
  case $(systemctl show "$service" -p ActiveState -p SubState -p Job) in
    *Job=[1-9]* | *before-auto-restart*) ;;
    # No process runs while a failed poll waits for its restart. One that began since this line was read has asked no bank yet.
    *SubState=auto-restart*) systemctl stop "$service" ;;
    *ActiveState=inactive* | *ActiveState=failed*) break ;;
  esac
  left=$((left - 1))
  sleep 0.2
done
systemctl show "$timer" "$service" -p Id -p ActiveState -p SubState -p Job -p InactiveExitTimestamp
