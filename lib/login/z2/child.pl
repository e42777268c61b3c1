# The head of every order: one order of a login, carried out on Z2. $P, its parameters, stands above this. Core modules only.
# Strings stay bytes until they are printed; only what comes out of JSON is characters.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Fcntl qw(:mode :flock O_RDONLY O_WRONLY O_CREAT O_EXCL O_NOFOLLOW O_NONBLOCK O_DIRECTORY);
use IO::Handle;
use JSON::PP;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

# A client that has gone ends nothing half-way. systemd may stop anything of ours but a commit.
$SIG{$_} = 'IGNORE' for qw(HUP PIPE), $P->{do} eq 'commit' ? qw(INT TERM) : ();
$0 = "bulma-infra $P->{do} $P->{bank}";

my ($R, $bank, $order) = @$P{qw(hostRoot bank order)};
my ($yes, $no) = (JSON::PP::true(), JSON::PP::false());
my %env = (PATH => $ENV{PATH} // '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL => 'C', TZ => 'UTC');

# Seconds that no change of the clock touches. The whole order is over before the Mac stops listening.
sub clock { clock_gettime(CLOCK_MONOTONIC) }
my $end = clock() + $P->{seconds};

# Ends an order: what is in the way, and the words for a person.
sub refuse { my ($what, $says) = @_; die { what => $what, says => $says } }

# Foreign text as the runbooks mask it, one line, without control characters.
sub masked {
  my ($text) = @_;
  utf8::decode($text);
  $text =~ s/\e\[[0-9;?]*[ -\/]*[\@-~]//g;
  $text =~ s/[\x00-\x1f\x7f-\x9f\x{2028}\x{2029}\x{202a}-\x{202e}\x{2066}-\x{2069}]//g;
  $text =~ s/[A-Za-z0-9+\/=_.-]{24,}/[MASKED]/g;
  return length $text > 300 ? substr($text, 0, 300) . ' …' : $text;
}

# Starts a program with a clean environment (pct hands the caller's to the container), without our standard input and in a
# process group of its own. The lock of the bank is closed on exec, so that nothing that outlives us keeps it.
sub launch {
  my @command = @_;
  pipe(my $out, my $out_w) && pipe(my $err, my $err_w) or return { failed => "$!" };
  my $pid = fork;
  return { failed => "$!" } unless defined $pid;
  if (!$pid) {
    setpgrp;
    %ENV = %env;
    $SIG{$_} = 'DEFAULT' for qw(PIPE INT TERM);
    open STDIN, '<', '/dev/null';
    open STDOUT, '>&', $out_w;
    open STDERR, '>&', $err_w;
    exec { $command[0] } @command or print STDERR "$command[0]: $!\n";
    kill 'KILL', $$;
  }
  return { name => "@command[0, $command[0] eq 'pct' ? 1 : ()]", pid => $pid, out => $out, err => $err, text => { out => '', err => '' } };
}

# Waits for it, `seconds` at most, and never holds more than 256 KB of either output.
# → (exit, what it printed, what is wrong in words); the exit is undefined when it did not end by itself
sub finish {
  my ($job, $seconds) = @_;
  return (undef, '', $job->{failed}) if $job->{failed};
  my $until = clock() + $seconds;
  $until = $end if $until > $end;
  my @open = qw(out err);
  while (@open && clock() < $until) {
    my $bits = '';
    vec($bits, fileno $job->{$_}, 1) = 1 for @open;
    select($bits, undef, undef, $until - clock()) > 0 or next;
    for my $side (grep { vec $bits, fileno $job->{$_}, 1 } @open) {
      my $got = sysread $job->{$side}, my $chunk, 65536;
      if ($got) { $job->{text}{$side} .= $chunk if length $job->{text}{$side} < 262144 }
      else { close $job->{$side}; delete $job->{$side} }
    }
    @open = grep { $job->{$_} } @open;
  }
  my $hung = @open;
  kill 'KILL', -$job->{pid} if $hung;
  waitpid $job->{pid}, 0;
  return (undef, '', "$job->{name} did not answer in time") if $hung;
  my ($last) = reverse grep { /\S/ } split /\n/, $job->{text}{err};
  my $says = masked($last // '');
  return (undef, '', $says || "$job->{name} was killed") if $? & 127;
  return ($? >> 8, $job->{text}{out}, $says || ($? ? "$job->{name} ended with " . ($? >> 8) : ''));
}
