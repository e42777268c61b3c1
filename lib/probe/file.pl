# A file of the data folder, judged on the host: names, numbers and yes or no leave it, never a value.
# The container's root can plant a link there, so nothing is followed and only a regular file is opened.
sub look_at_file {
  my ($want) = @_;
  my $path = "$R$P->{dataDir}/$want->{name}";
  my %seen = (k => 'file', name => $want->{name});
  my @named = lstat $path;
  return { %seen, state => $!{ENOENT} || $!{ENOTDIR} ? 'absent' : 'unreadable', why => "$!" } unless @named;
  return { %seen, state => type_of($named[2]) } unless S_ISREG($named[2]);
  sysopen(my $file, $path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or return { %seen, state => 'unreadable', why => "$!" };
  my @is = stat $file;
  return { %seen, state => type_of($is[2]) } unless S_ISREG($is[2]);
  %seen = (%seen, state => 'file', mode => $is[2] & 07777, links => $is[3], uid => 0 + $is[4], gid => 0 + $is[5], size => $is[7], changed => $is[9]);
  return { %seen, json => 'too-big' } if $is[7] > 1048576;
  my $text = '';
  while (sysread $file, $text, 65536, length $text) { }
  my $content = eval { JSON::PP->new->utf8->decode($text) };
  return { %seen, json => length $text ? 'not-json' : 'empty' } unless defined $content;
  return { %seen, json => 'not-object' } unless ref $content eq 'HASH';
  my $filled = sub { my $value = $content->{ $_[0] }; defined $value && !ref $value && length $value };
  my $when = $content->{ $want->{timeKey} // '' };
  # A time leaves the host only in the form of one; anything else could be a secret in the wrong place.
  my $time = defined $when && !ref $when && $when =~ /^[0-9][0-9T:.+Z -]{3,39}$/ ? "$when" : undef;
  return { %seen, json => 'object', missing => [grep { !$filled->($_) } @{ $want->{keys} }], time => $time,
    hasTime => defined $when ? JSON::PP::true() : JSON::PP::false() };
}

# What a line of a poller's log says, in the runbooks' phrases; the first that fits counts.
my @phrases = (
  ['bad-refresh-token', qr/Bad refresh token|bad_refresh_token|refresh_token\.(?:invalid|expired|evicted)/i],
  ['invalid-grant', qr/invalid_grant/],
  ['access-denied', qr/access_denied/],
  ['unauthorised', qr/HTTP 401/],
  ['sca-exceeded', qr/sca_exceeded|verification_required/],
  ['forbidden', qr/HTTP 403/],
  ['refresh-ok', qr/refresh ok/i],
  ['updated', qr/credit-accounts\.json updated/],
  ['transactions', qr/\d+ transactions?\b|\btransactions?\b\D*\d/i],
  ['done', qr/\bdone\b/i],
  ['trouble', qr/HTTP (?:408|429|5\d\d)|timed? ?out|refused|unreachable|could not resolve|temporary failure|connection reset|network|collector|cannot (?:write|replace)|without the expected fields|no JSON/i],
);

# The last classified lines of a log, oldest first: the kind of each, and its time where the line begins with one.
sub look_at_log {
  my ($name) = @_;
  my %seen = (k => 'log', name => $name, events => []);
  my @named = lstat "$R$P->{dataDir}/$name";
  return { %seen, state => $!{ENOENT} || $!{ENOTDIR} ? 'absent' : 'unreadable', why => "$!" } unless @named;
  return { %seen, state => type_of($named[2]) } unless S_ISREG($named[2]);
  sysopen(my $file, "$R$P->{dataDir}/$name", O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or return { %seen, state => 'unreadable', why => "$!" };
  my @is = stat $file;
  sysseek $file, $is[7] > 65536 ? $is[7] - 65536 : 0, 0;
  my $text = '';
  while (length $text < 131072 && sysread $file, $text, 65536, length $text) { }
  my @events;
  for my $line (split /\n/, $text) {
    my ($kind) = map { $_->[0] } grep { $line =~ $_->[1] } @phrases;
    next unless $kind;
    my ($time) = $line =~ /^\W{0,2}(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)/;
    push @events, { kind => $kind, time => $time };
    shift @events if @events > 24;
  }
  return { %seen, state => 'file', size => $is[7], changed => $is[9], events => \@events };
}
