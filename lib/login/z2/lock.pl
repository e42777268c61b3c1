# The lock of a bank: the very one that the repairs of `pulumi up` and the switch take. Whoever waits for it too long is told
# who has it.
sub lock_bank {
  my $path = "$R/run/lock/bulma-$bank";
  sysopen(my $lock, $path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0644) or refuse('lock', "cannot open $path: $!");
  my $until = clock() + $P->{lockSeconds};
  until (flock $lock, LOCK_EX | LOCK_NB) {
    refuse('lock', 'cannot lock ' . "$path: $!") unless $!{EWOULDBLOCK} || $!{EINTR};
    refuse('lock', holder_of($path, $lock) . " holds $path") if clock() >= $until;
    select undef, undef, undef, 0.05;
  }
  return $lock;
}

# proc(5), /proc/locks: kind, pid, and the file as major:minor:inode. Where there is no such file, nobody can be named.
sub holder_of {
  my ($path, $lock) = @_;
  my @is = stat $lock;
  open my $locks, '<', '/proc/locks' or return 'another program';
  for (<$locks>) {
    my ($pid) = /^\d+: FLOCK +ADVISORY +WRITE (\d+) [0-9a-f]+:[0-9a-f]+:$is[1] / or next;
    open my $words, '<', "/proc/$pid/cmdline" or return "pid $pid";
    my $line = join ' ', split /\0/, <$words> // '';
    return "pid $pid ($1)" if $line =~ /^(bulma-infra \w+)/;
    return "pid $pid (" . ($line =~ / sh -s$/ ? 'a repair of pulumi up' : $line =~ / sh -c / ? 'the switch' : masked(substr $line, 0, 60)) . ')';
  }
  return 'another program';
}
