# The look inside CT109, read-only, for any POSIX sh, with as few programs as can be: each costs a start.
# Arguments: root, data folder, the timers, what systemctl is asked (both words without spaces), a way and a file…
root=$1 folder=$2
shift 2
say() { printf '%s\n' "$*"; }
# may PATH WAY WAY. "env test" asks the kernel as the container's own root, whatever the mode bits say.
may() {
  for way in "$2" "$3"; do
    if env test "$way" "$1"; then printf %s "$way"; fi
  done
  say " ${4:-${1##*/}}"
}
# One question where all is well, one for each file and way where something is not.
access() {
  if fine "$@"; then
    say "-w-x ."
    while [ $# -gt 0 ]; do
      say "-r$1 $2"
      shift 2
    done
    return
  fi
  may "$root$folder" -w -x .
  while [ $# -gt 0 ]; do
    may "$root$folder/$2" -r "$1"
    shift 2
  done
}
fine() {
  left=$#
  while [ "$left" -gt 0 ]; do
    set -- "$@" -a -r "$root$folder/$2" -a "$1" "$root$folder/$2"
    shift 2
    left=$((left - 2))
  done
  env test -w "$root$folder" -a -x "$root$folder" "$@"
}
# Files and mounts are looked at while systemd answers; its answer waits in the pipe.
files() {
  say == address
  hostname -I 2>/dev/null || ip -o -4 addr show 2>/dev/null
  say
  say == uid_map
  read -r _ mapped _ <"$root/proc/self/uid_map" && say "$mapped"
  say == mounts
  while IFS= read -r line; do
    case $line in *" $folder"*) say "$line" ;; esac
  done <"$root/proc/self/mountinfo"
  say == folder
  stat -L -c '%d %i' "$root$folder" 2>/dev/null || say absent
  say == access
  access "$@"
  say == disk
  # What systemd remembers of enablement and drop-ins is only as fresh as its last reload; the files are the truth.
  for unit in $timers; do
    for path in "$root"/etc/systemd/system/*.wants/"$unit" "$root"/etc/systemd/system/*.requires/"$unit"; do
      if [ -L "$path" ]; then say "link $unit"; fi
    done
    for path in "$root/etc/systemd/system/$unit.d/"*.conf "$root/run/systemd/system/$unit.d/"*.conf; do
      if [ -e "$path" ]; then say "drop-in $unit ${path#"$root"}"; fi
    done
  done
}
timers=$1 units=$2
shift 2
{
  systemctl show $units
  say "== end $?"
} | {
  files "$@"
  say == units
  cat
}
