package Job;

# start, stop, restart, reset-failed, daemon-reload. Exit codes and words as systemctl's.
use strict;
use Lab;
use Unit;
use Memory;
use State;
use Timer;
use Run;
use Mount;
use Transient;

# `lab break repair-fails-…`: what would mend a thing does not work
sub is_broken {
  my ($verb, $unit) = @_;
  return 0 if $ENV{BULMA_LAB_HAND};
  return 1 if $verb eq 'enable' && $Lab::SIDE eq 'ct109' && Lab::switched_on('repair-fails-enable');
  return $Lab::SIDE eq 'z2' && $unit =~ /-(morning|evening)\./ && Lab::switched_on("repair-fails-legacy-$1");
}

sub failed { print STDERR "Failed to $_[0] $_[1]: $_[2]\n"; return $_[3] }

sub start {
  my ($flags, $name, $verb) = @_;
  $verb //= 'start';
  my ($state, $unit) = Memory::view($name);
  return failed($verb, $name, "Unit $name not found.", 5) if $unit->{load} eq 'not-found';
  return failed($verb, $name, "Unit $name is masked.", 1) if $unit->{load} eq 'masked';
  if ($unit->{load} eq 'bad-setting') {
    failed($verb, $name, "Unit $name has a bad unit file setting.", 1);
    print STDERR "See system logs and 'systemctl status $name' for details.\n";
    return 1;
  }
  print STDERR "Warning: The unit file, source configuration file or drop-ins of $name changed on disk. "
    . "Run 'systemctl daemon-reload' to reload units.\n" if $unit->{changed} && !$flags->{quiet};
  return start_timer($name, $unit, $state) if $name =~ /\.timer$/;
  return Mount::start($unit) if $name =~ /\.mount$/;
  return Run::service($flags, $name, $unit, $state);
}

# OnBootSec= that is over when the timer starts elapses at once (systemd.timer(5))
sub start_timer {
  my ($name, $unit, $state) = @_;
  return 0 if $state->{active} eq 'active';
  $state = { active => 'active', sub => 'waiting', result => 'success', since => Elapse::now(), exit => $state->{exit}, invocation => State::new_invocation() };
  Memory::remember($unit);
  my $next = Timer::elapses($name, $unit, $state, $^T);
  my $is_over = grep { $_->[0] =~ /^On(Boot|Startup)/ && $_->[3] } @{ $next->{monotonic} };
  $state->{triggered} = $^T if $is_over;
  $state->{sub} = 'elapsed' unless $is_over || $next->{realtime} || $next->{relative};
  State::set($name, $state);
  Transient::alarm_at($name, $next->{relative}) if $next->{relative} && Transient::is_one($name);
  trigger($name, $unit) if $is_over && !$ENV{BULMA_LAB_HAND};
  return 0;
}

# a timer's service, in the background, as systemd runs it
sub trigger {
  my ($timer, $unit) = @_;
  my $service = Timer::service_of($timer, $unit);
  my ($state, $definition) = Memory::view($service);
  Run::service({ 'no-block' => 1 }, $service, $definition, $state) if $definition->{load} eq 'loaded';
}

sub stop {
  my ($flags, $name) = @_;
  return failed('stop', $name, 'Read-only file system', 1) if is_broken('stop', $name);
  my ($state, $unit) = Memory::view($name);
  return failed('stop', $name, "Unit $name not loaded.", 5) if $unit->{load} eq 'not-found' && !$state->{kept};
  return Mount::stop($unit) if $name =~ /\.mount$/;
  return 0 if $state->{active} eq 'inactive' || $state->{active} eq 'failed';
  Run::end($name, $state) if $state->{pid};
  Transient::silence($name);
  # a service that has run has its own moment; a timer ends now
  my $exit = $name =~ /\.timer$/ || $state->{until} ? $^T : State::get($name)->{exit};
  State::set($name, { %$state, active => 'inactive', sub => 'dead', until => undef, pid => undef, exit => $exit });
  return 0;
}

sub restart {
  my ($flags, $name) = @_;
  my ($state) = Memory::view($name);
  stop($flags, $name) if $state->{active} !~ /^(inactive|failed)$/ && Unit::on_disk($name)->{load} eq 'loaded';
  return start($flags, $name, 'restart');
}

sub reset_failed {
  my ($flags, $name) = @_;
  my ($state, $unit) = Memory::view($name);
  if (!$state->{kept}) {
    print STDERR "Failed to reset failed state of unit $name: Unit $name not loaded.\n";
    return 1;
  }
  State::set($name, { %$state, active => 'inactive', sub => 'dead', result => 'success' }) if $state->{active} eq 'failed';
  return 0;
}

# definitions are read again; an active timer without one fails for want of resources
sub reload {
  # systemd reads their files again, and not as it wrote them
  for my $name (Transient::all()) { State::set($name, { %{ State::get($name) }, reread => 1 }) }
  put_back() if $Lab::SIDE eq 'z2' && !$ENV{BULMA_LAB_HAND};
  for my $name (State::all()) {
    my ($state) = Memory::view($name);
    next unless $state->{kept};
    my $unit = Unit::on_disk($name);
    Memory::remember($unit);
    next unless $name =~ /\.timer$/ && $state->{active} eq 'active';
    if ($unit->{load} ne 'loaded') { State::set($name, { %$state, active => 'failed', sub => 'failed', result => 'resources' }) }
    elsif ($state->{sub} eq 'waiting') {
      my $next = Timer::elapses($name, $unit, $state, $^T);
      State::set($name, { %$state, sub => 'elapsed' }) unless $next->{realtime} || $next->{relative};
    }
  }
  return 0;
}

# something else on the host owns a former unit and writes it again: no repair can hold
sub put_back {
  for my $half (qw(morning evening)) {
    next unless Lab::switched_on("repair-fails-legacy-$half");
    my $kept = Lab::slurp("$Lab::DIR/switch/repair-fails-legacy-$half");
    my $file = Lab::root() . "/etc/systemd/system/hinata-poll-truelayer-$half.timer";
    Lab::spew($file, $kept) unless -e $file;
  }
}

1;
