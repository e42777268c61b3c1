# needs is -r, or "-r -w"; set and clear are octal mode bits for the policy "world".
check() {
  for need in $needs; do
    ct env test "$need" "$croot$cfolder/$name" || return 1
  done
  act look
}

repair() {
  act mend && echo "owner and mode are set, and yet ct$vmid may not: look at it with getfacl and lsattr"
}

# On a handle that follows no link, since the container's root may have planted one.
act() {
  perl -e '
    use Fcntl qw(:mode O_RDONLY O_NOFOLLOW O_NONBLOCK);
    my ($path, $policy, $owner, $set, $clear, $act) = @ARGV;
    sysopen(my $file, $path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or die "cannot open it: $!\n";
    my @is = stat $file;
    S_ISREG($is[2]) && $is[3] == 1 or die "it is not a regular file with one link\n";
    my $mode = $is[2] & 07777;
    if ($act eq "look") { exit !($policy eq "world" ? !($mode & oct $clear) : $is[4] == $owner && !($mode & 077)) }
    if ($policy eq "world") {
      chmod +($mode | oct $set) & ~oct $clear, $file or die "cannot change its mode: $!\n";
    } else {
      chmod 0600, $file or die "cannot change its mode: $!\n";
      chown $owner, $owner, $file or die "cannot change its owner: $!\n";
    }
  ' "$root$folder/$name" "$policy" "$(owner)" "$set" "$clear" "$1"
}
