package Query;

# is-enabled, is-active, is-failed, cat, status and the lists: words and exit codes of systemctl 252.
use strict;
use Lab;
use Unit;
use Memory;
use State;
use Timer;
use Elapse;
use Transient;

sub is_enabled {
  my ($flags, @units) = @_;
  my $any = 0;
  for my $name (@units) {
    my $is = Unit::file_state($name);
    if ($is eq '') { print STDERR "Failed to get unit file state for $name: No such file or directory\n"; return 1 }
    print "$is\n" unless $flags->{quiet};
    $any = 1 if $is =~ /^(enabled|enabled-runtime|static|alias|indirect|generated)$/;
  }
  return $any ? 0 : 1;
}

# is-active: 0 when one is; is-failed: 0 when one failed
sub is_in {
  my ($flags, $wanted, $otherwise, @units) = @_;
  my $any = 0;
  for my $name (@units) {
    my ($state) = Memory::view($name);
    print "$state->{active}\n" unless $flags->{quiet};
    $any = 1 if $state->{active} eq $wanted;
  }
  return $any ? 0 : $otherwise;
}

sub cat {
  my ($flags, @units) = @_;
  my ($missing, $gap) = (0, '');
  for my $name (@units) {
    my $unit = Unit::on_disk($name);
    if ($unit->{load} eq 'not-found') { print STDERR "No files found for $name.\n"; $missing = 1; next }
    print $gap, join "\n", map { "# $_\n" . (Lab::slurp(Lab::root() . (Unit::follow($_) // '')) // '') } $unit->{fragment}, @{ $unit->{drop_ins} };
    $gap = "\n";
  }
  return $missing;
}

sub status {
  my ($flags, @units) = @_;
  my $exit = 0;
  for my $name (@units) {
    my ($state, $unit) = Memory::view($name);
    if ($unit->{load} eq 'not-found' && !$state->{kept}) { print STDERR "Unit $name could not be found.\n"; $exit = 4; next }
    my $mark = $state->{active} eq 'failed' ? 'x' : '*';
    my $since = $state->{since} // $state->{exit};
    print "$mark $name - " . Unit::setting($unit, 'Unit.Description', $name) . "\n";
    print "     Loaded: $unit->{load} ($unit->{fragment}; " . Unit::file_state($name) . ")\n";
    print "  Transient: yes\n" if Transient::is_one($name);
    print "     Active: $state->{active} ($state->{sub})" . ($state->{result} eq 'success' ? '' : " (Result: $state->{result})") . ($since ? ' since ' . Elapse::stamp($since) : '') . "\n";
    $exit ||= 3 if $state->{active} ne 'active';
  }
  return $exit;
}

# names of units with a file, or that something is known of
sub known {
  my %known = map { $_ => 1 } grep { !/\.loaded$/ } State::all();
  for my $folder (@Unit::WHERE) {
    opendir my $entries, Lab::root() . $folder or next;
    $known{$_} = 1 for grep { /\.(timer|service|mount)$/ } readdir $entries;
  }
  return sort keys %known;
}

sub matching {
  my ($patterns, @names) = @_;
  return @names unless @$patterns;
  my $any = join '|', map { quotemeta($_) =~ s/\\\*/.*/gr =~ s/\\\?/./gr } @$patterns;
  return grep { /^(?:$any)$/ } @names;
}

sub table {
  my ($flags, $head, @rows) = @_;
  my @all = ($flags->{'no-legend'} ? () : ($head), @rows);
  my @width;
  for my $row (@all) { $width[$_] = length $row->[$_] > ($width[$_] // 0) ? length $row->[$_] : $width[$_] for 0 .. $#$row }
  for my $row (@all) { print join(' ', map { sprintf '%-*s', $width[$_], $row->[$_] } 0 .. $#$row) =~ s/ +$//r, "\n" }
}

sub list_unit_files {
  my ($flags, @patterns) = @_;
  my @names = grep { Unit::file_state($_) ne '' } matching(\@patterns, known());
  my @order = sort { ($a =~ /(\w+)$/)[0] cmp ($b =~ /(\w+)$/)[0] || $a cmp $b } @names;
  table($flags, ['UNIT FILE', 'STATE', 'PRESET'], map { my $is = Unit::file_state($_); [$_, $is, $is eq 'static' ? '-' : 'enabled'] } @order);
  print "\n" . @names . " unit files listed.\n" unless $flags->{'no-legend'};
  return 0;
}

sub list_units {
  my ($flags, @patterns) = @_;
  my @rows;
  for my $name (matching(\@patterns, known())) {
    my ($state, $unit) = Memory::view($name);
    next unless $flags->{all} || $state->{active} ne 'inactive';
    push @rows, ['', $name, $unit->{load}, $state->{active}, $state->{sub}, Unit::setting($unit, 'Unit.Description', $name)];
  }
  table($flags, ['', qw(UNIT LOAD ACTIVE SUB DESCRIPTION)], @rows);
  print "\n" . @rows . " loaded units listed.\n" unless $flags->{'no-legend'};
  return 0;
}

sub list_timers {
  my ($flags, @patterns) = @_;
  my @rows;
  for my $name (grep { /\.timer$/ } matching(\@patterns, known())) {
    my ($state, $unit) = Memory::view($name);
    next unless $flags->{all} || $state->{active} eq 'active';
    my $next = Timer::elapses($name, $unit, $state, $^T);
    my $at = Timer::least($next->{realtime}, $next->{relative});
    my $passed = $state->{triggered};
    push @rows, [
      Elapse::stamp($at) || '-', $at ? Elapse::about($at - Elapse::now()) . ' left' : '-',
      Elapse::stamp($passed) || '-', $passed ? Elapse::about(Elapse::now() - $passed) . ' ago' : '-', $name, Timer::service_of($name, $unit),
    ];
  }
  table($flags, [qw(NEXT LEFT LAST PASSED UNIT ACTIVATES)], @rows);
  print "\n" . @rows . " timers listed.\n" . ($flags->{all} ? '' : "Pass --all to see loaded but inactive timers, too.\n") unless $flags->{'no-legend'};
  return 0;
}

1;
