package Elapse;

# Calendar events and time spans, as systemd.time(7) has them and as `systemctl show` prints them. UTC throughout.
use strict;

my @DAYS = qw(Sun Mon Tue Wed Thu Fri Sat);
my @MONTHS = qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec);
my %SHORT = (
  minutely => '*-*-* *:*:00', hourly => '*-*-* *:00:00', daily => '*-*-* 00:00:00',
  weekly => 'Mon *-*-* 00:00:00', monthly => '*-*-01 00:00:00', yearly => '*-01-01 00:00:00',
);
my %UNIT = (
  us => 1e-6, usec => 1e-6, ms => 1e-3, msec => 1e-3, s => 1, sec => 1, second => 1, seconds => 1, '' => 1,
  m => 60, min => 60, minute => 60, minutes => 60, h => 3600, hr => 3600, hour => 3600, hours => 3600,
  d => 86400, day => 86400, days => 86400, w => 604800, week => 604800, weeks => 604800,
);

# '*:0/15' → '*-*-* *:00/15:00'; undef for what is no calendar event
sub calendar {
  my ($text) = @_;
  return $SHORT{$text} if $SHORT{$text};
  my $part = qr/[\d*,\/.]+/;
  my ($days, $date, $time) = $text =~ /^(?:([A-Z][a-zA-Z,.]*)\s+)?(?:($part-$part-$part)\s*)?($part:$part(?::$part)?)?$/ or return undef;
  return undef unless $date || $time;
  $time = '00:00:00' unless $time;
  $time .= ':00' if $time !~ /:.*:/;
  $time = join ':', map { s/(?<!\d)(\d)(?!\d)(?=[^\/]*(?:\/|,|\.|$))/0$1/r } split /:/, $time;
  return join ' ', grep { $_ } $days, $date || '*-*-*', $time;
}

# the values of '*', '5', '1,2', '1..4' or '0/15' from $low to $high, ascending
sub values_of {
  my ($text, $low, $high) = @_;
  my %found;
  for (split /,/, $text) {
    my ($range, $step) = split m{/};
    my ($from, $to) = $range eq '*' ? ($low, $high) : $range =~ /^(\d+)\.\.(\d+)$/ ? ($1, $2) : ($range, $step ? $high : $range);
    for (my $value = $from; $value <= $to && $value <= $high; $value += $step || 1) { $found{ $value + 0 } = 1 }
  }
  return sort { $a <=> $b } keys %found;
}

# the first moment after $after (whole seconds since 1970) that a calendar event in its long form names; at most 500 days on
sub next_after {
  my ($calendar, $after) = @_;
  my ($days, $date, $time) = $calendar =~ /^(?:([A-Z]\S*) )?(\S+) (\S+)$/ or return undef;
  my ($year, $month, $day) = split /-/, $date;
  my ($hour, $minute, $second) = split /:/, $time;
  my %month = map { $_ => 1 } values_of($month, 1, 12);
  my %day = map { $_ => 1 } values_of($day, 1, 31);
  my %week_day = week_days($days);
  my @seconds = values_of($second, 0, 59);
  my @minutes = values_of($minute, 0, 59);
  my @hours = values_of($hour, 0, 23);
  my $midnight = int($after / 86400) * 86400;
  for my $start (map { $midnight + $_ * 86400 } 0 .. 500) {
    my (undef, undef, undef, $mday, $mon, $y, $wday) = gmtime $start;
    next unless $day{$mday} && $month{ $mon + 1 } && $week_day{$wday} && ($year eq '*' || $year == $y + 1900);
    for my $h (@hours) {
      for my $m (@minutes) {
        for my $s (@seconds) { my $at = $start + $h * 3600 + $m * 60 + $s; return $at if $at > $after }
      }
    }
  }
  return undef;
}

sub week_days {
  my ($text) = @_;
  return map { $_ => 1 } 0 .. 6 unless $text;
  my %number = map { $DAYS[$_] => $_ } 0 .. 6;
  my %found;
  for (split /,/, $text) {
    my ($from, $to) = map { $number{ substr $_, 0, 3 } } split /\.\./;
    $to //= $from;
    for (my $day = $from; ; $day = ($day + 1) % 7) { $found{$day} = 1; last if $day == $to }
  }
  return %found;
}

# '1h 30min' → 5400; undef for what is no time span
sub seconds {
  my ($text) = @_;
  my $total = 0;
  return undef unless defined $text && $text =~ /^\s*(?:[\d.]+\s*[a-z]*\s*)+$/;
  while ($text =~ /([\d.]+)\s*([a-z]*)/g) { return undef unless exists $UNIT{$2}; $total += $1 * $UNIT{$2} }
  return $total;
}

# 1166.957617 → '19min 26.957617s', the way of systemd's format_timespan
sub span {
  my ($seconds) = @_;
  my $left = sprintf '%.0f', $seconds * 1e6;
  return '0' if $left <= 0;
  my @words;
  for (['y', 31557600e6], ['month', 2629800e6], ['w', 604800e6], ['d', 86400e6], ['h', 3600e6], ['min', 60e6], ['s', 1e6], ['ms', 1e3], ['us', 1]) {
    my ($name, $size) = @$_;
    next if $left < $size;
    my $rest = $left % $size;
    if ($left < 60e6 && $rest > 0) {
      my $digits = length($size) - 1;
      push @words, sprintf('%d.%0*d', $left / $size, $digits, $rest) =~ s/0+$//r . $name;
      last;
    }
    push @words, int($left / $size) . $name;
    last if ($left = $rest) == 0;
  }
  return join ' ', @words;
}

# 575 → '9min', 90 → '1min 30s', the way of systemd's format_timestamp_relative
sub about {
  my $s = int $_[0];
  return $s >= 172800 ? int($s / 86400) . ' days' : $s >= 90000 ? '1 day ' . int(($s - 86400) / 3600) . 'h' : $s >= 21600 ? int($s / 3600) . 'h'
    : $s >= 3600 ? int($s / 3600) . 'h ' . int($s % 3600 / 60) . 'min' : $s >= 300 ? int($s / 60) . 'min'
    : $s >= 60 ? int($s / 60) . 'min ' . $s % 60 . 's' : "${s}s";
}

# 'Sun 2026-11-22 07:00:00 UTC'; empty for no moment
sub stamp {
  my ($at) = @_;
  return '' unless $at;
  my ($s, $m, $h, $day, $month, $year, $week_day) = gmtime $at;
  return sprintf '%s %04d-%02d-%02d %02d:%02d:%02d UTC', $DAYS[$week_day], $year + 1900, $month + 1, $day, $h, $m, $s;
}

# seconds since 1970, with their fraction
sub now { require Time::HiRes; return Time::HiRes::time() }

# seconds since this machine booted, by the clock that systemd uses
sub monotonic {
  require Time::HiRes;
  return Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC());
}

1;
