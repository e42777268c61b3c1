# The look inside CT109, read-only, for any POSIX sh. Arguments: root, data folder, files…, --, units…
# "env test" asks the kernel as the container's own root, whatever the mode bits say.
root=$1 folder=$2
shift 2
say() { printf '%s\n' "$*"; }
may() { if env test "$1" "$2"; then printf %s "$1"; else printf %s --; fi; }
say == name
hostname
say == address
hostname -I 2>/dev/null || ip -o -4 addr show 2>/dev/null
say
say == uid_map
cat "$root/proc/self/uid_map"
say == mounts
grep -F " $folder" "$root/proc/self/mountinfo"
say == folder
stat -L -c '%d %i' "$root$folder" 2>/dev/null || say absent
say == access
say "$(may -r "$root$folder")$(may -w "$root$folder")$(may -x "$root$folder") ."
while [ "$1" != -- ]; do
  say "$(may -r "$root$folder/$1")$(may -w "$root$folder/$1") $1"
  shift
done
shift
say == units
systemctl show "$@"
say == end $?
