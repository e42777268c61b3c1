# What a line of a poller's log says, in the runbooks' phrases; the first that fits counts. A status that tells of trouble
# stands before the counts: "HTTP 429 on /transactions, 2 left" is no good poll.
my @phrases = (
  ['bad-refresh-token', qr/Bad refresh token|bad_refresh_token|refresh_token\.(?:invalid|expired|evicted)/i],
  ['invalid-grant', qr/invalid_grant/],
  ['access-denied', qr/access_denied/],
  ['unauthorised', qr/HTTP 401/],
  ['sca-exceeded', qr/sca_exceeded|verification_required/],
  ['forbidden', qr/HTTP 403/],
  ['trouble', qr/HTTP (?:408|429|5\d\d)/],
  ['refresh-ok', qr/refresh ok/i],
  ['updated', qr/credit-accounts\.json updated/],
  ['transactions', qr/\d+ transactions?\b|\btransactions?\b\D*\d/i],
  ['done', qr/\bdone\b/i],
  ['trouble', qr/timed? ?out|refused|unreachable|could not resolve|temporary failure|connection reset|network|collector|cannot (?:write|replace)|without the expected fields|no JSON/i],
);

# The kind of a line; undef for one that says nothing of how a poll went.
sub kind_of {
  my ($line) = @_;
  for my $phrase (@phrases) { return $phrase->[0] if $line =~ $phrase->[1] }
  return undef;
}

# The time that a line begins with, as the log has it; undef where it begins with something else.
sub time_of {
  my ($line) = @_;
  my ($time) = $line =~ /^\W{0,2}(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)/;
  return $time;
}

# How many accounts and transactions a line counts, where it counts any.
sub counts_of {
  my ($line) = @_;
  my ($accounts) = $line =~ /\b(\d{1,6}) accounts?\b/;
  my ($transactions) = grep { defined } $line =~ /\b(\d{1,6}) transactions?\b|\btransactions?\b\D{0,3}(\d{1,6})\b/i;
  return (defined $accounts ? (accounts => 0 + $accounts) : (), defined $transactions ? (transactions => 0 + $transactions) : ());
}
