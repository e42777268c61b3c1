package Owner;

# Who owns what on the simulated Z2: a text file of `device:inode uid gid` lines, the last one counts.
# Everything else belongs to the host's root. The real owner of a file is never looked at and never changed.
use strict;
use Lab;

my ($read_at, %owner) = ('');

sub file { "$Lab::DIR/owners" }

sub map_of_now {
  my @stat = CORE::stat(file()) or return \%owner;
  my $now = "$stat[7]:$stat[9]";
  return \%owner if $now eq $read_at;
  %owner = ();
  /^(\S+) (\d+) (\d+)$/ and $owner{$1} = [$2, $3] for split /\n/, Lab::slurp(file()) // '';
  $read_at = $now;
  return \%owner;
}

# (uid, gid) for a device and an inode
sub of { my $known = map_of_now()->{"$_[0]:$_[1]"}; return $known ? @$known : (0, 0) }

sub set {
  my ($device, $inode, $uid, $gid) = @_;
  my @is = of($device, $inode);
  $uid = $is[0] if $uid == -1 || $uid == 4294967295;
  $gid = $is[1] if $gid == -1 || $gid == 4294967295;
  open my $out, '>>', file() or return 0;
  syswrite $out, "$device:$inode $uid $gid\n";
  $read_at = '';
  return 1;
}

1;
