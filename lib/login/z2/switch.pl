# The dead-man's switch: a transient timer of Z2's systemd that starts the poll timer when nobody renews it (systemd-run(1)).
my $unit = "bulma-reauth-$bank";

# → the properties of the switch's timer. While systemd is at work on it, as an order may have asked that was killed since, it
# is neither armed nor not.
sub switch_seen {
  my @asked = map { ('-p', $_) } qw(ActiveState SubState TimersMonotonic Job);
  for (1 .. 20) {
    my ($exit, $out, $says) = finish(launch('systemctl', 'show', "$unit.timer", @asked), 5);
    refuse('other', "systemctl: $says") unless defined $exit && $exit == 0;
    my %seen = map { /^(\w+)=(.*)$/ ? ($1, $2) : () } split /\n/, $out;
    return \%seen unless $seen{Job};
    select undef, undef, undef, 0.1;
  }
  refuse('other', "systemd does not come to an end with $unit.timer");
}

# Armed is one that will fire. One that has fired is not, whatever became of what it does.
sub will_fire { my ($seen) = @_; return ($seen->{ActiveState} // '') eq 'active' && ($seen->{SubState} // '') eq 'waiting' }
sub is_armed { return will_fire(switch_seen()) }

# Arms it, or winds it up anew: a restart is one job of systemd, so that there is no moment without a switch. Another number of
# seconds, or one that has fired, needs a new one. Without a start limit of its own, since systemd fails a timer that is
# restarted five times in ten seconds, and --collect takes it away. → is it armed?
sub arm {
  my ($seconds) = @_;
  my $seen = switch_seen();
  if (will_fire($seen) && span($seen->{TimersMonotonic}) == $seconds) {
    finish(launch('systemctl', 'restart', "$unit.timer"), 5);
    return 1 if is_armed();
  }
  disarm();
  my ($exit, undef, $says) = finish(launch(
    'systemd-run', '--collect', "--unit=$unit", "--description=starts $P->{timer} in ct$P->{containerId} if a login vanishes", "--on-active=${seconds}s", '--timer-property=AccuracySec=1s', '--timer-property=StartLimitIntervalSec=0',
    '-p', 'Restart=on-failure', '-p', 'RestartSec=30', '-p', 'StartLimitIntervalSec=0', '--', switch_command()), 5);
  refuse('other', "systemd-run: $says") unless defined $exit && $exit == 0;
  return is_armed();
}

# 5 says that there is nothing to stop.
sub disarm { finish(launch('systemctl', 'stop', "$unit.timer", "$unit.service"), 5) }

# `{ OnActiveUSec=1h 30min ; next_elapse=… }` in seconds (systemd.time(7))
sub span {
  my ($text) = @_;
  my ($span) = ($text // '') =~ /OnActiveUSec=([^;]*)/ or return 0;
  my %unit = (h => 3600, min => 60, s => 1, ms => 0.001);
  my $sum = 0;
  $sum += $1 * ($unit{$2} // 0) while $span =~ /([\d.]+)([a-z]+)/g;
  return $sum;
}

# Under the lock of the bank, which its daemons do not inherit, and within a limit, so that a pct that hangs keeps nobody out. As
# base64, since systemd expands $ and % in what it starts. It runs elsewhere, so that relative paths need our folder.
sub switch_command {
  require Cwd;
  require MIME::Base64;
  my $here = Cwd::getcwd();
  my $program = join '', map { "$_\n" } 'cd ' . quoted($here), 'PATH=' . quoted($env{PATH}), $P->{programs}{switch};
  my $lock = ($R =~ m{^[^/]} ? "$here/" : '') . "$R/run/lock/bulma-$bank";
  return ('flock', '-o', '-E', '75', '-w', '60', $lock, 'timeout', '-k', '5', '45', 'sh', '-c',
    'echo ' . MIME::Base64::encode_base64($program, '') . ' | base64 -d | sh');
}

sub quoted { my ($text) = @_; $text =~ s/'/'\\''/g; return "'$text'" }
