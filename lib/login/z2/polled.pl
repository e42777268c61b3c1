# What has become of the poll that was started. Only its own lines are judged.
my $log_file = "$R$P->{dataDir}/$P->{log}";

# The service is looked at first: when it has ended, its log is whole.
sub polled {
  my $mark = $order->{mark};
  my ($seen, $says) = look_inside();
  refuse('other', $says) unless $seen;
  my $service = $seen->{service};
  my $run_id = $service->{InvocationID} // '';
  my $ran = $mark->{running} || length $run_id && $run_id ne $mark->{invocation};
  my @lines = $ran ? lines_since($mark) : ();
  my @events = map { my $kind = kind_of($_); defined $kind ? { kind => $kind, time => time_of($_), counts_of($_) } : () } @lines;
  my ($transactions) = reverse grep { defined } map { $_->{transactions} } @events;
  splice @lines, 0, -15 if @lines > 15;
  return { running => boolean(is_polling($service)), ran => boolean($ran), result => $service->{Result} // '', events => \@events,
    transactions => $transactions, lines => [map { masked($_) } @lines] };
}

# From the mark on, or all of a log that was begun anew.
sub lines_since {
  my ($mark) = @_;
  my ($file, $is) = open_plain($log_file);
  return () unless $file;
  my $from = $is->[1] eq $mark->{inode} && $is->[7] >= $mark->{size} ? $mark->{size} : 0;
  $from = $is->[7] - MOST_BYTES if $is->[7] - $from > MOST_BYTES;
  return split /\n/, content($file, $from) // '';
}
