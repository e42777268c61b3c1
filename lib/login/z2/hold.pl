# The lease: taken, renewed, given back.
sub make_folders {
  own_folder($run, 0755);
  own_folder($state, 0700);
  my @data = stat "$R$P->{dataDir}" or refuse('folder', "$R$P->{dataDir}: $!");
  my $staging = own_folder($R . $P->{stagingDir}, 0700);
  refuse('folder', "$R$P->{stagingDir} is not on the file system of $R$P->{dataDir}") unless $staging->[0] == $data[0];
}

# Two takers at once: the lock lets one after the other. A lease that were created empty under its own name and filled then
# would be a broken one after a kill, which nobody may take over.
sub take {
  settle();
  make_folders();
  my $lease = read_lease();
  my $is_free = !$lease || is_over($lease) || is_by($lease, $order) || $order->{over} && is_by($lease, $order->{over});
  return { taken => $no, lease => $lease, now => time } unless $is_free;
  my ($issued, $record) = (read_issued(), read_record());
  my $last = $record && $record->{login} > $issued ? $record->{login} : $issued;
  my $login = $order->{login} // $last + 1;
  # on disk before anybody hears of it: an id that is lost is no loss, one that is given twice is
  replace($state, "$bank.login", "$login\n") if $login > $issued;
  sweep();
  my $mine = { holder => plain_name($order->{holder}), pid => 0 + $order->{pid}, login => 0 + $login, since => time, deadline => time + $order->{seconds} };
  replace($run, "$bank.lease", json($mine));
  return { taken => $yes, lease => $mine, now => time };
}

sub renew {
  my $lease = read_lease();
  return { mine => $no, armed => $no, now => time } unless is_mine($lease);
  replace($run, "$bank.lease", json({ %$lease, deadline => time + $order->{seconds} }));
  my $armed = is_armed();
  $armed = arm($order->{switchSeconds}) if $armed && $order->{switchSeconds};
  return { mine => $yes, armed => $armed ? $yes : $no, now => time };
}

# The switch goes only when the poll timer needs it no more; without one it stays, and does its work.
sub release {
  my $lease = read_lease();
  return { released => $yes } unless $lease;
  return { released => $no } unless is_mine($lease);
  if (is_armed()) {
    my ($seen) = look_inside();
    disarm() if $seen && has_next($seen->{timer});
  }
  # On a disk that is gone nothing can be swept: the next login does it. The lease must not stay for that.
  eval { settle(); sweep() };
  remove("$run/$bank.lease");
  flush_folder($run);
  return { released => $yes };
}
