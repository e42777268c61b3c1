# What is known of the last login that was committed. A commit puts the record of a new chain beside the old record, then
# renames the new token file out of the staging folder, then renames the record. So after a kill at any moment: a pending
# record whose token file still waits in the staging folder was not committed; one whose token file is gone was.
my $staging = "$R$P->{stagingDir}";
my ($record_file, $pending_file, $made_file) = ("$state/$bank.json", "$state/$bank.json.new", "$staging/$bank.tokens.new");

sub parsed_record {
  my ($path) = @_;
  my $text = own_text('record', $path) // return undef;
  my $record = object($text);
  return record_of($record // {}) // refuse('record', "$path is not a record");
}

# The record in these values; undef when one of them is missing or of another form.
sub record_of {
  my ($of) = @_;
  my @moments = qw(loggedInAt committedAt);
  push @moments, 'consentEnd' if defined $of->{consentEnd};
  return undef unless is_number($of->{login}) && !grep { !is_number($of->{$_}) } @moments;
  return undef unless ref $of->{account} eq 'ARRAY' && !grep { !defined || !/^[0-9a-f]{16}\z/ } $of->{refresh}, @{ $of->{account} };
  return { refresh => $of->{refresh}, account => $of->{account}, consentEnd => undef, map { $_ => 0 + $of->{$_} } 'login', @moments };
}

# Was what the pending record tells of committed? undef when there is none.
sub is_renamed {
  return undef unless -e $pending_file || -l $pending_file;
  my @is = lstat $staging;
  my @data = stat "$R$P->{dataDir}";
  # a disk that is not mounted tells nothing
  refuse('record', "$pending_file waits for $staging, which is not there") unless @is && @data && S_ISDIR($is[2]) && $is[0] == $data[0];
  return !lstat $made_file;
}

# undef when there is none. One that is not what we write is reported, never overwritten. Asked without the lock, a commit may
# go on meanwhile: what was read of it counts when it still stands afterwards.
sub read_record {
  for (1 .. 3) {
    my $renamed = is_renamed();
    my $record = parsed_record($renamed ? $pending_file : $record_file);
    return $record if !$renamed || $record && is_renamed();
  }
  return parsed_record($record_file);
}

# Finishes what a commit that was killed has begun, or takes it back. Under the lock.
sub settle {
  my $renamed = is_renamed() // return;
  if ($renamed) {
    parsed_record($pending_file);
    flush_folder($_) for "$R$P->{dataDir}", $staging;
    move($pending_file, $record_file);
    flush_folder($state);
  } else {
    take_back();
  }
}

# The pending record goes first: without its token file it would tell of a commit.
sub take_back {
  remove($pending_file);
  flush_folder($state);
  remove($_) for $made_file, "$staging/$bank.credentials.new";
  flush_folder($staging);
}

# Uploads of this bank that nobody will want. Only after `settle`.
sub sweep {
  return unless -d $staging;
  remove("$staging/$bank.$_") for qw(tokens credentials try tokens.new credentials.new);
}
