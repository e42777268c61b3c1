# A lease or a record of our own, on the host's side of the bind mount. Only the keys that are known leave the host, and
# of their values only what has the form of a name, a number or a fingerprint.
sub look_at_note {
  my ($path, $keys) = @_;
  sysopen(my $file, "$R$path", O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or return { state => $!{ENOENT} ? 'absent' : 'broken', why => "$!" };
  return { state => 'broken', why => 'not a regular file' } unless S_ISREG((stat $file)[2]);
  sysread $file, my $text, 4097;
  return { state => 'broken', why => 'over 4 KB' } if length $text > 4096;
  my $value = eval { JSON::PP->new->utf8->decode($text) };
  return { state => 'broken', why => length $text ? 'it is not a JSON object' : 'it is empty' } unless ref $value eq 'HASH';
  return { state => 'here', value => { map { $_ => plain($value->{$_}) } grep { exists $value->{$_} } @$keys } };
}

# Matched as a copy: an older Perl prints a number as text once it was matched as one.
sub plain {
  my ($value) = @_;
  return [map { plain($_) } @$value] if ref $value eq 'ARRAY';
  my $text = $value;
  return !defined $value || (!ref $value && $text =~ /^[ -~]{1,100}$/) ? $value : JSON::PP::false();
}
