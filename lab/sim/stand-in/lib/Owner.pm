package Owner;

# Who owns what on the simulated Z2: a text file of `device:inode uid gid` lines, the last one counts.
# Everything else belongs to the host's root. The real owner of a file is never looked at and never changed.
use strict;
use Lab;

sub file { "$Lab::DIR/owners" }

# read anew each time, and without a stat: that would change what the caller's `_` stands for
sub map_of_now {
  my %owner;
  /^(\S+) (\d+) (\d+)$/ and $owner{$1} = [$2, $3] for split /\n/, Lab::slurp(file()) // '';
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
  return 1;
}

1;
