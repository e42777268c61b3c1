package MonzoPoll;

# One poll of Monzo: accounts, transactions, a line about them. lab/poller/poll-monzo.sh is the original.
use strict;
use Poll;

my $PAGE = 100;
my ($count, $total) = (0, 0);

sub get { Poll::get($Poll::SET{BULMA_MONZO_API}, @_) }

sub run {
  my ($found) = get('/accounts', '/accounts');
  # the app approval is still to come: the tokens are good, the next poll will do
  if (!$found) { Poll::say_it('HTTP 403: Forbidden on /accounts'); exit 0 }
  ref $found->{accounts} eq 'ARRAY' or Poll::fail('network or bank trouble: no accounts in the reply');
  # a flex loan's backing account answers 403 to everything; a closed account has nothing new
  my @accounts = map { $_->{id} } grep { !$_->{closed} && ($_->{type} // '') ne 'uk_monzo_flex_backing_loan' && $_->{id} =~ /^\w+$/ } @{ $found->{accounts} };
  for my $account (@accounts) {
    my $why = add($account, Poll::days_ago($Poll::SET{BULMA_HISTORY_DAYS})) // next;
    if ($why !~ /verification_required/) { Poll::say_it('HTTP 403: Forbidden on /transactions'); exit 0 }
    # older history is open for five minutes after a login only
    Poll::say_it('HTTP 403: verification_required on /transactions, asking for 88 days');
    defined add($account, Poll::days_ago(88)) and Poll::fail('HTTP 403: verification_required on /transactions');
  }
  Poll::say_it(@accounts . " accounts, $count transactions, total " . Poll::money($total) . ' GBP');
  Poll::say_it('done');
}

# all transactions of an account, page by page; undef, or the reason for a 403
sub add {
  my ($account, $since) = @_;
  while (1) {
    my ($found, $why) = get("/transactions?account_id=$account&since=$since&limit=$PAGE", '/transactions');
    return $why unless $found;
    ref $found->{transactions} eq 'ARRAY' or Poll::fail('network or bank trouble: no transactions in the reply');
    my @all = @{ $found->{transactions} };
    $count += @all;
    $total += $_->{amount} for @all;
    return undef if @all < $PAGE;
    $since = $all[-1]{id};
  }
}

1;
