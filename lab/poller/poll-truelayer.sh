#!/bin/sh
# One poll of NatWest through TrueLayer: tokens, accounts and cards, transactions, credit-accounts.json.
bank=truelayer
api=${BULMA_TRUELAYER_API:-https://api.truelayer.com}/data/v1
token_url=${BULMA_TRUELAYER_AUTH:-https://auth.truelayer.com}/connect/token
folder=${0%/*}
credentials=${BULMA_TRUELAYER_CREDENTIALS:-/etc/bulma/truelayer_credentials.json}
. "$folder/poll.sh"

# A 403 on $1. Only access_denied means that the consent is over.
forbidden() {
  why=$(printf '%s' "$body" | reason)
  case $why in
    *sca_exceeded*) log 'HTTP 403: {"error":"sca_exceeded"}'; exit 0 ;;
    *) fail "HTTP 403: ${why:-Forbidden on $1}" ;;
  esac
}

# The ids of what is below $1, or the end of the poll.
list() {
  get "$1" "$1" '.results | map(.account_id | select(test("^[A-Za-z0-9_-]+$"))) | join(" ")' "results on $1" || forbidden "$1"
  ids=$found
}

# The transactions of $1 (/accounts/ID or /cards/ID) of the last $2 days: adds to `count` and `total`. Returns 1 on a 403.
add_transactions() {
  get "$1/transactions?from=$(days_ago "$2")&to=$(days_ago 0)" /transactions \
    '.results | "\(length) \(map(.amount * 100 | round) | add // 0)"' 'results on /transactions' ||
    return 1
  count=$((count + ${found% *}))
  total=$((total + ${found#* }))
}

# Older history is open for a while after a login only; without a login in that time, fewer days are asked for.
poll_transactions() {
  number=$((number + 1))
  add_transactions "$1" "$history_days" && return
  case $(printf '%s' "$body" | reason) in *sca_exceeded*) ;; *) forbidden /transactions ;; esac
  [ "$history_days" -gt 88 ] || forbidden /transactions
  add_transactions "$1" 88 || forbidden /transactions
}

begin
number=0
count=0
total=0
list /accounts
for account in $ids; do
  poll_transactions "/accounts/$account"
done
list /cards
credit=
for card in $ids; do
  poll_transactions "/cards/$card"
  get "/cards/$card/balance" /balance '.results | map({currency, current, available}) | tojson' 'results on /balance' ||
    forbidden /balance
  credit="$credit$found"
done
log "$number accounts, $count transactions, total $(money "$total") GBP"

next=$data/.credit-accounts.json.new
rm -f -- "$next"
printf '%s' "$credit" | jq -s --argjson accounts "$number" --arg updated "$(date -u '+%Y-%m-%d %H:%M:%S')" \
  '{accounts: $accounts, updated: $updated, credit: (add // [])}' >"$next" &&
  sync "$next" && mv -f -T -- "$next" "$data/credit-accounts.json" || fail 'cannot write credit-accounts.json'
log 'credit-accounts.json updated'
log 'done'
