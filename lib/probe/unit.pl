# Every trace of the legacy units in the folders that systemd reads: files, drop-in folders, wants links.
sub look_for_units {
  my (@found, %been, @unread);
  for my $folder (@{ $P->{unitDirs} }) {
    my @is = stat "$R$folder" or next;
    next if $been{"$is[0]:$is[1]"}++;    # /lib is often a link to /usr/lib
    opendir(my $handle, "$R$folder") or do { push @unread, "$folder: $!"; next };
    for my $entry (readdir $handle) {
      push @found, trace("$folder/$entry") if index($entry, $P->{legacyPrefix}) == 0;
      next unless $entry =~ /\.(?:wants|requires|upholds)$/;
      opendir(my $links, "$R$folder/$entry") or do { push @unread, "$folder/$entry: $!"; next };
      push @found, map { trace("$folder/$entry/$_") } grep { index($_, $P->{legacyPrefix}) == 0 } readdir $links;
    }
  }
  return { k => 'traces', unread => \@unread, found => \@found };
}

sub trace {
  my ($path) = @_;
  my @is = lstat "$R$path";
  return { path => $path, type => @is ? type_of($is[2]) : 'other', target => @is && S_ISLNK($is[2]) ? readlink "$R$path" : undef };
}
