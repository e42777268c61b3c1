#!/bin/sh
# One poll of Monzo: tokens, accounts, transactions, a line about them.
bank=monzo
api=${BULMA_MONZO_API:-https://api.monzo.com}
token_url=$api/oauth2/token
folder=${0%/*}
credentials=${BULMA_DATA:-/root/data/bulma}/monzo_credentials.json
page=100
. "$folder/poll.sh"

# All transactions of account $1 since $2, page by page: adds to `count` and `total`. Returns 1 on a 403.
add_transactions() {
  since=$2
  while :; do
    get "/transactions?account_id=$1&since=$since&limit=$page" /transactions \
      '.transactions | "\(length) \(map(.amount) | add // 0) \(if length > 0 then .[-1].id else "" end)"' \
      'transactions in the reply' || return 1
    number_here=${found%% *}
    found=${found#* }
    count=$((count + number_here))
    total=$((total + ${found%% *}))
    since=${found#* }
    [ "$number_here" -eq "$page" ] || return 0
  done
}

begin
# A flex loan's backing account answers 403 to everything; a closed account has nothing new.
of_interest='.accounts | map(select(.closed != true and .type != "uk_monzo_flex_backing_loan") | .id | select(test("^[A-Za-z0-9_]+$")))'
# The app approval is still to come: the tokens are good, the next poll will do.
get /accounts /accounts "$of_interest | join(\" \")" 'accounts in the reply' || { log 'HTTP 403: Forbidden on /accounts'; exit 0; }
accounts=$found

number=0
count=0
total=0
for account in $accounts; do
  number=$((number + 1))
  add_transactions "$account" "$(days_ago "$history_days")" && continue
  case $(printf '%s' "$body" | reason) in
    *verification_required*) ;;
    *) log 'HTTP 403: Forbidden on /transactions'; exit 0 ;;
  esac
  # Older history is open for five minutes after a login only.
  log 'HTTP 403: verification_required on /transactions, asking for 88 days'
  add_transactions "$account" "$(days_ago 88)" || fail 'HTTP 403: verification_required on /transactions'
done
log "$number accounts, $count transactions, total $(money "$total") GBP"
log 'done'
