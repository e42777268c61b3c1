# The new chain takes the place of the old one. Every "no" comes before the first rename.
sub commit {
  my $lease = read_lease();
  refuse('lease', whose($lease)) unless is_mine($lease);
  settle();
  my $record = read_record();
  my $want = record_of({ %{ $order->{record} }, login => $order->{me}{login}, committedAt => time }) // refuse('other', 'what was sent is not a record');
  if ($record && $record->{login} >= $want->{login}) {
    my $is_same = $record->{login} == $want->{login} && $record->{refresh} eq $want->{refresh};
    refuse('older', "login $record->{login} is on z2 already, committed as $record->{refresh}") unless $is_same;
    return finished($record, 1);
  }
  my $look = start_look();
  my $armed = is_armed();
  my ($seen, $says) = seen_inside(finish($look, $P->{pctSeconds}));
  refuse('switch', "$unit.timer is not armed: it has fired, and the poll timer may run") unless $armed;
  refuse('other', $says) unless $seen;
  refuse('busy', "$P->{timer} is $seen->{timer}{ActiveState}, $P->{service} is $seen->{service}{ActiveState}") unless is_idle($seen);
  check_folders($seen);
  my ($is_there, @files) = new_files($want, owner_of($seen));
  put_in_place($want, @files);
  if (grep { $_->{kind} eq 'tokens' } @files) { move($pending_file, $record_file); flush_folder($state) }
  else { replace($state, "$bank.json", json($want)) }
  read_back($want, @files);
  return finished($want, $is_there);
}

sub finished {
  my ($record, $is_there) = @_;
  # what is left of the uploads goes with the lease, if not now
  eval { sweep() };
  return { done => $yes, already => boolean($is_there), record => $record };
}

# Both sides see one folder, and what is staged can be renamed into it.
sub check_folders {
  my ($seen) = @_;
  my @data = stat "$R$P->{dataDir}" or refuse('other', "$R$P->{dataDir}: $!");
  refuse('other', "ct$P->{containerId} sees another folder than $P->{dataDir}") unless ($seen->{facts}{folder} // '') eq "$data[0] $data[1]";
  sysopen(my $folder, $staging, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) or refuse('upload', "$staging: $!");
  my @is = stat $folder;
  refuse('other', "$staging is not root's alone") if $is[4] != 0 || $is[2] & 077;
  refuse('other', "$staging is on another file system than $P->{dataDir}") unless $is[0] == $data[0];
}

# The host's uid of the container's root; the host's own root where everybody may read and write the file.
sub owner_of {
  my ($seen) = @_;
  return 0 if $P->{tokenAccess} eq 'world';
  return is_number($seen->{facts}{mapped}) ? $seen->{facts}{mapped} : refuse('other', 'the mapped root of the container is not known');
}

# Compares what is on Z2 with what was uploaded. → (is the chain there already?, the files to put in place, credentials first)
sub new_files {
  my ($want, $owner) = @_;
  my $tokens = tokens_on_z2();
  my $is_there = defined $tokens->{fingerprint} && $tokens->{fingerprint} eq $want->{refresh};
  refuse('link', $tokens->{why}) if $tokens->{planted};
  refuse('other', $tokens->{why}) if $tokens->{state} eq 'other';
  my ($now, $before) = map { $_ // 'none' } $tokens->{fingerprint}, $order->{before};
  refuse('rotated', "the chain on z2 is $now, and was $before when the timer was stopped") unless $is_there || $now eq $before;
  my @files;
  for my $file (sort { $a->{kind} cmp $b->{kind} } @{ $order->{files} }) {
    my $is_tokens = $file->{kind} eq 'tokens';
    my $name = $is_tokens ? $P->{tokenFile} : $P->{credentialsFile};
    refuse('upload', "$file->{name} is no file of $bank") unless $file->{name} eq $name;
    my $old = $is_tokens ? $tokens : credentials_on_z2();
    refuse('link', $old->{why}) if $old->{planted};
    refuse('other', $old->{why}) if $old->{state} eq 'other';
    next if $is_tokens ? $is_there : ($old->{sha256} // '') eq $file->{sha256};
    my $upload = uploaded($file, $want);
    my $text = $is_tokens && $order->{carry} ? carried($upload, $old->{object}) : $upload->{text};
    my $mode = $P->{tokenAccess} eq 'world' ? ($is_tokens ? 0606 : 0604) : 0600;
    push @files, { kind => $file->{kind}, text => $text, mode => $mode, owner => $owner,
      from => "$staging/$bank.$file->{kind}.new", to => "$R$P->{dataDir}/$name" };
  }
  refuse('upload', 'no tokens were uploaded') unless $is_there || grep { $_->{kind} eq 'tokens' } @files;
  return ($is_there, @files);
}

sub uploaded {
  my ($file, $want) = @_;
  my $is_tokens = $file->{kind} eq 'tokens';
  my $upload = file_of("$staging/$bank.$file->{kind}", $is_tokens ? $keys{refreshToken} : $keys{clientId});
  refuse('upload', $upload->{why}) unless $upload->{state} eq 'file';
  refuse('upload', "$bank.$file->{kind} is not what was sent") unless $upload->{sha256} eq $file->{sha256} && $upload->{is}[4] == 0;
  refuse('upload', "$bank.tokens holds another refresh token than was announced") if $is_tokens && $upload->{fingerprint} ne $want->{refresh};
  return $upload;
}

# Whole new files first, all on disk; then the pending record; then the renames.
sub put_in_place {
  my ($want, @files) = @_;
  my $is_done = eval {
    for (@files) { remove($_->{from}); put_new(@$_{qw(from text mode owner)}) }
    flush_folder($staging);
    if (grep { $_->{kind} eq 'tokens' } @files) {
      remove($pending_file);
      put_new($pending_file, json($want));
      flush_folder($state);
      my $now = chain_on_z2() // 'none';
      refuse('rotated', "the chain on z2 is $now") unless $now eq ($order->{before} // 'none');
    }
    for (@files) { move($_->{from}, $_->{to}); flush_folder("$R$P->{dataDir}") }
    flush_folder($staging);
    1;
  };
  return if $is_done;
  my $failure = $@;
  # On a disk that takes nothing this fails too: the next order finds the same files and takes it back then.
  eval { take_back() } if lstat $made_file;
  die $failure;
}

sub read_back {
  my ($want, @files) = @_;
  my $tokens = tokens_on_z2();
  my $record = read_record();
  my ($made) = map { $_->{text} } grep { $_->{kind} eq 'tokens' } @files;
  my $is_right = ($tokens->{fingerprint} // '') eq $want->{refresh} && (!defined $made || $tokens->{text} eq $made) && $record && json($record) eq json($want);
  refuse('disk', 'what is read back from z2 is not what was written') unless $is_right;
}
