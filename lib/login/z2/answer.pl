# The one answer of an order, between two markers that nothing else can forge.
sub boolean { my ($value) = @_; return $value ? $yes : $no }

# What is in the way, in the form that each order has for it.
sub refusal {
  my ($what, $says) = @_;
  my %form = (
    stop => $what eq 'lock' ? { state => 'busy', unit => $says, since => undef } : { state => 'failed', says => $says },
    commit => { done => $no, no => $what eq 'lock' ? 'busy' : $what =~ /^(?:lease|switch|busy|rotated|upload|older|link|disk)$/ ? $what : 'other', says => $says },
    start => { started => $no, next => $no, says => $says },
    map { $_ => { failed => $says } } qw(poll polled tail),
  );
  return $form{ $P->{do} } // { broken => $what =~ /^(?:lease|record|issued|folder|lock|disk)$/ ? $what : 'other', why => $says };
}

# Bytes that are text become characters.
sub text_of {
  my ($value) = @_;
  return { map { $_ => text_of($value->{$_}) } keys %$value } if ref $value eq 'HASH';
  return [map { text_of($_) } @$value] if ref $value eq 'ARRAY';
  return $value if !defined $value || ref $value;
  # a copy is matched: to Perls before 5.36 a number that was matched is a text
  my $copy = $value;
  return $value unless $copy =~ /[\x80-\xff]/;
  utf8::decode($value);
  return $value;
}

my $answer = eval {
  my $lock = $P->{isLocked} ? lock_bank() : undef;
  __PACKAGE__->can($P->{do})->();
} // do {
  my $failure = $@;
  die $failure unless ref $failure eq 'HASH';
  refusal(@$failure{qw(what says)});
};
print "\nBULMA $P->{id} BEGIN\n", json(text_of($answer)), "BULMA $P->{id} END\n";
