package Run;

# A service that starts runs its program: a file below the root of its side, or, for what systemd-run has made, any program
# that the host has. Whoever runs it stays until it ends, as its systemd.
use strict;
use Lab;
use State;
use Unit;
use Memory;
use Elapse;
use Transient;

# how long a service may take to stop, in seconds (DefaultTimeoutStopSec=)
my $PATIENCE = 90;

# {'no-block'}: in the background; {stay}: a simple service is not left to itself; {again}: Restart= wants it
sub service {
  my ($flags, $name, $unit, $state) = @_;
  return 0 if $state->{active} =~ /^(active|activating)$/ && $state->{sub} ne 'auto-restart';
  Transient::silence($name);
  Memory::remember($unit);
  my $is_simple = Unit::setting($unit, 'Service.Type', 'simple') ne 'oneshot';
  my $now = Elapse::now();
  State::set($name, {
    $is_simple ? (active => 'active', sub => 'running', entered => $now) : (active => 'activating', sub => 'start'), result => 'success',
    began => $now, invocation => State::new_invocation(), reread => $state->{reread}, restarts => $flags->{again} ? ($state->{restarts} // 0) + 1 : undef,
  });
  if ($flags->{'no-block'} || $is_simple && !$flags->{stay}) {
    defined(my $pid = fork) or die "Failed to start $name: $!\n";
    return 0 if $pid;
    require POSIX;
    POSIX::setsid();
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', '/dev/null';
    open STDERR, '>', '/dev/null';
    run($name, $unit);
    Memory::forget();
    POSIX::_exit(0);
  }
  return 0 if run($name, $unit) == 0;
  print STDERR "Job for $name failed because the control process exited with error code.\n"
    . "See \"systemctl status $name\" and \"journalctl -xeu $name\" for details.\n";
  return 1;
}

sub run {
  my ($name, $unit) = @_;
  my $state = State::get($name);
  defined(my $pid = fork) or die "Failed to start $name: $!\n";
  if (!$pid) { setpgrp; become($name, $unit, $state) or exit 203 }
  # both sides: whoever comes first
  setpgrp $pid, $pid;
  State::set($name, { %$state, pid => $pid, main => $pid });
  my ($status, $is_stopped) = wait_for($name, $pid, $unit);
  my %end = (exit => Elapse::now(), status => $status, pid => undef, until => undef);
  $state = { %{ State::get($name) }, %end };
  my $is_well = $is_stopped || $status == 0;
  my $again = $is_stopped ? 'no' : Unit::setting($unit, 'Service.Restart', 'no');
  @$state{qw(active sub result)} = $is_well ? qw(inactive dead success) : qw(failed failed exit-code);
  if ($again eq 'always' || $again eq 'on-failure' && !$is_well) {
    @$state{qw(active sub)} = qw(activating auto-restart);
    Transient::alarm_at($name, $end{exit} + (Elapse::seconds(Unit::setting($unit, 'Service.RestartSec', '100ms')) // 0));
  }
  State::set($name, $state);
  return $is_well ? 0 : $status;
}

# execs, or comes back where there is no such program
sub become {
  my ($name, $unit, $state) = @_;
  require Cwd;
  my $bin = Cwd::realpath("$Lab::DIR/bin");
  my $command = Unit::setting($unit, 'Service.ExecStart', '');
  %ENV = (PATH => "$bin/$Lab::SIDE:$bin/system", LANG => 'C', INVOCATION_ID => $state->{invocation});
  open STDIN, '<', '/dev/null';
  if (Transient::is_one($name)) {
    my ($program, @arguments) = Transient::expanded(\%ENV, Transient::words($command, $state->{reread}));
    my $there = program($program) // return 0;
    # on a real host it is the root, from where the lab's relative paths lead
    chdir(Lab::slurp("$Lab::DIR/checkout") // Lab::root());
    return exec { $there } $program, @arguments;
  }
  my ($program, @arguments) = split /\s+/, $command;
  my $root = Lab::root();
  my $there = $program =~ m{^/} && $program !~ m{/\.\./} ? Lab::inside("$root$program") : undef;
  chdir $root;
  return $there && -x $there && exec { $there } $there, @arguments;
}

# the file behind a program's name: a stand-in, a harmless program, or a file of this side; never another one of this machine
sub program {
  my ($name) = @_;
  my ($bare) = $name =~ m{^(?:/(?:usr/)?(?:local/)?s?bin/)?([^/]+)$};
  for (defined $bare ? map { "$Lab::DIR/bin/$_/$bare" } $Lab::SIDE, 'system' : ()) { return $_ if -x $_ }
  my $there = $name =~ m{^/} ? Lab::inside(Lab::root() . $name) : undef;
  return $there && -x $there ? $there : undef;
}

# `systemctl stop` asks for the end with a file: only the parent signals a pid, so it is never somebody else's. What a service
# left behind ends with it. (status, whether it was stopped); when the lab or the container has gone there is no more to do
sub wait_for {
  my ($name, $pid, $unit) = @_;
  my $ask = State::file("$name.stop");
  my $patience = Elapse::seconds(Unit::setting($unit, 'Service.TimeoutStopSec', $PATIENCE)) // $PATIENCE;
  my $stopped;
  until (waitpid($pid, 1) == $pid) {
    if (unlink $ask) { kill 'TERM', -$pid; $stopped = time }
    if ($stopped && time > $stopped + $patience) { kill 'KILL', -$pid }
    if (Lab::is_over() || !-e State::file($name)) { kill 'KILL', -$pid; waitpid $pid, 0; exit 0 }
    select undef, undef, undef, 0.01;
  }
  # it ended by itself just before it was asked to
  $stopped = time if unlink $ask;
  my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
  kill 'TERM', -$pid;
  return ($status, $stopped);
}

sub end {
  my ($name, $state) = @_;
  Lab::spew(State::file("$name.stop"), '');
  for (1 .. ($PATIENCE + 5) * 100) {
    last if !State::get($name)->{pid};
    select undef, undef, undef, 0.01;
  }
  unlink State::file("$name.stop");
}

1;
