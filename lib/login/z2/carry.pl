# The other keys of the old token file: a poller may keep what it knows of accounts there. Decided by name, at every depth. Not
# carried: tokens, times, errors. Times also by their form: a moment of the old login says nothing of the new one.
my @stays = (
  qr/tokens?$|^id_?token|secret|password|^(?:code|code_verifier|state|nonce|jwt|bearer)$/i,
  qr/_(?:at|on|ms)$|(?:^|_)(?:time|date|timestamp|iat|exp|nbf|obtained|created|updated|issued|refreshed|rotated|checked)$|[a-z](?:At|On|Time|Date|Timestamp)$|expir|^last_?/i,
  qr/error|fail|invalid|revoked|denied|dead|broken|reauth|retr(?:y|ies)|attempts/i,
);

sub is_carried {
  my ($name, $value) = @_;
  return 0 if grep { $name =~ $_ } @stays;
  return 0 if grep { $name eq $_ } values %keys;
  return 0 if defined moment_of($value) && (type_of($value) eq 'number' || moment_of($value) eq 'iso');
  return !grep { !is_carried($_, $value->{$_}) } keys %$value if ref $value eq 'HASH';
  return !grep { !is_carried('', $_) } @$value if ref $value eq 'ARRAY';
  return 1;
}

# The text of the upload, to which the keys are added that only the old file has; its own keys stay as they were sent.
sub carried {
  my ($upload, $old) = @_;
  my %new = %{ $upload->{object} };
  my @names = grep { !exists $new{$_} && is_carried($_, $old->{$_}) } sort keys %{ $old // {} };
  return $upload->{text} unless @names;
  my $json = JSON::PP->new->ascii->canonical->allow_nonref;
  my $text = $upload->{text} =~ s/\s*\}\s*\z//r;
  $text .= join('', map { ",\n  " . $json->encode("$_") . ': ' . $json->encode($old->{$_}) } @names) . "\n}\n";
  my $object = object($text) // refuse('other', 'the old keys cannot be added to the new file');
  refuse('other', 'the old keys would change the new file') if grep { $json->encode($object->{$_}) ne $json->encode($new{$_}) } keys %new;
  return $text;
}
