# The token file of a bank, as far as it may be told: names, kinds and fingerprints, never a value.
my %keys = %{ $P->{keyNames} };

sub fingerprint { my ($text) = @_; utf8::encode($text); return substr sha256_hex($text), 0, 16 }

# Of the value of a key, when it is a filled text.
sub fingerprint_of { my ($object, $key) = @_; my $value = $object->{$key}; return defined $value && !ref $value && length $value ? fingerprint("$value") : undef }

# → { state, fingerprint, text, object, sha256, why } of a file of the data folder or the staging folder
sub file_of {
  my ($path, $key) = @_;
  my ($file, $is, $why) = open_plain($path);
  return { state => $is eq 'absent' ? 'absent' : 'other', why => "$path: $why", planted => $is eq 'link' } unless $file;
  my $text = content($file) // return { state => 'broken', why => "$path cannot be read, or is over 1 MB" };
  my $object = object($text);
  my $found = $object && fingerprint_of($object, $key);
  return { state => defined $found ? 'file' : 'broken', fingerprint => $found, text => $text, object => $object, sha256 => sha256_hex($text),
    is => $is, why => "$path is not JSON with a $key" };
}

sub tokens_on_z2 { file_of("$R$P->{dataDir}/$P->{tokenFile}", $keys{refreshToken}) }
sub credentials_on_z2 { file_of("$R$P->{dataDir}/$P->{credentialsFile}", $keys{clientId}) }

# The fingerprint of the chain that is on Z2; undefined when there is none. A planted link is told.
sub chain_on_z2 {
  my $tokens = tokens_on_z2();
  refuse('link', $tokens->{why}) if $tokens->{planted};
  refuse('other', $tokens->{why}) if $tokens->{state} eq 'other';
  return $tokens->{fingerprint};
}

# JSON's own word for a value.
sub type_of {
  my ($value) = @_;
  return 'null' unless defined $value;
  my $text = JSON::PP->new->allow_nonref->encode($value);
  return $text =~ /^"/ ? 'string' : $text =~ /^\{/ ? 'object' : $text =~ /^\[/ ? 'array' : $text =~ /^[tf]/ ? 'boolean' : 'number';
}

# Seconds or milliseconds since 1970, from 2001 to 2286, or ISO 8601.
sub moment_of {
  my ($value) = @_;
  return undef if !defined $value || ref $value;
  return 'seconds' if $value =~ /^[1-9]\d{9}(?:\.\d+)?\z/;
  return 'milliseconds' if $value =~ /^[1-9]\d{12}\z/;
  return $value =~ /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/ ? 'iso' : undef;
}

# At most 64 keys with short names: more is no token file.
sub shape_of {
  my ($object) = @_;
  my @names = grep { length $_ <= 64 } sort keys %{ $object // {} };
  splice @names, 64;
  return [map { my $value = $object->{$_}; { key => $_, type => type_of($value), time => moment_of($value) } } @names];
}
