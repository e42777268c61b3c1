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
systemctl start --no-block "$service" || exit 3
left=20
while [ "$left" -gt 0 ]; do
  [ "$(invocation)" = "$before" ] || break
  left=$((left - 1))
  sleep 0.1
done
now=$(invocation)
echo "now=${now#*=}"
systemctl show "$service" -p Result
