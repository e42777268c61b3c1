# The look inside CT109: root, data folder, timer, service.
root=$1 folder=$2
shift 2
systemctl show "$@" -p Id -p LoadState -p ActiveState -p SubState -p UnitFileState -p Job -p Result -p InvocationID -p NextElapseUSecRealtime -p NextElapseUSecMonotonic -p InactiveExitTimestamp || exit 3
echo
read -r _ mapped _ <"$root/proc/self/uid_map" && echo "mapped=$mapped"
echo "folder=$(stat -L -c '%d %i' "$root$folder" 2>/dev/null)"
if env test -w "$root$folder" -a -x "$root$folder"; then echo may=yes; fi
