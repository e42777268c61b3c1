package Access;

# What CT109's root may do with a file, judged as the kernel would: it is uid 0 inside and the first mapped uid outside
# (user_namespaces(7)). Only below a bind mount is a file the host's; the rest of the container belongs to its own root.
use strict;
use Lab;
use Owner;

sub mapped_root {
  my ($first) = (Lab::slurp(Lab::root('ct109') . '/proc/self/uid_map') // '') =~ /^\s*\d+\s+(\d+)/;
  return $first // 100000;
}

# may it? $way is r, w or x; undef when the path does not exist or leaves this lab
sub allows {
  my ($way, $path) = @_;
  my $real = Lab::inside($path) // return undef;
  my $host = Lab::inside(Lab::root('z2'));
  my $root = mapped_root();
  if ($root && index("$real/", "$host/") == 0) {
    return 0 if $way eq 'w' && is_read_only();
    my $folder = Lab::inside(Lab::root('ct109') . '/root/data/bulma') // $host;
    my $at = $folder;
    # a link out of the bind mount leads nowhere in the container
    return undef if index("$real/", "$folder/") != 0;
    for (split m{/}, substr $real, length $folder) {
      return 0 if $at ne $real && !permits('x', $root, $at);
      $at .= "/$_" if $_ ne '';
    }
    return permits($way, $root, $real);
  }
  return $way ne 'x' || -d $real || ((stat $real)[2] & 0111) ? 1 : 0;
}

sub permits {
  my ($way, $root, $path) = @_;
  my ($device, $inode, $mode) = stat $path or return 0;
  my ($uid, $gid) = Owner::of($device, $inode);
  my $bit = { r => 4, w => 2, x => 1 }->{$way};
  my $inside = $uid >= $root && $uid < $root + 65536 && $gid >= $root && $gid < $root + 65536;
  return 1 if $inside && ($way ne 'x' || -d _ || $mode & 0111);
  return $mode >> 6 & $bit ? 1 : 0 if $uid == $root;
  return $mode >> 3 & $bit ? 1 : 0 if $gid == $root;
  return $mode & $bit ? 1 : 0;
}

sub is_read_only {
  my $info = Lab::slurp(Lab::root('ct109') . '/proc/self/mountinfo') // '';
  return $info =~ m{ /root/data/bulma ro\b};
}

1;
