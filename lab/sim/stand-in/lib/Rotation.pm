package Rotation;

# The one dangerous moment of a poll: a bank gives a new refresh token and the old one is dead. The order of
# lab/poller/rotation.sh: prove that the disk takes a file, ask, let the reply go to disk as it comes, merge it into a new file
# in the same folder, flush, rename, flush the folder. Only then is the new access token used.
use strict;
use IO::Handle;
use JSON::PP ();
use Access;
use Lab;
use Poll;
use TokenFile;
use Web;

our $client_secret;

sub form {
  my $path = $Poll::BANK eq 'monzo' ? "$Poll::DATA/monzo_credentials.json" : $Poll::SET{BULMA_TRUELAYER_CREDENTIALS};
  my ($name) = $path =~ m{([^/]+)$};
  Poll::fail("cannot read $name: No such file or directory") unless -e $path;
  Poll::fail("cannot read $name: Permission denied") unless Access::allows('r', $path);
  my $client = TokenFile::parsed(Lab::slurp($path));
  my @values = ref $client eq 'HASH' ? (map({ TokenFile::token($client->{$_}) } qw(client_id client_secret)), $TokenFile::refresh_token) : ('');
  Poll::fail("cannot read $name: no client_id and client_secret in it") if grep { $_ eq '' } @values;
  $client_secret = $values[1];
  my ($id, $secret, $refresh) = map { s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger } @values;
  return ("grant_type=refresh_token&client_id=$id&client_secret=$secret&refresh_token=$refresh", $name);
}

# refreshes once; signals wait until the new tokens are in place
sub refresh {
  $Poll::refreshes += 1;
  my @form = form();
  my $outcome = Poll::whole(sub { rotate(@form) });
  exit 1 if $outcome eq 'failed';
  TokenFile::load();
  if ($outcome eq 'done') { Poll::say_it('refresh ok'); return }
  Poll::fail('the tokens on disk changed twice during a refresh') if $Poll::refreshes >= 2;
  Poll::say_it('other tokens came meanwhile: starting with those');
  refresh() unless Poll::is_fresh();
}

# 'done', 'changed' when somebody else put other tokens there, or 'failed', said in the log
sub rotate {
  my ($form, $credentials) = @_;
  my ($new, $reply) = (TokenFile::beside('new'), TokenFile::beside('reply-' . TokenFile::fingerprint($TokenFile::refresh_token)));
  unlink $new, $reply;
  # with a full or read-only disk, asking would burn the chain; the reply has its place on disk before there is one
  my $probe = TokenFile::created($new);
  my $into = $probe && syswrite($probe, "\0" x 65536) == 65536 && $probe->sync && TokenFile::created($reply);
  unlink $new;
  if (!$into || !TokenFile::sync_folder()) { unlink $reply; Poll::fail('cannot write in ' . TokenFile::shown() . ': nothing was refreshed') }
  my $url = $Poll::BANK eq 'monzo' ? "$Poll::SET{BULMA_MONZO_API}/oauth2/token" : "$Poll::SET{BULMA_TRUELAYER_AUTH}/connect/token";
  my $answer = Web::request('POST', $url, $Poll::SET{BULMA_PATIENCE},
    { content => $form, headers => { 'Content-Type' => 'application/x-www-form-urlencoded' } }, $into);
  $into->sync;
  my $code = $answer->{status} // (is_whole($reply) ? 200 : 0);
  return keep($reply) if $code == 200;
  my $why = Poll::reason($answer->{content});
  my $failure = !$code ? Poll::network_error($url, $answer->{why})
    : $code =~ /^(408|429|5..)$/ ? "refresh failed: HTTP $code: trouble at the bank" : "refresh failed: HTTP $code" . ($why ne '' ? ": $why" : '');
  unlink $reply;
  # a login may have been pushed while we asked with the old chain
  return 'changed' unless TokenFile::is_unchanged();
  $failure = "refresh refused: check client_id and client_secret in $credentials" if $failure =~ /invalid_client|unauthorized_client/;
  Poll::say_it($failure);
  return 'failed';
}

sub is_whole { my $found = TokenFile::parsed(Lab::slurp($_[0])); return ref $found eq 'HASH' && $found->{access_token} }

# Puts the reply in the place of the tokens that it answers. Keys that are not ours stay. The time counts from its arrival.
sub keep {
  my ($reply) = @_;
  my ($new, $got) = (TokenFile::beside('new'), TokenFile::parsed(Lab::slurp($reply)));
  if (ref $got ne 'HASH') {
    unlink $reply;
    Poll::say_it('network or bank trouble: no JSON in the reply to the refresh');
    return 'failed';
  }
  my ($fresh, $next) = map { TokenFile::token($got->{$_}) } qw(access_token refresh_token);
  if ($fresh eq '' || $next eq '' && $Poll::BANK eq 'monzo') {
    rename $reply, TokenFile::beside('quarantine');
    Poll::say_it('refresh failed: HTTP 200 without the expected fields; the reply is in .' . TokenFile::name() . '.quarantine');
    return 'failed';
  }
  my %all = (%{ TokenFile::parsed($TokenFile::tokens) }, access_token => $fresh, expires_at => (stat $reply)[9] + int($got->{expires_in} // 0), $next ne '' ? (refresh_token => $next) : ());
  unlink $new;
  my $out = TokenFile::created($new);
  # the mode that was agreed on for the file; the owner becomes the container's root, as it should be under either policy
  if (!$out || !print({$out} JSON::PP->new->utf8->canonical->pretty->indent_length(2)->space_before(0)->encode(\%all)) || !$out->flush
    || !chmod((stat TokenFile::file())[2] & 07777, $out) || !$out->sync) {
    Poll::say_it('cannot write ' . TokenFile::name() . '; the reply is kept for the next poll');
    return 'failed';
  }
  if (!TokenFile::is_unchanged()) { unlink $new, $reply; return 'changed' }
  if (!rename($new, TokenFile::file()) || !TokenFile::sync_folder()) { Poll::say_it('cannot replace ' . TokenFile::name() . '; the reply is kept for the next poll'); return 'failed' }
  unlink $reply;
  return 'done';
}

# Finishes what a killed poll began: a whole reply to the very refresh token that is on disk is a rotation without its rename. A
# reply to any other token is history, such as one from before a new login.
sub recover {
  opendir my $folder, $Poll::DATA or return;
  my $start = '.' . TokenFile::name() . '.reply-';
  for my $name (grep { index($_, $start) == 0 } readdir $folder) {
    my $left = "$Poll::DATA/$name";
    if ($name eq $start . TokenFile::fingerprint($TokenFile::refresh_token) && is_whole($left)) {
      exit 1 if Poll::whole(sub { keep($left) }) ne 'done';
      TokenFile::load();
      Poll::say_it('refresh ok, taken up where a poll was interrupted');
    } else { unlink $left }
  }
  unlink TokenFile::beside('new');
}

1;
