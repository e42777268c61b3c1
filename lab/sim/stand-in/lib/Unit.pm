package Unit;

# Unit files are real files below the root of a side. Folders in the order of systemd.unit(5), as far as they matter here.
use strict;
use Lab;
use State;
use Elapse;

our @WHERE = map { "/$_" } qw(
  run/systemd/transient etc/systemd/system run/systemd/system run/systemd/generator usr/local/lib/systemd/system lib/systemd/system usr/lib/systemd/system
);

# a name without a type is a service; undef for what is no unit name at all
sub named {
  my ($name) = @_;
  return undef unless $name =~ /^[\w.@:\\-]+$/ && $name !~ /^\./;
  return $name =~ /\.(timer|service|mount|target|socket|path)$/ ? $name : "$name.service";
}

# where a path leads when `/` is the root of the side; undef when it leads nowhere
sub follow {
  my ($path) = @_;
  my $root = Lab::root();
  for (1 .. 8) {
    return -e "$root$path" ? $path : undef unless -l "$root$path";
    my $to = readlink "$root$path";
    return $to if $to eq '/dev/null';
    $path = $to =~ m{^/} ? $to : ($path =~ m{^(.*)/}s)[0] . "/$to";
    1 while $path =~ s{/[^/]+/\.\.(?=/)}{};
  }
  return undef;
}

# {path, masked}: the file that counts, undef when there is none
sub fragment {
  my ($unit) = @_;
  for my $folder (@WHERE) {
    my $to = follow("$folder/$unit") // next;
    return { path => "$folder/$unit", masked => 1 } if $to eq '/dev/null' || !-s Lab::root() . $to;
    return { path => "$folder/$unit", file => $to };
  }
  return undef;
}

# NAME.d/*.conf, by name; of two with one name the earlier folder wins
sub drop_ins {
  my ($unit) = @_;
  my %by_name;
  for my $folder (@WHERE) {
    $by_name{ ($_ =~ m{([^/]+)$})[0] } //= $_ for map { substr $_, length Lab::root() } glob_conf(Lab::root() . "$folder/$unit.d");
  }
  return map { $by_name{$_} } sort keys %by_name;
}

sub glob_conf {
  my ($folder) = @_;
  opendir my $entries, $folder or return;
  return map { "$folder/$_" } grep { /\.conf$/ } readdir $entries;
}

# every .wants/ and .requires/ link to the unit, in `etc` or `run`
sub links {
  my ($unit, $where) = @_;
  my $base = Lab::root() . "/$where/systemd/system";
  opendir my $entries, $base or return;
  return map { "/$where/systemd/system/$_/$unit" } sort grep { /\.(wants|requires)$/ && -l "$base/$_/$unit" } readdir $entries;
}

# "Section.Key=value" lines of a fragment and its drop-ins; an empty value empties a list
sub read_lines {
  my @lines;
  for my $path (@_) {
    my $section = '';
    for (split /\n/, Lab::slurp(Lab::root() . (follow($path) // next)) // '') {
      if (/^\s*\[(\w+)\]/) { $section = $1 }
      elsif (/^\s*(\w+)\s*=\s*(.*?)\s*$/) {
        my ($key, $value) = ("$section.$1", $2);
        @lines = grep { $_->[0] ne $key && !($key =~ /^Timer\.On/ && $_->[0] =~ /^Timer\.On/) } @lines if $value eq '';
        push @lines, [$key, $value] if $value ne '';
      }
    }
  }
  return @lines;
}

# what is on disk now: {load, fragment, dropins, lines, stamp}
sub on_disk {
  my ($unit) = @_;
  my $found = fragment($unit);
  my @drop_ins = $found && !$found->{masked} ? drop_ins($unit) : ();
  my %unit = (id => $unit, fragment => $found ? $found->{path} : '', drop_ins => \@drop_ins);
  $unit{load} = !$found ? 'not-found' : $found->{masked} ? 'masked' : 'loaded';
  $unit{lines} = $unit{load} eq 'loaded' ? [read_lines($found->{path}, @drop_ins)] : [];
  $unit{stamp} = join ' ', map { my @s = stat(Lab::root() . (follow($_) // '')); "$_:" . join ':', @s[1, 7, 9] } grep { $_ } $unit{fragment}, @drop_ins;
  $unit{load} = 'bad-setting' if grep { $_->[0] eq 'Timer.OnCalendar' && !Elapse::calendar($_->[1]) } @{ $unit{lines} };
  return \%unit;
}

# the last value of a setting
sub setting { my ($unit, $key, $default) = @_; (map { $_->[1] } grep { $_->[0] eq $key } @{ $unit->{lines} })[-1] // $default }

# the words of `systemctl is-enabled`; empty when there is no file
sub file_state {
  my ($unit) = @_;
  my $found = fragment($unit) // return '';
  return $found->{path} =~ m{^/run} ? 'masked-runtime' : 'masked' if $found->{masked};
  return 'transient' if $found->{path} =~ m{^/run/systemd/transient/};
  return 'generated' if $found->{path} =~ m{^/run/systemd/generator};
  return 'enabled' if links($unit, 'etc');
  return 'enabled-runtime' if links($unit, 'run');
  return 'disabled' if grep { $_->[0] =~ /^Install\.(WantedBy|RequiredBy|Alias|Also)$/ } read_lines($found->{path});
  return 'static';
}

1;
