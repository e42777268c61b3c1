package Transient;

# Units that systemd-run makes: files below run/systemd/transient, an alarm each in run/sim/due that the lab's process looks
# at, and no trace of them once nothing keeps them.
use strict;
use Lab;
use State;
use Unit;
use Elapse;

our $FOLDER = '/run/systemd/transient';

sub file { Lab::root() . "$FOLDER/$_[0]" }
sub due_file { Lab::root() . "/run/sim/due/$_[0]" }
sub is_one { -e file($_[0]) }

sub all {
  opendir my $entries, Lab::root() . $FOLDER or return;
  return sort grep { /\.(timer|service)$/ } readdir $entries;
}

# --collect: a unit that failed is no more kept than one that is done
sub collects { my ($unit) = @_; is_one($unit) && (Lab::slurp(file($unit)) // '') =~ /^CollectMode=inactive-or-failed$/m }

# the moment, in seconds since 1970, at which the lab's process starts a service or lets a timer elapse
sub alarm_at { my ($unit, $at) = @_; mkdir Lab::root() . '/run/sim/due'; Lab::spew(due_file($unit), $at) }
sub silence { unlink due_file($_[0]) }

sub forget { my ($unit) = @_; silence($unit); unlink file($unit) }

# the words of ExecStart=: "…" with C's escapes. A $ or ; that systemd-run has escaped comes back as it was, until
# daemon-reload reads the file: systemd 252 does not know those two escapes and keeps the backslash.
sub words {
  my ($text, $is_read_again) = @_;
  my %plain = (n => "\n", t => "\t", '"' => '"', "'" => "'", '\\' => '\\', $is_read_again ? () : ('$' => '$', ';' => ';'));
  my @words;
  while ($text =~ /"((?:[^"\\]|\\.)*)"|(\S+)/gs) {
    my ($quoted, $bare) = ($1, $2);
    push @words, defined $quoted ? $quoted =~ s/\\(.)/$plain{$1} \/\/ "\\$1"/gser =~ s/%%/%/gr : $bare;
  }
  return @words;
}

# what the manager replaces before it starts a program: $$, ${NAME} anywhere, $NAME as a word of its own (systemd.service(5))
sub expanded {
  my ($variables, @words) = @_;
  return map {
    /^\$([A-Za-z_]\w*)$/ ? split ' ', $variables->{$1} // ''
    : s/\$(\$|\{(\w+)\})/defined $2 ? $variables->{$2} \/\/ '' : '$'/ger
  } @words;
}

sub quoted {
  my ($word) = @_;
  my %letter = ("\n" => 'n', "\t" => 't');
  return '"' . $word =~ s/%/%%/gr =~ s/([\\"'\$;\n\t])/"\\" . ($letter{$1} \/\/ $1)/ger . '"';
}

1;
