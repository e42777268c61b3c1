check() {
  ct sh -c 'env test -x "$1" && env test -w "$1"' check "$croot$cfolder" || return 1
  [ "$policy" = world ] || act look
}

repair() {
  act mend && echo "owner and mode are set, and yet ct$vmid may not: look at it with getfacl and lsattr"
}

# On a handle that follows no link, since the container's root may have planted one.
act() {
  perl -e '
    use Fcntl qw(O_RDONLY O_NOFOLLOW O_DIRECTORY);
    my ($path, $policy, $owner, $act) = @ARGV;
    sysopen(my $folder, $path, O_RDONLY | O_NOFOLLOW | O_DIRECTORY) or die "cannot open the folder: $!\n";
    my @is = stat $folder;
    my $mode = $is[2] & 07777;
    exit !($is[4] == $owner && !($mode & 02)) if $act eq "look";
    if ($policy eq "world") {
      chmod $mode | 07, $folder or die "cannot change its mode: $!\n";
    } else {
      chown $owner, $owner, $folder or die "cannot change its owner: $!\n";
      chmod +($mode | 0700) & ~02, $folder or die "cannot change its mode: $!\n";
    }
  ' "$root$folder" "$policy" "$(owner)" "$1"
}
