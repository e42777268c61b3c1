package Timer;

# When a timer elapses next. Only now counts: what it missed while nobody looked does not.
use strict;
use Lab;
use Unit;
use State;
use Elapse;

sub service_of { my ($timer, $unit) = @_; Unit::setting($unit, 'Timer.Unit', $timer =~ s/\.timer$/.service/r) }

# seconds since 1970 at which this side booted
sub booted { my ($at) = (Lab::slurp(Lab::root() . '/run/sim/boot') // '') =~ /(\d+)/; $at // $^T }

# {calendar: [[event, at]], monotonic: [[setting, span, at, over]], realtime, relative}; times in seconds since 1970, undef for never
sub elapses {
  my ($timer, $unit, $state, $now) = @_;
  my $runs = $state->{active} eq 'active' && $state->{sub} ne 'elapsed';
  my $ran = $state->{kept} && $state->{since} && $state->{active} ne 'active';
  my %found = (calendar => [], monotonic => []);
  for my $line (reverse @{ $unit->{lines} }) {
    my ($key, $value) = @$line;
    next unless $key =~ s/^Timer\.(On\w+)$/$1/;
    if ($key eq 'OnCalendar') {
      my $event = Elapse::calendar($value) // next;
      push @{ $found{calendar} }, [$event, $runs || $ran ? Elapse::next_after($event, $now) : undef];
    } else {
      my $span = Elapse::seconds($value) // next;
      push @{ $found{monotonic} }, [$key =~ s/Sec$/USec/r, $span, $runs ? relative($timer, $unit, $state, $key, $span, $now) : ()];
    }
  }
  # a stopped timer that is still wanted shows when its events would have been, and elapses for none
  $found{realtime} = $runs ? least(map { $_->[1] } @{ $found{calendar} }) : undef;
  $found{realtime} += delay($timer, $unit, $found{realtime}) if $found{realtime};
  $found{relative} = least(map { $_->[3] ? undef : $_->[2] } @{ $found{monotonic} });
  return \%found;
}

# (at, over): a setting that counts from the service repeats, the others pass once
sub relative {
  my ($timer, $unit, $state, $key, $span, $now) = @_;
  if ($key =~ /^OnUnit/) {
    my $base = State::get(service_of($timer, $unit))->{began} || $state->{triggered} || by_boot($unit, $now) || return;
    my $missed = $base + $span > $now ? 0 : int(($now - $base) / $span);
    return ($base + ($missed + 1) * $span, 0);
  }
  my $at = ($key eq 'OnActiveSec' ? $state->{since} : booted()) + $span;
  return ($at, $at <= $now);
}

# Nobody polls in a lab that has just booted, as OnBootSec= would have it: what counts from that poll counts from its moment.
sub by_boot {
  my ($unit, $now) = @_;
  my $span = Elapse::seconds(Unit::setting($unit, 'Timer.OnBootSec', '')) // return;
  return booted() + $span <= $now ? booted() + $span : undef;
}

sub least { my ($first) = sort { $a <=> $b } grep { defined } @_; $first }

# RandomizedDelaySec=: the same for the same elapse, so that two looks agree
sub delay {
  my ($timer, $unit, $at) = @_;
  my $most = int(Elapse::seconds(Unit::setting($unit, 'Timer.RandomizedDelaySec', '0')) // 0);
  return $most ? (unpack('%32C*', $timer) + $at / 60) % ($most + 1) : 0;
}

1;
