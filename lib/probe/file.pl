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
  my $filled = sub { my $value = $content->{ $_[0] }; defined $value && !ref $value && length $value && !is_number($value) };
  my $when = $content->{ $want->{timeKey} // '' };
  # A time leaves the host only in the form of one; anything else could be a secret in the wrong place.
  my $time = defined $when && !ref $when && $when =~ /^[0-9][0-9T:.+Z -]{3,39}$/ ? "$when" : undef;
  return { %seen, json => 'object', missing => [grep { !$filled->($_) } @{ $want->{keys} }], time => $time,
    hasTime => defined $when ? JSON::PP::true() : JSON::PP::false() };
}

# A number of JSON and no text: of the two only a text is a token (as JSON::PP tells them apart).
sub is_number {
  my ($value) = @_;
  no warnings 'numeric';
  return !utf8::is_utf8($value) && length((my $none = '') & $value);
}

# What proves a good poll in either bank's log.
my %good = map { $_ => 1 } qw(transactions updated);

# The last classified lines of a log, oldest first. A failure that lasts is followed further back, up to 512 KB: since when
# decides what it means.
sub look_at_log {
  my ($name) = @_;
  my %seen = (k => 'log', name => $name, events => []);
  my @named = lstat "$R$P->{dataDir}/$name";
  return { %seen, state => $!{ENOENT} || $!{ENOTDIR} ? 'absent' : 'unreadable', why => "$!" } unless @named;
  return { %seen, state => type_of($named[2]) } unless S_ISREG($named[2]);
  sysopen(my $file, "$R$P->{dataDir}/$name", O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or return { %seen, state => 'unreadable', why => "$!" };
  my @is = stat $file;
  my $events;
  for my $window (65536, 524288) {
    sysseek $file, $is[7] > $window ? $is[7] - $window : 0, 0;
    my $text = '';
    while (length $text < 2 * $window && sysread $file, $text, 65536, length $text) { }
    $events = events_of($text);
    last if $is[7] <= $window || grep { $good{ $_->{kind} } } @$events;
  }
  return { %seen, state => 'file', size => $is[7], changed => $is[9], events => $events };
}

# Of the same thing again and again, the first and the latest are kept.
sub events_of {
  my ($text) = @_;
  my @events;
  for my $line (split /\n/, $text) {
    my $kind = kind_of($line) // next;
    pop @events if @events > 1 && $events[-1]{kind} eq $kind && $events[-2]{kind} eq $kind;
    push @events, { kind => $kind, time => time_of($line), counts_of($line) };
    splice @events, 0, -($good{$kind} ? 24 : 400) if @events > ($good{$kind} ? 24 : 400);
  }
  return \@events;
}
