package TokenFile;

# The token file of a bank as CT109's root sees it, and the files of a moment beside it.
use strict;
use Digest::SHA qw(sha256_hex);
use Fcntl qw(O_WRONLY O_CREAT O_EXCL O_RDONLY);
use IO::Handle;
use JSON::PP ();
use Access;
use Lab;
use Poll;

our ($tokens, $expires_at, $refresh_token, $access);

sub json { JSON::PP->new->utf8->canonical->allow_nonref }
sub parsed { my ($text) = @_; return eval { JSON::PP->new->utf8->allow_nonref->decode($text // '') } }
sub name { "tokens_$Poll::BANK.json" }
sub file { "$Poll::DATA/" . name() }
sub beside { "$Poll::DATA/." . name() . ".$_[0]" }
sub fingerprint { substr sha256_hex($_[0]), 0, 16 }
sub token { my ($value) = @_; defined $value && !ref $value && $value =~ /^[!#-\[\]-~]+$/ ? $value : '' }

# a new file for its owner alone; nothing is followed, nothing replaced
sub created {
  my ($path, $mode) = @_;
  Access::allows('w', $Poll::DATA) or return undef;
  sysopen my $out, $path, O_WRONLY | O_CREAT | O_EXCL, $mode // 0600 or return undef;
  Poll::own($out);
  return $out;
}

sub sync_folder { sysopen my $folder, $Poll::DATA, O_RDONLY or return 0; return $folder->sync }

# An access token or a time that makes no sense counts as expired: the refresh token can mend that.
sub load {
  my $cannot = 'cannot read ' . name() . ': ';
  Poll::fail($cannot . 'No such file or directory') unless -e file() && Access::allows('x', $Poll::DATA) && defined Access::allows('r', file());
  Poll::fail($cannot . 'not a regular file') unless -f file();
  Poll::fail($cannot . 'Permission denied') unless Access::allows('r', file()) && Access::allows('w', file());
  $tokens = Lab::slurp(file()) // Poll::fail($cannot . 'read error');
  my $found = $tokens =~ /^\s*$/ ? {} : parsed($tokens);
  Poll::fail($cannot . 'no JSON') unless defined $found;
  $found = {} unless ref $found eq 'HASH';
  ($refresh_token, $access) = map { token($found->{$_}) } qw(refresh_token access_token);
  my $time = $found->{expires_at};
  $expires_at = $access ne '' && defined $time && !ref $time && json()->encode($time) =~ /^-?\d+(\.\d+)?$/ ? int $time : 0;
  Poll::fail($cannot . 'no refresh_token') if $refresh_token eq '';
}

# does the token file still hold the refresh token that this rotation began with?
sub is_unchanged {
  my $now = Lab::slurp(file()) // '';
  return 1 if $now eq $tokens;
  my $found = parsed($now);
  return ref $found eq 'HASH' && ($found->{refresh_token} // '') eq $refresh_token;
}

# the data folder as the container has it
sub shown { $Poll::DATA eq Lab::root() . '/root/data/bulma' ? '/root/data/bulma' : $Poll::DATA }

1;
