# What the two pollers share; poll-BANK.sh sets `bank`, `token_url` and the rest and reads this file.
# Secrets live in shell variables and on standard input, never in arguments or the environment: everybody can read those.
set -u
export LC_ALL=C
umask 022

data=${BULMA_DATA:-/root/data/bulma}
name=tokens_$bank.json
file=$data/$name
new=$data/.$name.new
patience=${BULMA_PATIENCE:-30}
history_days=${BULMA_HISTORY_DAYS:-30}
# an access token is renewed this long before it ends: a poll must not outlive it
leeway=60
refreshes=0
client_secret=

log() {
  line="$(date -u '+%Y-%m-%d %H:%M:%S') $1"
  { printf '%s\n' "$line" >>"$data/poll-$bank.log"; } 2>/dev/null || printf '%s\n' "$line" >&2
}

fail() {
  log "$1"
  exit 1
}

. "$folder/rotation.sh"

# Reads the token file into `tokens`, and from it `expires_at`, `refresh_token` and `access`. An access token or a time that
# makes no sense counts as expired: the refresh token can mend that.
load_tokens() {
  [ -e "$file" ] || fail "cannot read $name: No such file or directory"
  [ -f "$file" ] || fail "cannot read $name: not a regular file"
  [ -r "$file" ] && [ -w "$file" ] || fail "cannot read $name: Permission denied"
  tokens=$(cat -- "$file") || fail "cannot read $name: read error"
  found=$(printf '%s' "$tokens" | jq -rs '
    def token: if type == "string" and test("^[!#-\\[\\]-~]+$") then . else "" end;
    if length == 1 and (.[0] | type) == "object" then .[0] else {} end
    | (.refresh_token | token) as $refresh | (.access_token | token) as $access
    | (.expires_at | if $access != "" and type == "number" then floor else 0 end) as $expires
    | "\($expires) \($refresh) \($access)"' 2>/dev/null) || fail "cannot read $name: no JSON"
  expires_at=${found%% *}
  found=${found#* }
  refresh_token=${found%% *}
  access=${found#* }
  [ -n "$refresh_token" ] || fail "cannot read $name: no refresh_token"
}

# The first 16 hex digits of the SHA-256 of a token, which may be shown and used in file names.
fingerprint() {
  sum=$(printf '%s' "$1" | sha256sum)
  printf '%.16s' "$sum"
}

# Runs curl with the configuration on standard input. `-q`: nobody's .curlrc has a say. No redirect is followed.
send() {
  curl -q -sS -K - --proto '=http,https' --connect-timeout 10 --max-time "$patience" "$@"
}

# What curl complained about, as one line: `network error: api.monzo.com: Could not resolve host: api.monzo.com`.
network_error() {
  host=${2#*://}
  why=$(printf '%s\n' "$1" | sed -n 's/^curl: ([0-9]*) //p' | head -n 1)
  printf 'network error: %s: %s' "${host%%[:/]*}" "${why:-no reply}"
}

# The reason in an error body (standard input), as JSON of those keys that banks give reasons in. Any other body says nothing
# that belongs in a log, and neither does one that quotes a secret of ours.
reason() {
  why=$(jq -rRs '
    (fromjson? // {}) | if type == "object" then . else {} end
    | .code = (.code // (.error_params | objects | .original_error_code) // null)
    | with_entries(select((.key | IN("code", "message", "error", "error_description")) and (.value | type) == "string"))
    | if . == {} then "" else tojson[0:300] end' 2>/dev/null)
  case $why in
    *"$refresh_token"* | *"${access:-$refresh_token}"* | *"${client_secret:-$refresh_token}"*) why= ;;
  esac
  printf '%s' "$why"
}

# One GET below `api`, with the access token: sets `code` and `body`. Without an answer the poll ends here.
ask() {
  said=$(printf 'url = "%s"\nheader = "Authorization: Bearer %s"\n' "$api$1" "$access" | send -w '\n%{http_code}' 2>&1) ||
    fail "$(network_error "$said" "$api")"
  code=${said##*
}
  body=${said%
*}
}

# get PATH LABEL FILTER WHAT: a GET, called LABEL in the log. Returns 0 with what the jq FILTER makes of the reply in `found`, or
# 1 on a 403, whose meaning the banks disagree about. Where FILTER fails, the reply is without WHAT. A 401 says that the access
# token is over, whatever the clock says: one refresh, one more try. All else ends the poll, and the tokens stay as they are.
get() {
  ask "$1"
  if [ "$code" = 401 ] && [ "$refreshes" -eq 0 ]; then
    log 'the access token is no longer accepted'
    refresh
    ask "$1"
  fi
  case $code in
    200)
      found=$(printf '%s' "$body" | jq -er "objects | $3" 2>/dev/null)
      case $? in
        0) ;;
        2 | 4) fail "network or bank trouble: no JSON on $2" ;;
        *) fail "network or bank trouble: no $4" ;;
      esac
      ;;
    403) return 1 ;;
    408 | 429 | 5??) fail "HTTP $code on $2: trouble at the bank" ;;
    *)
      why=$(printf '%s' "$body" | reason)
      fail "HTTP $code on $2${why:+: $why}"
      ;;
  esac
}

# -8320 → -83.20
money() {
  minor=$1
  sign=
  [ "$minor" -ge 0 ] || { sign=- minor=$((-minor)); }
  printf '%s%d.%02d' "$sign" $((minor / 100)) $((minor % 100))
}

days_ago() {
  date -u -d "$1 days ago" '+%Y-%m-%dT%H:%M:%SZ'
}

# One poll at a time, by a lock that children inherit: a curl that outlives a killed poller still holds it. Then tokens that
# can be used, refreshed where their time is over.
begin() {
  lock=${BULMA_LOCKS:-/run/lock}/bulma-poll-$bank.lock
  # asked first: a redirection that fails ends `exec`, and the shell with it
  { : >>"$lock"; } 2>/dev/null || fail "cannot open $lock"
  exec 9>>"$lock"
  flock -n 9 || { log 'another poll is running'; exit 0; }
  # by the signal itself, so that systemd counts a stopped poll as stopped, not as failed
  trap 'log stopped; trap - TERM; kill -TERM $$' HUP INT TERM
  load_tokens
  recover
  log 'tokens loaded'
  [ "$expires_at" -gt $(($(date +%s) + leeway)) ] || refresh
}
