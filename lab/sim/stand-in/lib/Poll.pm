package Poll;

# What both pollers share: settings, the log, the lock, and requests with an access token. lab/poller/poll.sh is the original.
use strict;
use Fcntl qw(:flock);
use POSIX ();
use Lab;
use Access;
use Owner;
use Web;
use Rotation;
use TokenFile;

our ($BANK, $DATA, %SET, $refreshes);
my ($lock, $waits, $is_stopped);

# an access token is renewed this long before it ends: a poll must not outlive it
my $LEEWAY = 60;

sub begin {
  ($BANK) = @_;
  # nothing here is executed, and no secret is in it
  my $written = Lab::slurp(Lab::root() . '/etc/bulma/poll.env') // '';
  %SET = (
    BULMA_DATA => Lab::root() . '/root/data/bulma', BULMA_LOCKS => Lab::root() . '/run/lock', BULMA_PATIENCE => 30, BULMA_HISTORY_DAYS => 30,
    # where the lab has no banks: a port of this machine that nothing listens on, never the real ones
    map({ $_ => 'http://127.0.0.1:9' } qw(BULMA_MONZO_API BULMA_TRUELAYER_AUTH BULMA_TRUELAYER_API)),
    BULMA_TRUELAYER_CREDENTIALS => Lab::root() . '/etc/bulma/truelayer_credentials.json',
    $written =~ /^(BULMA_\w+)=(.*)$/mg, map { $_ => $ENV{$_} } grep { /^BULMA_/ } keys %ENV,
  );
  $DATA = $SET{BULMA_DATA};
  umask 022;
  mkdir $SET{BULMA_LOCKS};
  my $file = "$SET{BULMA_LOCKS}/bulma-poll-$BANK.lock";
  open $lock, '>>', $file or fail("cannot open $file");
  if (!flock $lock, LOCK_EX | LOCK_NB) { say_it('another poll is running'); exit 0 }
  # by the signal itself, so that systemd counts a stopped poll as stopped, not as failed; a rotation is waited for
  $SIG{$_} = sub { $is_stopped = 1; stop() unless $waits } for qw(HUP INT TERM);
  # a disk with a limit says so instead of ending this
  $SIG{XFSZ} = 'IGNORE';
  $refreshes = 0;
  TokenFile::load();
  Rotation::recover();
  say_it('tokens loaded');
  Rotation::refresh() unless is_fresh();
}

sub is_fresh { $TokenFile::expires_at > time + $LEEWAY }

sub stop {
  say_it('stopped');
  $SIG{TERM} = 'DEFAULT';
  # in a handler it waits until that has returned
  kill 'TERM', $$;
}

# runs what a signal must not interrupt
sub whole {
  my ($what) = @_;
  $waits = 1;
  my @result = $what->();
  $waits = 0;
  stop() if $is_stopped;
  return $result[0];
}

sub say_it {
  my $line = POSIX::strftime('%Y-%m-%d %H:%M:%S', gmtime) . " $_[0]\n";
  my $file = "$DATA/poll-$BANK.log";
  my $is_new = !-e $file;
  if (Access::allows('w', $is_new ? $DATA : $file) && open my $log, '>>', $file) {
    own($log) if $is_new;
    syswrite $log, $line;
  } else { print STDERR $line }
}

sub fail { say_it($_[0]); exit 1 }

# a new file is the container's root's; its inode may have been somebody else's before
sub own { my ($handle) = @_; my @stat = stat $handle; my $root = Access::mapped_root(); Owner::set(@stat[0, 1], $root, $root) }

# GET PATH, called LABEL in the log: JSON, or undef and the reason for a 403, whose meaning the banks disagree about. A 401 says
# that the access token is over, whatever the clock says: one refresh, one more try. All else ends the poll.
sub get {
  my ($base, $path, $label) = @_;
  my ($code, $body) = ask($base, $path);
  if ($code == 401 && !$refreshes) {
    say_it('the access token is no longer accepted');
    Rotation::refresh();
    ($code, $body) = ask($base, $path);
  }
  my $why = reason($body);
  if ($code == 200) {
    my $found = TokenFile::parsed($body);
    return $found if ref $found eq 'HASH';
    fail("network or bank trouble: no JSON on $label");
  }
  return (undef, $why) if $code == 403;
  fail("HTTP $code on $label: trouble at the bank") if $code =~ /^(408|429|5..)$/;
  fail("HTTP $code on $label" . ($why ne '' ? ": $why" : ''));
}

sub ask {
  my ($base, $path) = @_;
  my $answer = Web::request('GET', "$base$path", $SET{BULMA_PATIENCE}, { headers => { Authorization => "Bearer $TokenFile::access" } });
  fail(network_error($base, $answer->{why})) if $answer->{why};
  return @$answer{qw(status content)};
}

sub network_error { my ($url, $why) = @_; my ($host) = $url =~ m{://([^:/]+)}; return "network error: $host: $why" }

# The reason in an error body, as JSON of those keys that banks give reasons in, in their order. Any other body says nothing that
# belongs in a log, and neither does one that quotes a secret of ours.
sub reason {
  my ($body) = @_;
  my $found = TokenFile::parsed($body);
  return '' unless ref $found eq 'HASH';
  my $inner = ref $found->{error_params} eq 'HASH' ? $found->{error_params}{original_error_code} : undef;
  my %said = (%$found, defined $found->{code} || !defined $inner ? () : (code => $inner));
  my $place = sub { my $at = index $body, "\"$_[0]\""; $at < 0 ? length $body : $at };
  my @keys = sort { $place->($a) <=> $place->($b) } grep { defined $said{$_} && !ref $said{$_} } qw(code message error error_description);
  my $text = @keys ? substr '{' . join(',', map { TokenFile::json()->encode($_) . ':' . TokenFile::json()->encode("$said{$_}") } @keys) . '}', 0, 300 : '';
  return (grep { defined && $_ ne '' && index($text, $_) >= 0 } $TokenFile::refresh_token, $TokenFile::access, $Rotation::client_secret) ? '' : $text;
}

# -8320 → -83.20
sub money { my ($minor) = @_; return sprintf '%s%d.%02d', $minor < 0 ? '-' : '', abs($minor) / 100, abs($minor) % 100 }
sub days_ago { return POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - $_[0] * 86400)) }

1;
