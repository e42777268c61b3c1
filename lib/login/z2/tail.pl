# The runbooks' Verify: the end of the log as the container sees it, masked here.
sub tail {
  my ($exit, $out, $says) = finish(inside('tail', $order->{lines}, "$P->{containerRoot}$P->{containerDataDir}/$P->{log}"), $P->{pctSeconds});
  refuse('other', $says) unless defined $exit && $exit == 0;
  return { lines => [map { masked($_) } split /\n/, $out] };
}
