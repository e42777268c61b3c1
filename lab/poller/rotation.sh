# The one dangerous moment of a poll: a bank gives a new refresh token and the old one is dead. The order keeps the chain alive:
# prove that the disk takes a file, ask, let curl write the reply to disk itself, merge it into a new file in the same folder,
# flush, rename, flush the folder. Only then is the token file read again and the new access token used.
# What is left to lose is a reply that the bank has sent and that curl has not written.

# The body of a refresh into `form`, and the client's secret into `client_secret`, to know it when a reply quotes it.
make_form() {
  [ -e "$credentials" ] || fail "cannot read ${credentials##*/}: No such file or directory"
  [ -r "$credentials" ] || fail "cannot read ${credentials##*/}: Permission denied"
  form=$(printf '%s' "$tokens" | jq -r --slurpfile client "$credentials" '
    [$client[0].client_id, $client[0].client_secret, .refresh_token]
    | if all(type == "string" and . != "") then map(@uri) else error("missing") end
    | "grant_type=refresh_token&client_id=\(.[0])&client_secret=\(.[1])&refresh_token=\(.[2]) \($client[0].client_secret)"' 2>/dev/null) ||
    fail "cannot read ${credentials##*/}: no client_id and client_secret in it"
  client_secret=${form#* }
  form=${form%% *}
}

# Refreshes once. Signals wait until the new tokens are in place; systemd's SIGTERM goes to every process of the service.
refresh() {
  refreshes=$((refreshes + 1))
  make_form
  (
    trap '' HUP INT TERM
    rotate
  )
  case $? in
    0)
      load_tokens
      log 'refresh ok'
      ;;
    3)
      [ "$refreshes" -lt 2 ] || fail 'the tokens on disk changed twice during a refresh'
      log 'other tokens came meanwhile: starting with those'
      load_tokens
      [ "$expires_at" -gt $(($(date +%s) + leeway)) ] || refresh
      ;;
    *) exit 1 ;;
  esac
}

# Returns 0 when the new tokens are in place, 3 when somebody else put others there, and 1, said in the log, otherwise.
rotate() {
  umask 077
  # `>` creates and never follows a link that somebody planted in a folder others can write to
  set -C
  used=$(fingerprint "$refresh_token")
  reply=$data/.$name.reply-$used
  rm -f -- "$new" "$reply"
  # with a full or read-only disk, asking would burn the chain; the reply has its place on disk before there is one
  if ! { head -c 65536 /dev/zero >"$new" && : >"$reply" && sync "$new" "$data"; } 2>/dev/null; then
    rm -f -- "$new" "$reply"
    fail "cannot write in $data: nothing was refreshed"
  fi
  rm -f -- "$new"
  if said=$(printf 'url = "%s"\ndata = "%s"\n' "$token_url" "$form" | send -w '%{stderr}\n%{http_code}' 2>&1 >>"$reply"); then
    sync "$reply"
    code=${said##*
}
  elif is_whole "$reply"; then
    code=200
  else
    code=000
  fi
  case $code in
    200) keep "$reply" && return 0 || return $? ;;
    000) failure=$(network_error "$said" "$token_url") ;;
    408 | 429 | 5??) failure="refresh failed: HTTP $code: trouble at the bank" ;;
    *)
      why=$(reason <"$reply")
      failure="refresh failed: HTTP $code${why:+: $why}"
      ;;
  esac
  rm -f -- "$reply"
  # a login may have been pushed while we asked with the old chain
  is_unchanged || return 3
  case $failure in
    *invalid_client* | *unauthorized_client*) failure="refresh refused: check client_id and client_secret in ${credentials##*/}" ;;
  esac
  log "$failure"
  return 1
}

# Is the reply in file $1 whole? Then it counts, even if the connection ended badly.
is_whole() {
  jq -es 'length == 1 and .[0].access_token' "$1" >/dev/null 2>&1
}

# Does the token file still hold the refresh token that this rotation began with? Other keys may have changed.
is_unchanged() {
  on_disk=$(cat -- "$file" 2>/dev/null)
  [ "$on_disk" = "$tokens" ] || [ "$(printf '%s' "$on_disk" | jq -r '.refresh_token' 2>/dev/null)" = "$refresh_token" ]
}

# Puts the reply in file $1 in the place of the tokens that it answers. Keys that are not ours stay.
# The time counts from the reply's arrival, by this machine's clock, which is also the one that judges it later.
keep() {
  arrived=$(stat -c %Y -- "$1")
  if ! printf '%s' "$tokens" | jq --slurpfile reply "$1" --argjson arrived "$arrived" --arg bank "$bank" '
    ($reply | if length == 1 then .[0] else error("cut off") end) as $got
    | if ($got.access_token | type) != "string" or $got.access_token == "" then error("no access_token") else . end
    | . + {access_token: $got.access_token, expires_at: ($arrived + ($got.expires_in | numbers // 0 | floor))}
    | if ($got.refresh_token | type) == "string" and $got.refresh_token != "" then .refresh_token = $got.refresh_token
      elif $bank == "monzo" then error("no refresh_token") else . end' >"$new" 2>/dev/null; then
    rm -f -- "$new"
    if ! jq -es '.[0] | objects' "$1" >/dev/null 2>&1; then
      rm -f -- "$1"
      log 'network or bank trouble: no JSON in the reply to the refresh'
      return 1
    fi
    mv -f -T -- "$1" "$data/.$name.quarantine"
    log "refresh failed: HTTP 200 without the expected fields; the reply is in .$name.quarantine"
    return 1
  fi
  # the mode that was agreed on for the file; the owner becomes the container's root, as it should be under either policy
  chmod --reference="$file" -- "$new" && sync "$new" || { log "cannot write $name; the reply is kept for the next poll"; return 1; }
  if ! is_unchanged; then
    rm -f -- "$new" "$1"
    return 3
  fi
  mv -f -T -- "$new" "$file" && sync "$data" || { log "cannot replace $name; the reply is kept for the next poll"; return 1; }
  rm -f -- "$1"
}

# Finishes what a killed poll began: a whole reply to the very refresh token that is on disk is a rotation without its rename.
# A reply to any other token is history, such as one from before a new login.
recover() {
  for left in "$data/.$name.reply-"*; do
    [ -f "$left" ] || continue
    if [ "${left##*-}" = "$(fingerprint "$refresh_token")" ] && is_whole "$left"; then
      ( trap '' HUP INT TERM; umask 077; set -C; rm -f -- "$new"; keep "$left" ) || exit 1
      load_tokens
      log 'refresh ok, taken up where a poll was interrupted'
    else
      rm -f -- "$left"
    fi
  done
  rm -f -- "$new"
}
