# One act on one staged file, for where ssh can log in and ssh2 cannot: look, put or remove. The content comes on standard
# input, `bytes` of it; the last line printed is `bulma-stage ok` or `bulma-stage no KIND WHY`.
use strict;
use warnings;
use Fcntl qw(:DEFAULT :mode);
use IO::Handle;
our $P;

# A client that goes ends the input: what has come by then is taken away again, so this must outlive it for a moment.
$SIG{HUP} = $SIG{PIPE} = 'IGNORE';
umask 077;
my $path = "$P->{folder}/$P->{name}";
my @mine;

sub refuse {
  my ($kind, $why) = @_;
  take_back();
  print "bulma-stage no $kind $why\n";
  exit 1;
}

# Only the very file that this process made: a later attempt may have put its own in that place.
sub take_back {
  my @there = @mine ? lstat $path : ();
  unlink $path if @there && "@there[0, 1]" eq "@mine";
}

sub look {
  my @folder = lstat $P->{folder} or refuse('folder', $!{ENOENT} ? 'is not there' : "$!");
  my ($mode, $uid) = @folder[2, 4];
  refuse('folder', 'is a link') if S_ISLNK($mode);
  refuse('folder', 'is not a folder') unless S_ISDIR($mode);
  refuse('folder', "belongs to uid $uid, not to root") unless grep { $uid == $_ } 0, @{ $P->{owners} };
  refuse('folder', sprintf 'is open to others (mode %04o)', S_IMODE($mode)) if $mode & 077;
}

sub clear {
  my @old = lstat $path;
  return if !@old && $!{ENOENT};
  refuse('file', "$!") unless @old;
  refuse('file', 'is a link') if S_ISLNK($old[2]);
  refuse('file', 'is not a regular file') unless S_ISREG($old[2]);
  unlink $path or refuse('file', "cannot be removed: $!");
}

sub put {
  sysopen my $file, $path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600 or refuse('write', "$!");
  @mine = (stat $file)[0, 1];
  $SIG{ALRM} = sub { refuse('cut', 'the content did not come in time') };
  alarm $P->{seconds};
  for (my $left = $P->{bytes} ; $left > 0 ;) {
    my $got = sysread STDIN, my $chunk, $left > 65536 ? 65536 : $left;
    refuse('cut', 'the connection was cut') unless $got;
    for (my $done = 0 ; $done < $got ;) {
      my $wrote = syswrite $file, $chunk, $got - $done, $done;
      refuse('write', "$!") unless defined $wrote;
      $done += $wrote;
    }
    $left -= $got;
  }
  $file->sync or refuse('write', "$!");
  close $file or refuse('write', "$!");
}

look();
clear() if $P->{act} ne 'look';
put() if $P->{act} eq 'put';
print "bulma-stage ok\n";
