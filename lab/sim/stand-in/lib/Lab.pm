package Lab;

# Where this lab is. Every stand-in is LAB/bin/SIDE/NAME, and sets $DIR and $SIDE from its own path.
# What it reads and writes is below LAB: a stand-in never touches the machine it runs on.
use strict;

our ($DIR, $SIDE);

# the file system root of a side: z2 or ct109
sub root { "$DIR/" . ($_[0] // $SIDE) }

# is a switch on? `lab break` turns them on, and `lab mend` off. Opened, not tested: a test would change the caller's `_`
sub switched_on { open my $switch, '<', "$DIR/switch/$_[0]" }

sub slurp {
  my ($file) = @_;
  open my $in, '<', $file or return undef;
  local $/;
  my $text = <$in>;
  return $text // '';
}

# readers never see half a file
sub spew {
  my ($file, $text) = @_;
  my $temporary = "$file.$$";
  open my $out, '>', $temporary or die "$temporary: $!\n";
  # its inode may have been a file of somebody else's
  require Owner;
  my @stat = stat $out;
  Owner::set(@stat[0, 1], 0, 0) if (Owner::of(@stat[0, 1]))[0];
  print $out $text;
  close $out or die "$temporary: $!\n";
  rename $temporary, $file or die "$file: $!\n";
}

# one byte more: a count that many processes can add to without a lock
sub count {
  my ($what) = @_;
  open my $out, '>>', "$DIR/count/$what" or return;
  syswrite $out, '.';
}

# the lab is going down, or its folder was removed
sub is_over { -e "$DIR/ending" || !-e "$DIR/bin" }

# the absolute path behind a path, links followed; undef when it leaves this lab or does not exist
sub inside {
  my ($path) = @_;
  require Cwd;
  my $real = Cwd::realpath($path) // return undef;
  my $lab = Cwd::realpath($DIR);
  return $real eq $lab || index($real, "$lab/") == 0 ? $real : undef;
}

1;
