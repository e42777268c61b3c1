# One process looks at Z2, read-only: it starts the look into the container and systemctl first, judges files while
# they run, and prints one JSON record a line between two markers. Core modules only: every Proxmox host has Perl.
# $P, the parameters, stands above this. Strings stay bytes until they are printed, so that odd file names survive.
use strict;
use warnings;
use Fcntl qw(:mode O_RDONLY O_NOFOLLOW O_NONBLOCK);
use Time::HiRes qw(time clock_gettime CLOCK_MONOTONIC);

$SIG{PIPE} = 'DEFAULT';
my $R = $P->{hostRoot};
my %env = (PATH => $ENV{PATH} // '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL => 'C', TZ => 'UTC');
my $give_up = time + $P->{seconds};

# Starts a program with a clean environment (pct hands the caller's to the container) in a process group of its own.
sub start {
  my @command = @_;
  pipe(my $out, my $out_w) && pipe(my $err, my $err_w) or return { failed => "$!" };
  my $pid = fork;
  return { failed => "$!" } unless defined $pid;
  if (!$pid) {
    setpgrp;
    %ENV = %env;
    open STDIN, '<', '/dev/null';
    open STDOUT, '>&', $out_w;
    open STDERR, '>&', $err_w;
    exec { $command[0] } @command or print STDERR "$command[0]: $!\n";
    kill 'KILL', $$;
  }
  return { pid => $pid, out => $out, err => $err, text => { out => '', err => '' } };
}

# Reads both pipes until they close or the time is up, and never holds more than 256 KB of either.
sub finish {
  my ($job) = @_;
  return { state => 'not-started', out => '', err => $job->{failed} } if $job->{failed};
  my @open = grep { $job->{$_} } qw(out err);
  while (@open && time < $give_up) {
    my $bits = '';
    vec($bits, fileno $job->{$_}, 1) = 1 for @open;
    select($bits, undef, undef, $give_up - time) > 0 or next;
    for my $side (@open) {
      next unless vec($bits, fileno $job->{$side}, 1);
      my $got = sysread $job->{$side}, my $chunk, 65536;
      if ($got) { $job->{text}{$side} .= $chunk if length $job->{text}{$side} < 262144 }
      else { close $job->{$side}; delete $job->{$side} }
    }
    @open = grep { $job->{$_} } @open;
  }
  my $state = 'ended';
  if (@open) { kill 'KILL', -$job->{pid}; $state = 'hung' }
  waitpid $job->{pid}, 0;
  my ($status, $signal) = ($? >> 8, $? & 127);
  $state = 'not-started' if $state eq 'ended' && $signal == 9;
  return { state => $state, exit => $signal ? 128 + $signal : $status, %{ $job->{text} } };
}

sub slurp {
  my ($path, $most) = @_;
  sysopen(my $file, $path, O_RDONLY | O_NONBLOCK) or return undef;
  my $text = '';
  while (length $text < $most) { sysread($file, $text, $most - length $text, length $text) or last }
  return $text;
}

sub type_of {
  my ($mode) = @_;
  return S_ISREG($mode) ? 'file' : S_ISDIR($mode) ? 'folder' : S_ISLNK($mode) ? 'link' : 'other';
}
