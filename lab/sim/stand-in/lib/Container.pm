package Container;

# A container's configuration (pct.conf(5)) and what starting it brings about: bind mounts, mountinfo, uid_map, its timers.
use strict;
use Lab;

our $NODE = 'hinata-z2';

sub conf_file { Lab::root('z2') . "/etc/pve/nodes/$NODE/lxc/$_[0].conf" }
sub state_file { Lab::root('z2') . "/run/sim/ct/$_[0]" }
sub is_running { (Lab::slurp(state_file($_[0])) // '') eq 'running' }

# current values only: they end where the first section begins. undef when there is no such container on this node
sub conf {
  my ($id) = @_;
  my $text = Lab::slurp(conf_file($id)) // return undef;
  my %conf;
  for (split /\n/, $text) { last if /^\[/; $conf{$1} = $2 if /^([\w.]+):\s*(.*?)\s*$/ }
  return \%conf;
}

# sets or (undef) deletes one current value; comments, raw lines and sections stay
sub set {
  my ($id, $key, $value) = @_;
  my ($current, $sections) = Lab::slurp(conf_file($id)) =~ /^(.*?)(^\[.*)?\z/ms;
  my $line = defined $value ? "$key: $value\n" : '';
  $current =~ s/^\Q$key\E:.*\n/$line/m or $current .= $line;
  Lab::spew(conf_file($id), $current . ($sections // ''));
}

# [source, target, read-only] of each bind mount
sub mounts {
  my ($conf) = @_;
  return map {
    my ($source, %option) = map { /^(\w+)=(.*)$/ ? ($1, $2) : $_ } split /,/, $conf->{$_};
    [$source, $option{mp} =~ s{/+$}{}r, $option{ro}]
  } sort grep { /^mp\d+$/ && $conf->{$_} =~ m{^/.*mp=/} } keys %$conf;
}

# in the simulation a bind mount is a link from the container's folder to the host's, so device and inode agree
sub show_mounts {
  my ($conf) = @_;
  my ($host, $root) = (Lab::root('z2'), Lab::root('ct109'));
  my @lines = split /^/m, Lab::slurp("$root/proc/self/mountinfo.base") // '';
  my $target = "$root/root/data/bulma";
  -l $target ? unlink $target : rmdir $target;
  my $number = 400;
  for (mounts($conf)) {
    my ($source, $where, $read_only) = @$_;
    return "directory '$source' does not exist\n" unless -d "$host$source";
    my $mode = $read_only ? 'ro' : 'rw';
    my $on = (grep { index("$source/", "$_/") == 0 } '/mnt/data')[0] // '';
    push @lines, $number++ . " 300 " . device_of($host) . " " . escaped(substr $source, length $on) . " $where $mode,relatime master:19 - ext4 /dev/sdb1 rw\n";
    symlink "../../../z2$source", $target if $where eq '/root/data/bulma';
  }
  mkdir $target unless -l $target;
  Lab::spew("$root/proc/self/mountinfo", join '', @lines);
  my $first = $conf->{unprivileged} ? 100000 : 0;
  my $length = $first ? 65536 : 4294967295;
  Lab::spew("$root/proc/self/uid_map", sprintf "%10d %10d %10d\n", 0, $first, $length);
  return undef;
}

# proc(5): what would part the fields stands there by its octal number
sub escaped { shift =~ s/([ \t\n\\])/sprintf '\\%03o', ord $1/ger }

# the device of the host's data disk, as its own mount table has it
sub device_of {
  my ($host) = @_;
  return (map { (split ' ')[2] } grep { (split ' ')[4] eq '/mnt/data' } split /\n/, Lab::slurp("$host/proc/self/mountinfo") // '')[0] // '0:0';
}

# what was only in memory is gone, and the enabled timers start
sub boot {
  my ($conf) = @_;
  require Job;
  local $Lab::SIDE = 'ct109';
  forget();
  Lab::spew(Lab::root() . '/run/sim/boot', time);
  my $wants = Lab::root() . '/etc/systemd/system/timers.target.wants';
  opendir my $links, $wants or return;
  for (sort grep { /\.timer$/ } readdir $links) { Job::start({ quiet => 1 }, $_) if Unit::on_disk($_)->{load} eq 'loaded' }
}

sub forget {
  my $run = Lab::root('ct109') . '/run';
  for my $folder ("$run/sim/unit", "$run/systemd/system", "$run/systemd/system/timers.target.wants", "$run/systemd/transient", "$run/sim/due") {
    opendir my $entries, $folder or next;
    for (readdir $entries) { unlink "$folder/$_" if -l "$folder/$_" || -f _ }
  }
}

1;
