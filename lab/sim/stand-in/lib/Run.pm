package Run;

# A service that starts runs its program, which is a file below the root of its side.
use strict;
use Lab;
use State;
use Unit;
use Memory;

# Runs ExecStart= and waits, unless no-block. The program is a file below the root; its working folder is the root.
sub service {
  my ($flags, $name, $unit, $state) = @_;
  return 0 if $state->{active} eq 'activating';
  Memory::remember($unit);
  State::set($name, { active => 'activating', sub => 'start', result => 'success', began => $^T, invocation => State::new_invocation() });
  if ($flags->{'no-block'}) {
    defined(my $pid = fork) or die "Failed to start $name: $!\n";
    return 0 if $pid;
    require POSIX;
    POSIX::setsid();
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', '/dev/null';
    open STDERR, '>', '/dev/null';
    run($name, $unit);
    POSIX::_exit(0);
  }
  return 0 if run($name, $unit) == 0;
  print STDERR "Job for $name failed because the control process exited with error code.\n"
    . "See \"systemctl status $name\" and \"journalctl -xeu $name\" for details.\n";
  return 1;
}

sub run {
  my ($name, $unit) = @_;
  my ($program, @arguments) = split /\s+/, Unit::setting($unit, 'Service.ExecStart', '');
  my $root = Lab::root();
  defined(my $pid = fork) or die "Failed to start $name: $!\n";
  if (!$pid) {
    require Cwd;
    my $bin = Cwd::realpath("$Lab::DIR/bin");
    %ENV = (PATH => "$bin/$Lab::SIDE:$bin/system", LANG => 'C');
    my $there = $program =~ m{^/} && $program !~ m{/\.\./} ? Lab::inside("$root$program") : undef;
    chdir $root;
    exec { $there } $there, @arguments if $there && -x $there;
    exit 203;
  }
  State::set($name, { %{ State::get($name) }, pid => $pid });
  my $status = wait_for($name, $pid);
  my $state = State::get($name);
  my %end = (exit => time, status => $status, pid => undef, until => undef);
  my @outcome = $state->{active} eq 'inactive' || $status == 0 ? ('inactive', 'dead', 'success') : ('failed', 'failed', 'exit-code');
  @end{qw(active sub result)} = @outcome;
  State::set($name, { %$state, %end });
  return $status;
}

# `systemctl stop` asks for the end with a file: only the parent signals a pid, so it is never somebody else's
sub wait_for {
  my ($name, $pid) = @_;
  my $ask = State::file("$name.stop");
  until (waitpid($pid, 1) == $pid) {
    if (unlink $ask) { kill 'TERM', $pid }
    select undef, undef, undef, 0.01;
  }
  return $? & 127 ? 128 + ($? & 127) : $? >> 8;
}

sub end {
  my ($name, $state) = @_;
  Lab::spew(State::file("$name.stop"), '');
  for (1 .. 500) {
    return if !State::get($name)->{pid};
    select undef, undef, undef, 0.01;
  }
  unlink State::file("$name.stop");
}

1;
