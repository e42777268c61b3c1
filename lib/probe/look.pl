# The values before the first snapshot or pending section; only the keys that are judged leave the host.
sub container_config {
  my $id = $P->{containerId};
  my $here = "$R$P->{proxmoxDir}/lxc/$id.conf";
  my $text = slurp($here, 65536);
  if (!defined $text) {
    my $why = "$!";
    my ($else) = glob "\Q$R$P->{proxmoxDir}\E/nodes/*/lxc/$id.conf";
    my ($node) = defined $else ? $else =~ m{nodes/([^/]+)/lxc} : ();
    return { state => $node ? 'other-node' : -e $here ? 'unreadable' : 'absent', node => $node, why => $why, lines => [] };
  }
  $text =~ s/^\[.*//ms;
  return { state => 'here', lines => [grep { /^(hostname|onboot|lock|unprivileged|net\d+|mp\d+|lxc\.(idmap|mount\.entry)):/ } split /\n/, $text] };
}

my @records;
my $config = container_config();
push @records, { k => 'config', %$config };
my ($name) = map { /^hostname:\s*(\S+)/ ? $1 : () } @{ $config->{lines} };
# Nothing is ever asked of another container, not even its name.
my $ours = $config->{state} eq 'here' && defined $name && $name eq $P->{containerName};
my $inside = $ours && start('pct', 'exec', $P->{containerId}, '--', 'sh', '-c', $P->{containerProgram}, 'look', @{ $P->{containerArguments} });
my $systemd = start('systemctl', 'show', @{ $P->{units} }, map { ('-p', $_) } @{ $P->{properties} });
my $room = start('stat', '-f', '-c', '%a %S %d %c', "$R$P->{dataDir}");
# The one module that takes time to load does so while the two are at work.
require JSON::PP;

push @records, { k => 'host', time => time, monotonic => eval { clock_gettime(CLOCK_MONOTONIC) }, uid => $> };

my @folder = stat "$R$P->{dataDir}";
push @records, @folder
  ? { k => 'folder', state => type_of($folder[2]), device => "$folder[0]", inode => "$folder[1]", mode => $folder[2] & 07777, uid => 0 + $folder[4], gid => 0 + $folder[5] }
  : { k => 'folder', state => $!{ENOENT} ? 'absent' : 'unreadable', why => "$!" };

my $mounts = slurp("$R/proc/self/mountinfo", 1048576);
push @records, { k => 'mounts', read => defined $mounts ? JSON::PP::true() : JSON::PP::false(), lines => [
  grep { my $at = (split / /)[4] // ''; $at =~ s/\\(\d{3})/chr oct $1/ge; index("$P->{dataDir}/", $at eq '/' ? '/' : "$at/") == 0 || index("$at/", "$P->{dataDir}/") == 0 } split /\n/, $mounts // ''] };

push @records, look_at_file($_) for @{ $P->{files} };
push @records, look_at_log($_) for @{ $P->{logs} };
push @records, { k => 'login', bank => $_->{bank}, lease => look_at_note($_->{lease}, $P->{leaseKeys}), record => look_at_note($_->{record}, $P->{recordKeys}) } for @{ $P->{logins} };
push @records, look_for_units();
push @records, { k => 'systemd', %{ finish($systemd) } };
# Blocks and inodes that are left where the data folder is; btrfs counts no inodes.
my @room = finish($room)->{out} =~ /^(\d+) (\d+) (\d+) (\d+)$/;
push @records, { k => 'room', @room ? (bytes => $room[0] * $room[1], $room[3] > 0 ? (files => 0 + $room[2]) : ()) : () };
if ($inside) {
  my $look = finish($inside);
  # Only a failure costs a second start of pct: its own word on why.
  my $status = $look->{state} eq 'ended' && $look->{exit} != 0 ? finish(start('pct', 'status', $P->{containerId})) : undef;
  push @records, { k => 'inside', %$look, status => $status && $status->{out} };
} else {
  push @records, { k => 'inside', state => 'not-asked', out => '', err => '' };
}

my $json = JSON::PP->new->ascii->canonical;
sub text_of { my ($value) = @_;
  return { map { $_ => text_of($value->{$_}) } keys %$value } if ref $value eq 'HASH';
  return [map { text_of($_) } @$value] if ref $value eq 'ARRAY';
  my $text = $value;    # matched as a copy: an older Perl prints a number as text once it was matched as one
  return $value unless defined $text && !ref $text && $text =~ /[\x80-\xff]/;
  utf8::decode($text);
  return $text;
}
print "\nBULMA $P->{id} BEGIN\n", (map { $json->encode(text_of($_)) . "\n" } @records), "BULMA $P->{id} END ", scalar @records, "\n";
