package Memory;

# What systemd holds of a unit: its state, and the definition that it read last, which may differ from the one on disk.
use strict;
use Lab;
use State;
use Unit;
use Mount;
use Transient;

# systemd keeps a unit in memory while something goes on with it or something wants it, and forgets it otherwise
sub is_kept {
  my ($unit, $state) = @_;
  my $is_idle = $state->{active} eq 'inactive' || $state->{active} eq 'failed' && Transient::collects($unit);
  return 1 unless $is_idle;
  return 1 if Unit::links($unit, 'etc') || Unit::links($unit, 'run');
  return $unit =~ s/\.service$/.timer/r ne $unit && is_kept($unit =~ s/\.service$/.timer/r, State::get($unit =~ s/\.service$/.timer/r));
}

# what systemd holds: (state, definition). The definition is the one loaded last, else the one on disk
sub view {
  my ($unit) = @_;
  my ($state, $disk) = (State::get($unit), Unit::on_disk($unit));
  return (Mount::state($disk), $disk) if $unit =~ /\.mount$/;
  return (State::blank(), $disk) unless is_kept($unit, $state);
  $state->{kept} = 1;
  return ($state, recalled($unit, $disk));
}

sub recalled {
  my ($unit, $disk) = @_;
  my $text = Lab::slurp(State::file("$unit.loaded")) // return $disk;
  my ($stamp, $load, $fragment, $drop_ins, @lines) = split /\n/, $text;
  return {
    id => $unit, load => $load, fragment => $fragment, drop_ins => [split / /, $drop_ins], stamp => $stamp,
    lines => [map { [split /=/, $_, 2] } @lines], changed => has_changed($stamp, $disk->{stamp}),
  };
}

# a first drop-in goes unnoticed until a reload: systemd asks only after folders that it knew
sub has_changed {
  my ($then, $now) = @_;
  $now =~ s/ .*// unless $then =~ / /;
  return $then ne $now;
}

# what nothing keeps is forgotten
sub forget {
  for my $unit (State::all(), Transient::all()) {
    next if is_kept($unit, State::get($unit));
    unlink State::file($unit), State::file("$unit.loaded");
    Transient::forget($unit);
  }
}

sub remember {
  my ($unit) = @_;
  my @lines = map { "$_->[0]=$_->[1]" } @{ $unit->{lines} };
  Lab::spew(State::file("$unit->{id}.loaded"), join "\n", @$unit{qw(stamp load fragment)}, join(' ', @{ $unit->{drop_ins} }), @lines, '');
}

1;
