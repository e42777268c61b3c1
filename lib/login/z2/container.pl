# CT109, and only if the configuration says that it is ours. What is asked inside is asked in one `pct exec`.

# → { identity, name }: the values before the first snapshot or pending section (pct.conf(5))
sub container {
  my $path = "$R$P->{proxmoxDir}/lxc/$P->{containerId}.conf";
  open my $file, '<', $path or return { identity => 'absent', name => undef };
  my $text = join '', <$file>;
  $text =~ s/^\[.*//ms;
  my ($name) = $text =~ /^hostname:[ \t]*(\S+)/m;
  return { identity => defined $name && $name eq $P->{containerName} ? 'ours' : 'other', name => defined $name ? masked($name) : undef };
}

sub not_ours { "container $P->{containerId} is not $P->{containerName}" }

# Starts a shell program inside; `finish` takes its answer.
sub inside {
  my ($program, @arguments) = @_;
  my $found = container();
  return { failed => not_ours() } unless $found->{identity} eq 'ours';
  return launch('pct', 'exec', $P->{containerId}, '--', 'sh', '-c', $P->{programs}{$program}, $program, @arguments);
}

my @units = @$P{qw(timer service)};

sub look_inside { return seen_inside(finish(start_look(), $P->{pctSeconds})) }
sub start_look { return inside('look', $P->{containerRoot}, $P->{containerDataDir}, @units) }

# → ({ timer, service, facts }, undef), or (undef, what is wrong). Blocks as `systemctl show` prints them; one without an Id is
# ours.
sub seen_inside {
  my ($exit, $out, $says) = @_;
  return (undef, $says || 'the look into the container was cut short') unless defined $exit && $exit == 0;
  my %seen = (facts => {});
  for my $block (split /\n\s*\n/, $out) {
    my %unit = map { /^(\w+)=(.*)$/ ? ($1, $2) : () } split /\n/, $block;
    my ($side) = map { ($unit{Id} // '') eq $P->{$_} ? $_ : () } qw(timer service);
    if ($side) { $seen{$side} = \%unit }
    else { $seen{facts} = { %{ $seen{facts} }, %unit } }
  }
  return (undef, 'systemd inside the container does not answer') unless $seen{timer} && $seen{service};
  return (\%seen, undef);
}

sub is_active { my ($unit) = @_; return ($unit->{ActiveState} // '') =~ /^(?:active|activating|deactivating|reloading)$/ }

# A service that waits for its restart runs no process.
sub is_polling { my ($service) = @_; return is_active($service) && $service->{SubState} !~ /^auto-restart/ }

# When what runs began, as systemd prints it.
sub since { my ($unit) = @_; return is_active($unit) ? $unit->{InactiveExitTimestamp} || undef : undef }

sub is_idle { my ($seen) = @_; return !is_active($seen->{timer}) && !is_active($seen->{service}) && !$seen->{service}{Job} }

sub has_next {
  my ($timer) = @_;
  return 0 unless ($timer->{ActiveState} // '') eq 'active';
  return 1 if length($timer->{NextElapseUSecRealtime} // '');
  return ($timer->{NextElapseUSecMonotonic} // '') !~ /^(?:|0|infinity)$/;
}
