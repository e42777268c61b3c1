package State;

# What systemd would hold in memory: one small file per unit in run/sim/unit, `key=value` lines.
use strict;
use Lab;

sub folder { Lab::root() . '/run/sim/unit' }
sub file { folder() . "/$_[0]" }

# a unit that was never started is inactive
sub get {
  my ($unit) = @_;
  my $state = blank();
  my $text = Lab::slurp(file($unit)) // return $state;
  /^(\w+)=(.*)$/ and $state->{$1} = $2 for split /\n/, $text;
  return settled($unit, $state);
}

# a simulated run that lasts until some moment, and that moment is over
sub settled {
  my ($unit, $state) = @_;
  return $state unless $state->{until} && time >= $state->{until};
  my $exit = delete $state->{until};
  @$state{qw(active sub result exit status)} = ('inactive', 'dead', 'success', $exit, 0);
  set($unit, $state);
  return $state;
}

sub set {
  my ($unit, $state) = @_;
  Lab::spew(file($unit), join '', map { "$_=$state->{$_}\n" } sort grep { defined $state->{$_} } keys %$state);
}

# a unit of which nothing is known
sub blank { return { active => 'inactive', sub => 'dead', result => 'success' } }

sub all {
  opendir my $folder, folder() or return;
  return sort grep { /\.(timer|service|mount)$/ } readdir $folder;
}

sub new_invocation {
  open my $random, '<', '/dev/urandom' or return '0' x 32;
  read $random, my $bytes, 16;
  return unpack 'H*', $bytes;
}

1;
