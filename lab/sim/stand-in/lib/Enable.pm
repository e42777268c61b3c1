package Enable;

# enable, disable, mask, unmask: links below etc/ (or run/), and systemd's words about them. Exit codes as systemctl's.
use strict;
use Lab;
use Unit;
use Memory;
use Job;

my $NO_INSTALL = <<'TEXT';
The unit files have no installation config (WantedBy=, RequiredBy=, Also=,
Alias= settings in the [Install] section, and DefaultInstance= for template
units). This means they are not meant to be enabled using systemctl.
 
Possible reasons for having this kind of units are:
* A unit may be statically enabled by being symlinked from another unit's
  .wants/ or .requires/ directory.
* A unit's purpose may be to act as a helper for some other unit which has
  a requirement dependency on it.
* A unit may be started when needed via activation (socket, path, timer,
  D-Bus, udev, scripted systemctl call, ...).
* In case of template units, the unit is meant to be enabled with some
  instance name specified.
TEXT

sub where { $_[0]{runtime} ? 'run' : 'etc' }
sub say_it { my ($flags, $text) = @_; print STDERR "$text\n" unless $flags->{quiet} }
sub refused { print STDERR "Failed to $_[0] unit: $_[1]\n"; return 1 }

# all units are looked at before the first is touched
sub enable {
  my ($flags, @units) = @_;
  for my $unit (@units) {
    return refused('enable', 'Read-only file system') if Job::is_broken('enable', $unit);
    my $found = Unit::fragment($unit) or return refused('enable', "Unit file $unit does not exist.");
    return refused('enable', "Unit file $found->{path} is masked.") if $found->{masked};
  }
  my $installs = 0;
  for my $unit (@units) {
    my $found = Unit::fragment($unit);
    my @install = grep { $_->[0] =~ /^Install\.(WantedBy|RequiredBy)$/ } Unit::read_lines($found->{path});
    $installs += @install;
    for (@install) {
      my $kind = $_->[0] =~ /Wanted/ ? 'wants' : 'requires';
      link_to($flags, "/" . where($flags) . "/systemd/system/$_.$kind", $unit, $found->{path}) for split /\s+/, $_->[1];
    }
  }
  print STDERR $NO_INSTALL unless $installs || $flags->{quiet};
  return 0;
}

sub link_to {
  my ($flags, $folder, $unit, $path) = @_;
  my $root = Lab::root();
  return if -l "$root$folder/$unit" && (readlink "$root$folder/$unit") =~ /\Q$unit\E$/;
  mkdir "$root$folder";
  # relative, so that following it never leaves this root
  symlink '../../../..' . $path, "$root$folder/$unit" or die "Failed to enable unit: $!\n";
  say_it($flags, "Created symlink $folder/$unit -> $path.");
}

sub unlink_it {
  my ($flags, $path) = @_;
  unlink Lab::root() . $path or die "Failed to remove $path: $!\n";
  rmdir Lab::root() . ($path =~ m{^(.*\.(?:wants|requires))/})[0] if $path =~ m{\.(wants|requires)/};
  say_it($flags, "Removed \"$path\".");
}

sub disable {
  my ($flags, @units) = @_;
  for my $unit (@units) {
    return refused('disable', 'Read-only file system') if Job::is_broken('disable', $unit);
    return refused('disable', "Unit file $unit does not exist.") unless Unit::fragment($unit) || Unit::links($unit, where($flags));
  }
  for my $unit (@units) {
    my $found = Unit::fragment($unit);
    if ($found && $found->{masked}) { say_it($flags, "Unit $found->{path} is masked, ignoring.") }
    else { unlink_it($flags, $_) for Unit::links($unit, where($flags)) }
  }
  return 0;
}

sub mask {
  my ($flags, @units) = @_;
  for my $unit (@units) {
    my $path = '/' . where($flags) . "/systemd/system/$unit";
    my $file = Lab::root() . $path;
    say_it($flags, "Unit $unit does not exist, proceeding anyway.") if (Memory::view($unit))[1]{load} eq 'not-found';
    next if -l $file && readlink $file eq '/dev/null';
    return refused('mask', "File $path already exists.") if -e $file || -l $file;
    symlink '/dev/null', $file or die "Failed to mask unit: $!\n";
    say_it($flags, "Created symlink $path -> /dev/null.");
  }
  return 0;
}

sub unmask {
  my ($flags, @units) = @_;
  for my $unit (@units) {
    my $path = '/' . where($flags) . "/systemd/system/$unit";
    say_it($flags, "Unit $unit does not exist, proceeding anyway.") unless Unit::fragment($unit);
    my $file = Lab::root() . $path;
    next unless -l $file && readlink $file eq '/dev/null';
    unlink_it($flags, $path);
    if (!Unit::fragment($unit)) { unlink_it($flags, $_) for Unit::links($unit, where($flags)) }
  }
  return 0;
}

1;
