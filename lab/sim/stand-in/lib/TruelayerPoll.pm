package TruelayerPoll;

# One poll of NatWest through TrueLayer: accounts and cards, transactions, credit-accounts.json. lab/poller/poll-truelayer.sh
# is the original.
use strict;
use IO::Handle;
use POSIX ();
use Poll;
use TokenFile;

my ($count, $total, $number) = (0, 0, 0);

sub get { Poll::get("$Poll::SET{BULMA_TRUELAYER_API}/data/v1", @_) }

# only access_denied means that the consent is over
sub forbidden {
  my ($why, $label) = @_;
  if ($why =~ /sca_exceeded/) { Poll::say_it('HTTP 403: {"error":"sca_exceeded"}'); exit 0 }
  Poll::fail('HTTP 403: ' . ($why ne '' ? $why : "Forbidden on $label"));
}

sub results {
  my ($found, $label) = @_;
  return ref $found->{results} eq 'ARRAY' ? @{ $found->{results} } : Poll::fail("network or bank trouble: no results on $label");
}

sub ids_of {
  my ($path) = @_;
  my ($found, $why) = get($path, $path);
  forbidden($why, $path) unless $found;
  return grep { /^[\w-]+$/ } map { $_->{account_id} } results($found, $path);
}

# undef, or the reason for a 403
sub add {
  my ($path, $days) = @_;
  my ($found, $why) = get("$path/transactions?from=" . Poll::days_ago($days) . '&to=' . Poll::days_ago(0), '/transactions');
  return $why unless $found;
  my @all = results($found, '/transactions');
  $count += @all;
  $total += sprintf '%.0f', $_->{amount} * 100 for @all;
  return undef;
}

# older history is open for a while after a login only; without a login in that time, fewer days are asked for
sub transactions_of {
  my ($path) = @_;
  my $days = $Poll::SET{BULMA_HISTORY_DAYS};
  $number += 1;
  my $why = add($path, $days) // return;
  forbidden($why, '/transactions') if $why !~ /sca_exceeded/ || $days <= 88;
  $why = add($path, 88);
  forbidden($why, '/transactions') if defined $why;
}

sub run {
  transactions_of("/accounts/$_") for ids_of('/accounts');
  my @credit;
  for my $card (ids_of('/cards')) {
    transactions_of("/cards/$card");
    my ($found, $why) = get("/cards/$card/balance", '/balance');
    forbidden($why, '/balance') unless $found;
    push @credit, map { my %one; @one{qw(currency current available)} = @$_{qw(currency current available)}; \%one } results($found, '/balance');
  }
  Poll::say_it("$number accounts, $count transactions, total " . Poll::money($total) . ' GBP');
  my $updated = POSIX::strftime('%Y-%m-%d %H:%M:%S', gmtime);
  my $next = "$Poll::DATA/.credit-accounts.json.new";
  unlink $next;
  my $file = TokenFile::created($next, 0644);
  my $is_there = $file && print {$file} TokenFile::json()->encode({ accounts => $number, updated => $updated, credit => \@credit });
  $is_there && $file->flush && $file->sync && rename($next, "$Poll::DATA/credit-accounts.json") or Poll::fail('cannot write credit-accounts.json');
  Poll::say_it('credit-accounts.json updated');
  Poll::say_it('done');
}

1;
