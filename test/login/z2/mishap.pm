package mishap;

# Loaded into the program of an order by PERL5OPT: writes down every call that changes a disk, and may end the process by
# SIGKILL at one of them, or make it fail. MISHAP_LOG: a file; MISHAP_AT: the number of the call, from 1;
# MISHAP_HOW: before, after, half (of a write), or the name of an error.
use strict;
use Errno;
use IO::Handle;

my $count = 0;
my %path;
my ($log, $at, $how) = map { delete $ENV{"MISHAP_$_"} } qw(LOG AT HOW);
our $inner = 0;

sub around {
  my ($name, $what, $call, $half) = @_;
  return $call->() if $inner;
  local $inner = 1;
  $count++;
  if ($log) { CORE::open my $out, '>>', $log; print $out "$name $what\n"; close $out }
  my $is_now = $at && $count == $at;
  if ($is_now && $how eq 'before') { CORE::kill 'KILL', $$ }
  if ($is_now && $how eq 'half') { $half->() if $half; CORE::kill 'KILL', $$ }
  if ($is_now && $how =~ /^swap (\S+) (\S+)$/) { CORE::rename($1, $2) }
  if ($is_now && $how =~ /^E/) { $! = Errno->can($how)->(); return undef }
  my $result = $call->();
  if ($is_now && $how eq 'after') { CORE::kill 'KILL', $$ }
  return $result;
}

BEGIN {
  no warnings;
  my $sync = \&IO::Handle::sync;
  *IO::Handle::sync = sub { my ($handle) = @_; around('sync', $path{ fileno $handle } // '?', sub { $sync->($handle) }) };
  *CORE::GLOBAL::sysopen = sub (*$$;$) {
    my $name = $_[1];
    my $is_made = $_[2] & Fcntl::O_CREAT();
    my @all = \(@_);
    my $do = sub { @all == 4 ? CORE::sysopen(${ $all[0] }, ${ $all[1] }, ${ $all[2] }, ${ $all[3] }) : CORE::sysopen(${ $all[0] }, ${ $all[1] }, ${ $all[2] }) };
    my $result = $is_made && $name !~ m{/run/lock/} ? around('create', $name, $do) : $do->();
    $path{ fileno $_[0] } = $name if $result;
    return $result;
  };
  *CORE::GLOBAL::syswrite = sub (*$;$$) {
    my ($handle, $text, $length, $from) = @_;
    around('write', $path{ fileno $handle } // '?', sub { CORE::syswrite($handle, $text, $length // length $text, $from // 0) },
      sub { CORE::syswrite($handle, $text, int(length($text) / 2)) });
  };
  *CORE::GLOBAL::rename = sub ($$) { my ($from, $to) = @_; around('rename', "$from $to", sub { CORE::rename($from, $to) }) };
  *CORE::GLOBAL::link = sub ($$) { my ($from, $to) = @_; around('link', "$from $to", sub { CORE::link($from, $to) }) };
  *CORE::GLOBAL::unlink = sub (@) { my @files = @_; around('unlink', "@files", sub { CORE::unlink(@files) }) };
  *CORE::GLOBAL::mkdir = sub (_;$) { my ($name, $mode) = @_; around('mkdir', $name, sub { CORE::mkdir($name, $mode // 0777) }) };
}

1;
