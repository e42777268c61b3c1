package Show;

# `systemctl show`: every property this lab knows, in the order and the words of systemd 252.
use strict;
use Lab;
use Unit;
use Memory;
use State;
use Timer;
use Elapse;
use Transient;

my @TIMER = qw(Unit TimersMonotonic TimersCalendar NextElapseUSecRealtime NextElapseUSecMonotonic LastTriggerUSec
  Result AccuracyUSec RandomizedDelayUSec Persistent RemainAfterElapse);
my @SERVICE = qw(Type Restart RestartUSec Result NRestarts ExecMainStartTimestamp ExecMainExitTimestamp ExecMainPID ExecMainCode ExecMainStatus);
my @MOUNT = qw(Where What Result);
my @UNIT = qw(Id Names Triggers TriggeredBy Description LoadState ActiveState SubState FragmentPath DropInPaths UnitFileState
  StateChangeTimestamp InactiveExitTimestamp ActiveEnterTimestamp InactiveEnterTimestamp NeedDaemonReload Transient InvocationID CollectMode);

# the text of one unit, only the wanted properties (all when none is named)
sub block {
  my ($name, $wanted, $bare) = @_;
  my ($state, $unit) = Memory::view($name);
  my ($type) = $name =~ /\.(\w+)$/;
  my %value = (common($name, $unit, $state), of_type($type, $name, $unit, $state));
  my @order = $type eq 'timer' ? @TIMER : $type eq 'service' ? @SERVICE : $type eq 'mount' ? @MOUNT : ();
  my %wanted = map { $_ => 1 } @$wanted;
  my $text = '';
  for my $key (@order, @UNIT) {
    next if @$wanted && !$wanted{$key};
    $text .= ($bare ? '' : "$key=") . "$_\n" for ref $value{$key} ? @{ $value{$key} } : $value{$key} // '';
  }
  return $text;
}

sub common {
  my ($name, $unit, $state) = @_;
  my $is_loaded = $unit->{load} eq 'loaded';
  my $other = $name =~ /\.service$/ ? $name =~ s/\.service$/.timer/r : undef;
  return (
    Id => $name, Names => $name, LoadState => $unit->{load},
    Description => Unit::setting($unit, 'Unit.Description', $name),
    ActiveState => $state->{active}, SubState => $state->{sub}, Result => $state->{result},
    FragmentPath => $unit->{fragment}, DropInPaths => join(' ', @{ $unit->{drop_ins} }),
    # what is held in memory without a file
    UnitFileState => Unit::file_state($name) || ($is_loaded ? 'bad' : ''),
    Triggers => $name =~ /\.timer$/ && $is_loaded ? Timer::service_of($name, $unit) : '',
    TriggeredBy => $other && $is_loaded && Unit::fragment($other) ? $other : '',
    StateChangeTimestamp => Elapse::stamp(latest(@$state{qw(since began triggered exit)})),
    InactiveExitTimestamp => Elapse::stamp(latest(@$state{qw(since began)})), ActiveEnterTimestamp => Elapse::stamp(latest(@$state{qw(since entered)})),
    InactiveEnterTimestamp => Elapse::stamp($state->{exit}),
    NeedDaemonReload => $unit->{changed} ? 'yes' : 'no', InvocationID => $state->{invocation} // '',
    Transient => Transient::is_one($name) ? 'yes' : 'no', CollectMode => Transient::collects($name) ? 'inactive-or-failed' : 'inactive',
  );
}

sub latest { my ($last) = sort { $b <=> $a } grep { defined } @_; $last }

sub of_type {
  my ($type, @rest) = @_;
  return $type eq 'timer' ? timer(@rest) : $type eq 'service' ? service(@rest) : $type eq 'mount' ? mount(@rest) : ();
}

sub timer {
  my ($name, $unit, $state) = @_;
  my $next = Timer::elapses($name, $unit, $state, $^T);
  my $shift = @{ $next->{monotonic} } ? shift_to_monotonic() : 0;
  my $runs = $next->{realtime} || $next->{relative};
  return (
    Unit => $unit->{load} eq 'loaded' ? Timer::service_of($name, $unit) : '',
    TimersCalendar => [map { "{ OnCalendar=$_->[0] ; next_elapse=" . (Elapse::stamp($_->[1]) || '(null)') . ' }' } @{ $next->{calendar} }],
    TimersMonotonic =>
      [map { "{ $_->[0]=" . Elapse::span($_->[1]) . ' ; next_elapse=' . ($_->[2] ? Elapse::span($_->[2] + $shift) : 0) . ' }' } @{ $next->{monotonic} }],
    NextElapseUSecRealtime => Elapse::stamp($next->{realtime}),
    NextElapseUSecMonotonic => $next->{relative} ? Elapse::span($next->{relative} + $shift) : $runs ? '0' : 'infinity',
    LastTriggerUSec => Elapse::stamp($state->{triggered}),
    AccuracyUSec => Elapse::span(Elapse::seconds(Unit::setting($unit, 'Timer.AccuracySec', '1min')) // 60),
    RandomizedDelayUSec => Elapse::span(Elapse::seconds(Unit::setting($unit, 'Timer.RandomizedDelaySec', '0')) // 0),
    Persistent => Unit::setting($unit, 'Timer.Persistent', 'no') =~ /^(1|y|yes|t|true|on)$/i ? 'yes' : 'no',
    RemainAfterElapse => Unit::setting($unit, 'Timer.RemainAfterElapse', 'yes'),
  );
}

# from seconds since 1970 to systemd's monotonic seconds
sub shift_to_monotonic { my $clock = Elapse::monotonic(); return $clock - Time::HiRes::time() }

sub service {
  my (undef, $unit, $state) = @_;
  my $ran = defined $state->{exit};
  return (
    Type => $unit->{load} eq 'loaded' ? Unit::setting($unit, 'Service.Type', 'simple') : '', Restart => Unit::setting($unit, 'Service.Restart', 'no'),
    RestartUSec => Elapse::span(Elapse::seconds(Unit::setting($unit, 'Service.RestartSec', '100ms'))), NRestarts => $state->{restarts} // 0,
    ExecMainStartTimestamp => Elapse::stamp($state->{began}), ExecMainExitTimestamp => Elapse::stamp($state->{exit}),
    ExecMainPID => $state->{pid} // $state->{main} // 0, ExecMainCode => $ran ? 1 : 0, ExecMainStatus => $state->{status} // 0,
  );
}

sub mount {
  my (undef, $unit) = @_;
  return (Where => Unit::setting($unit, 'Mount.Where', ''), What => Unit::setting($unit, 'Mount.What', ''));
}

1;
