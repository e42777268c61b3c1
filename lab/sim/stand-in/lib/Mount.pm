package Mount;

# A mount unit is active when mountinfo says so. Unmounted, the folder is empty and its content lies aside.
use strict;
use Lab;
use Unit;

# (line of mountinfo or undef, all lines)
sub mount_line {
  my ($where) = @_;
  my @lines = split /^/m, Lab::slurp(Lab::root() . '/proc/self/mountinfo') // '';
  my ($line) = grep { (split ' ')[4] eq $where } @lines;
  return ($line, @lines);
}

sub aside { Lab::root() . '/run/sim/unmounted' . ($_[0] =~ s{/}{-}gr) }

sub start {
  my ($unit) = @_;
  my ($where, $what) = map { Unit::setting($unit, "Mount.$_", '') } qw(Where What);
  my ($line, @lines) = mount_line($where);
  return 0 if $line;
  my $aside = aside($where);
  if (-d $aside) {
    # what was written into the empty folder is hidden below the mount from now on
    rmdir Lab::root() . $where or rename Lab::root() . $where, "$aside.hidden.$$";
    rename $aside, Lab::root() . $where or die "Failed to mount $where: $!\n";
  }
  my $kept = Lab::slurp("$aside.line") // "98 29 0:53 / $where rw,relatime shared:19 - ext4 $what rw\n";
  Lab::spew(Lab::root() . '/proc/self/mountinfo', join '', @lines, $kept);
  unlink "$aside.line";
  return 0;
}

sub stop {
  my ($unit) = @_;
  my $where = Unit::setting($unit, 'Mount.Where', '');
  my ($line, @lines) = mount_line($where);
  return 0 unless $line;
  my $aside = aside($where);
  rename Lab::root() . $where, $aside or die "Failed to unmount $where: $!\n";
  mkdir Lab::root() . $where;
  Lab::spew("$aside.line", $line);
  Lab::spew(Lab::root() . '/proc/self/mountinfo', join '', grep { $_ ne $line } @lines);
  return 0;
}

sub state {
  my ($unit) = @_;
  my ($line) = mount_line(Unit::setting($unit, 'Mount.Where', ''));
  my $state = State::blank();
  @$state{qw(active sub)} = ('active', 'mounted') if $line;
  @$state{qw(kept invocation)} = (1, unpack 'H32', $unit->{id} x 4) if $unit->{load} eq 'loaded';
  return $state;
}

1;
