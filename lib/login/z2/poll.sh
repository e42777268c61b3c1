# Starts one poll and says which runs of the service came before and after: service.
service=$1
invocation() { systemctl show "$service" -p InvocationID; }
before=$(invocation)
case $(systemctl show "$service" -p ActiveState -p SubState) in
  *auto-restart*) running=no ;;
  *=activating* | *=active* | *=deactivating*) running=yes ;;
  *) running=no ;;
esac
echo "before=${before#*=}"
echo "running=$running"
[ $running = no ] || exit 0
# Whether a run came of it, within two seconds.
begin() {
  systemctl start --no-block "$service" || exit 3
  left=20
  while [ "$left" -gt 0 ]; do
    [ "$(invocation)" = "$before" ] || return 0
    left=$((left - 1))
    sleep 0.1
  done
  return 1
}
# systemd refuses a sixth start within ten seconds. This one is a person's, and no loop's: it begins to count anew.
if ! begin; then
  case $(systemctl show "$service" -p Result) in
    *=start-limit-hit) systemctl reset-failed "$service" && begin ;;
  esac
fi
now=$(invocation)
echo "now=${now#*=}"
systemctl show "$service" -p Result
