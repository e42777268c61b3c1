# One poll of our own, told from all others by the run of its service and by where the log stood before it.
my $log_file = "$R$P->{dataDir}/$P->{log}";

sub poll {
  my $lease = read_lease();
  refuse('other', whose($lease)) unless is_mine($lease);
  my (undef, $is) = open_plain($log_file);
  my ($inode, $size) = ref $is ? @$is[1, 7] : (0, 0);
  my ($exit, $out, $says) = finish(inside('poll', $P->{service}), $P->{pctSeconds});
  refuse('other', $says) unless defined $exit && $exit == 0;
  my %seen = $out =~ /^(\w+)=(.*)$/mg;
  my $running = ($seen{running} // '') eq 'yes';
  refuse('other', "$P->{service} did not start: $seen{Result}") unless $running || ($seen{now} // '') ne $seen{before};
  return { mark => { inode => "$inode", size => 0 + $size, invocation => $seen{before}, running => boolean($running) } };
}
