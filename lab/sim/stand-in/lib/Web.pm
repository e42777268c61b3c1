package Web;

# One HTTP request, and what went wrong with it in the words of curl, which the pollers of a real CT109 use.
use strict;
use HTTP::Tiny;
use Time::HiRes ();

# {status, content}, or {why}. `into`: a handle that takes the body of a good answer as it comes. No redirect is followed.
sub request {
  my ($method, $url, $patience, $options, $into) = @_;
  my ($got, $expected) = (0, 0);
  my %with = (%{ $options // {} }, $into ? (data_callback => sub {
    my ($chunk, $answer) = @_;
    $expected = $answer->{headers}{'content-length'} // 0;
    $got += length $chunk;
    syswrite($into, $chunk) == length $chunk or die "cannot write the reply: $!\n";
  }) : ());
  my $began = Time::HiRes::time();
  my $client = HTTP::Tiny->new(timeout => $patience, max_redirect => 0, keep_alive => 0, agent => 'bulma-poll');
  my $answer = $client->request($method, $url, \%with);
  return $answer if $answer->{status} != 599;
  my $ms = int((Time::HiRes::time() - $began) * 1000);
  return { why => words($answer->{content}, $url, $ms, $expected - $got) };
}

sub words {
  my ($said, $url, $ms, $missing) = @_;
  my ($host, $port) = $url =~ m{://([^:/]+)(?::(\d+))?};
  $port //= $url =~ /^https/ ? 443 : 80;
  return "Could not resolve host: $host" if $said =~ /Name or service not known|nodename nor servname|name resolution|No address associated|Bad hostname/;
  return "Operation timed out after $ms milliseconds with 0 bytes received" if $said =~ /Timed out/;
  return "Failed to connect to $host port $port after $ms ms: Couldn't connect to server" if $said =~ /^Could not connect/;
  return "transfer closed with $missing bytes remaining to read" if $said =~ /Unexpected end of stream/ && $missing > 0;
  return 'Empty reply from server' if $said =~ /Unexpected end of stream/;
  return 'Recv failure: Connection reset by peer' if $said =~ /reset by peer/;
  return (split /\n/, $said)[0] =~ s/ at \S+ line \d+\.?$//r;
}

1;
