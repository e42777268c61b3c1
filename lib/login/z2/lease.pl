# Who is logging in, and the ids of logins. Both are read and written under the lock of the bank.
my ($run, $state) = map { "$R$_" } @$P{qw(runDir stateDir)};

# As far as a lease may reach ahead; one that reaches further was written before the clock went back.
use constant MOST_SECONDS => 3600;

sub is_number { my ($value) = @_; return defined $value && !ref $value && $value =~ /^\d{1,15}\z/ }

# The name of a holder in the characters that every reader of a lease takes.
sub plain_name { my ($name) = @_; $name =~ s/[^ -~]+/?/g; return substr $name, 0, 100 }

# undef when there is none. One that is not what we write is reported, never overwritten.
sub read_lease {
  my $path = "$run/$bank.lease";
  my $text = own_text('lease', $path) // return undef;
  my $lease = object($text);
  refuse('lease', "$path is not a lease") unless $lease && ($lease->{holder} // '') =~ /^[ -~]{1,100}\z/ && !grep { !is_number($lease->{$_}) } qw(pid login since deadline);
  return { holder => $lease->{holder}, map { $_ => 0 + $lease->{$_} } qw(pid login since deadline) };
}

sub is_over { my ($lease) = @_; return $lease->{deadline} < time || $lease->{deadline} > time + MOST_SECONDS }

sub is_by { my ($lease, $who) = @_; return $lease->{holder} eq plain_name($who->{holder}) && $lease->{pid} == $who->{pid} }

sub is_mine { my ($lease) = @_; my $me = $order->{me}; return $lease && is_by($lease, $me) && $lease->{login} == $me->{login} }

# In words, for a person.
sub whose { my ($lease) = @_; return $lease ? "the lease is $lease->{holder}'s, pid $lease->{pid}, login $lease->{login}" : 'there is no lease' }

# The highest id that was ever handed out; 0 for none.
sub read_issued {
  my $path = "$state/$bank.login";
  my $text = own_text('issued', $path) // return 0;
  $text =~ /^(\d{1,15})\n?\z/ or refuse('issued', "$path is not a number");
  return 0 + $1;
}
