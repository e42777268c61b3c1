package BulmaSim;

# What a Perl program on the simulated Z2 sees: stat and lstat answer with the simulated owner, chown records one and never
# changes a real one, as root or not. `lab break repair-fails-chmod` makes chmod fail as on a read-only file system.
use strict;
BEGIN { $Lab::DIR = $ENV{BULMA_SIM_LAB}; $Lab::SIDE = 'z2' }
use Fcntl qw(O_CREAT O_EXCL);
use Lab;
use Owner;

BEGIN {
  no warnings;
  *CORE::GLOBAL::stat = sub (;*) {
    my $of = handle(@_ ? $_[0] : $_, scalar caller);
    return answer(wantarray, !ref $of && $of eq '_' ? CORE::stat(_) : CORE::stat($of));
  };
  *CORE::GLOBAL::lstat = sub (;*) {
    my $of = handle(@_ ? $_[0] : $_, scalar caller);
    return answer(wantarray, !ref $of && $of eq '_' ? CORE::lstat(_) : CORE::lstat($of));
  };
  # a folder that was made just now is root's, whoever had its inode before
  *CORE::GLOBAL::mkdir = sub (_;$) {
    my $is_made = @_ > 1 ? CORE::mkdir($_[0], $_[1]) : CORE::mkdir($_[0]);
    own(scalar caller, 0, 0, $_[0]) if $is_made;
    return $is_made;
  };
  # and so is a file that is certainly new
  *CORE::GLOBAL::sysopen = sub (*$$;$) {
    no strict 'refs';
    my ($package, $mode) = (scalar caller, $_[3] // 0666);
    my $is_open = !ref $_[0] && defined $_[0] ? CORE::sysopen(*{"${package}::$_[0]"}, $_[1], $_[2], $mode) : CORE::sysopen($_[0], $_[1], $_[2], $mode);
    if ($is_open && ($_[2] & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) { own($package, 0, 0, $_[0]) }
    return $is_open;
  };
  *CORE::GLOBAL::chown = sub (@) { own(scalar caller, @_) };
  *CORE::GLOBAL::chmod = sub (@) {
    if (Lab::switched_on('repair-fails-chmod')) { $! = 30; return 0 }
    my ($mode, @files) = @_;
    return CORE::chmod($mode, map { handle($_, scalar caller) } @files);
  };
}

# a bareword arrives as a string: the caller's handle of that name, if it is an open one
sub handle {
  my ($file, $package) = @_;
  $file =~ s/^main::// unless ref $file;
  return $file if ref $file || $file !~ /^[A-Za-z_]\w*$/;
  no strict 'refs';
  my $glob = \*{ $file =~ /^STD(?:IN|OUT|ERR)$/ ? "main::$file" : "${package}::$file" };
  return defined fileno $glob ? $glob : $file;
}

sub answer {
  my ($wants_list, @stat) = @_;
  return $wants_list ? () : '' unless @stat;
  return 1 unless $wants_list;
  @stat[4, 5] = Owner::of(@stat[0, 1]);
  return @stat;
}

sub own {
  my ($package, $uid, $gid, @files) = @_;
  my $done = 0;
  for my $file (@files) {
    my @stat = CORE::stat(handle($file, $package)) or next;
    $done += Owner::set(@stat[0, 1], $uid, $gid);
  }
  return $done;
}

1;
