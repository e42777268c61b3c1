# Files through handles. The container's root can plant links in the data folder, so nothing is followed, and what is read,
# judged and changed is what was opened.
use constant MOST_BYTES => 1048576;

# → (handle, what fstat says), or (undef, 'absent' | 'link' | 'unreadable', why). A file with a second name is a link too: who
# holds the other name could change it after it was judged.
sub open_plain {
  my ($path) = @_;
  if (!sysopen my $file, $path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) {
    my $why = "$!";
    return (undef, 'absent', $why) if $!{ENOENT};
    my @named = lstat $path;
    return (undef, @named && !S_ISREG($named[2]) ? 'link' : 'unreadable', $why);
  } else {
    my @is = stat $file;
    return (undef, 'link', 'it is not a regular file') unless S_ISREG($is[2]);
    return (undef, 'link', "it has $is[3] names") unless $is[3] == 1;
    return ($file, \@is);
  }
}

# True for a file that not even root may change or replace (chattr(1)): it is opened for writing, and nothing is written.
sub is_immutable {
  my ($path) = @_;
  sysopen my $file, $path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK or return !!$!{EPERM};
  return !!0;
}

# The whole of an open file, up to 1 MB; undefined when it is longer or cannot be read.
sub content {
  my ($file, $from) = @_;
  my $text = '';
  sysseek $file, $from // 0, 0 or return undef;
  while (1) {
    my $got = sysread $file, $text, 65536, length $text;
    next if !defined $got && $!{EINTR};
    return undef if !defined $got || length $text > MOST_BYTES;
    return $text if !$got;
  }
}

# Text of a small file that only Z2's root writes; undefined when there is none.
sub own_text {
  my ($what, $path) = @_;
  my ($file, $is, $why) = open_plain($path);
  return undef if !$file && $is eq 'absent';
  refuse($what, "$path cannot be read: $why") unless $file;
  return content($file) // refuse($what, "$path cannot be read");
}

# One object of JSON, or undefined.
sub object { my ($text) = @_; my $value = eval { JSON::PP->new->utf8->decode($text) }; return ref $value eq 'HASH' ? $value : undef }

sub json { my ($value) = @_; return JSON::PP->new->ascii->canonical->encode($value) . "\n" }

# A new file, on disk before this returns. Owner and mode are set on the handle.
sub put_new {
  my ($path, $text, $mode, $owner) = @_;
  sysopen(my $file, $path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600) or refuse('disk', "cannot create $path: $!");
  my $at = 0;
  while ($at < length $text) {
    my $wrote = syswrite $file, $text, length($text) - $at, $at;
    next if !defined $wrote && $!{EINTR};
    refuse('disk', "cannot write $path: $!") unless defined $wrote;
    $at += $wrote;
  }
  if (defined $mode) {
    chown $owner, $owner, $file or refuse('disk', "cannot change the owner of $path: $!");
    chmod $mode, $file or refuse('disk', "cannot change the mode of $path: $!");
  }
  $file->sync or refuse('disk', "cannot flush $path: $!");
  return $file;
}

# What was created, renamed or removed in it stays so, whatever happens to the power.
sub flush_folder {
  my ($path) = @_;
  sysopen(my $folder, $path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) or refuse('disk', "cannot open $path: $!");
  $folder->sync or $!{EINVAL} or refuse('disk', "cannot flush $path: $!");
}

sub move {
  my ($from, $to) = @_;
  rename $from, $to or refuse('disk', "cannot rename $from to $to: $!");
}

sub remove {
  my ($path) = @_;
  unlink $path or $!{ENOENT} or refuse('disk', "cannot remove $path: $!");
}

# All of the old text or all of the new, at every moment.
sub replace {
  my ($folder, $name, $text) = @_;
  remove("$folder/$name.tmp");
  put_new("$folder/$name.tmp", $text);
  move("$folder/$name.tmp", "$folder/$name");
  flush_folder($folder);
}

# Makes a folder of ours, and refuses one that is not. → what fstat says of it
sub own_folder {
  my ($path, $mode) = @_;
  if (mkdir $path, $mode) { $path =~ m{^(.*)/} and flush_folder($1 eq '' ? '/' : $1) }
  elsif (!$!{EEXIST}) { refuse('folder', "cannot create $path: $!") }
  sysopen(my $folder, $path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) or refuse('folder', "cannot open $path: $!");
  my @is = stat $folder;
  refuse('folder', "$path belongs to $is[4], not to root") if $is[4] != 0;
  if ($is[2] & 07777 & ~$mode) { chmod $mode, $folder or refuse('folder', "cannot change the mode of $path: $!") }
  return \@is;
}
