#!/bin/sh
# The runbooks' checks as a person puts them into a script, one ssh each. Prints `differs ID` for what is not as documented.
# SSH: the command up to the host. MAC: the home folder of the Mac. Ends with 0 as documented, 2 differs, 3 no answer.
ct='pct exec 109 --'
data=/mnt/data/hinata/data/bulma
inside=/root/data/bulma
result=0

# check ID COMMAND…
check() {
  id=$1
  shift
  "$@" >/dev/null 2>&1 </dev/null
  case $? in
    0) ;;
    255) echo "no answer for $id" >&2; exit 3 ;;
    *) echo "differs $id"; result=2 ;;
  esac
}
on_z2() { check "$1" $SSH "$2"; }

timer() {
  on_z2 "ct109/timer/$1" "$ct sh -c 'systemctl is-enabled -q $1 && systemctl is-active -q $1 &&
    next=\$(date -d \"\$(systemctl show -P NextElapseUSecRealtime $1)\" +%s) && [ \$((next - \$(date +%s))) -le 960 ]'"
}
last_poll() {
  on_z2 "ct109/last-poll/$1" "[ \"\$($ct systemctl show -P Result bulma-poll-$1.service)\" = success ] &&
    [ -n \"\$(find $data/poll-$1.log -mmin -45)\" ] && tail -n 4 $data/poll-$1.log | grep -q '$2'"
}
token_file() {
  on_z2 "z2/token-file/$1" "jq -e '.refresh_token | length > 0' $data/$1 && $ct sh -c 'test -r $inside/$1 && test -w $inside/$1'"
}
legacy_unit() {
  on_z2 "z2/legacy-unit/$1" "[ \$(systemctl show -P LoadState $1) = not-found ] &&
    [ -z \"\$(find /etc/systemd /run/systemd /usr/lib/systemd /usr/local/lib/systemd -name '$1*' 2>/dev/null)\" ]"
}

on_z2 ct109/container-identity/bulma-finance "pct config 109 | grep -qx 'hostname: bulma-finance'"
on_z2 ct109/container/109 "pct status 109 | grep -q running && pct config 109 | grep -qx 'onboot: 1'"
on_z2 ct109/address/192.168.1.214 "$ct hostname -I | grep -qw 192.168.1.214"
on_z2 "ct109/bind-mount$inside" "pct config 109 | grep -q '^mp[0-9]*: $data,mp=$inside' &&
  [ \"\$(stat -c %d:%i $data)\" = \"\$($ct stat -c %d:%i $inside)\" ]"
timer bulma-poll-monzo.timer
timer bulma-poll-truelayer.timer
last_poll monzo transactions
last_poll truelayer updated
on_z2 "z2/data-folder$data" "$ct sh -c 'test -w $inside && test -x $inside'"
token_file tokens_monzo.json
token_file tokens_truelayer.json
on_z2 z2/token-age/tokens_truelayer.json "jq -e '.full_auth_at > now - 85 * 86400' $data/tokens_truelayer.json"
on_z2 z2/credentials-file/monzo_credentials.json "jq -e '.client_id and .client_secret' $data/monzo_credentials.json &&
  [ -z \"\$(find $data/monzo_credentials.json -perm -o+w)\" ] && $ct test -r $inside/monzo_credentials.json"
for time in morning evening; do
  for type in timer service; do legacy_unit "hinata-poll-truelayer-$time.$type"; done
done

for file in hinata-sandpit/data/bulma/monzo_credentials.json hinata/data/bulma/truelayer_credentials.json; do
  check "mac/credentials-file/${file##*/}" sh -c '[ -n "$(find "$0" -perm 600)" ] && grep -q client_secret "$0"' "$MAC/Sandpit/$file"
done
for file in hinata-sandpit/data/bulma/tokens_monzo.json hinata/data/bulma/tokens_truelayer.json; do
  check "mac/transit-copy/${file##*/}" test ! -e "$MAC/Sandpit/$file"
done
exit $result
