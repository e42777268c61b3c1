# The pollers at rest, and at work again.

# The switch first: from here on the timer starts by itself if nobody else starts it. A running poll is waited for, never
# killed. Asked again, it winds the switch up anew.
sub stop {
  my $lease = read_lease();
  return { state => 'not-mine', lease => $lease } unless is_mine($lease);
  settle();
  refuse('other', not_ours()) unless container()->{identity} eq 'ours';
  arm($order->{switchSeconds}) or refuse('other', "$unit.timer could not be armed");
  # what a pct of a real host takes to start and to end
  my $most = $end - clock() - 5;
  my $wait = $order->{waitSeconds} < $most ? $order->{waitSeconds} : $most > 0 ? $most : 0;
  my ($seen, $says) = seen_inside(finish(inside('stop', @units, 1 + int($wait * 4)), $wait + 4));
  refuse('other', $says) unless $seen;
  my ($busy) = grep { is_active($seen->{$_}) || $seen->{$_}{Job} } qw(service timer);
  return { state => 'busy', unit => $P->{$busy}, since => since($seen->{$busy}) } if $busy;
  # A switch that fired while we waited has waited for our lock: it goes, and the calm lasts from now on.
  arm($order->{switchSeconds}) or refuse('other', "$unit.timer could not be armed");
  return { state => 'idle', refresh => chain_on_z2() };
}

# The switch goes only when the timer runs without it.
sub start {
  my $lease = read_lease();
  refuse('other', whose($lease)) unless is_mine($lease);
  my ($seen, $says) = seen_inside(finish(inside('start', @units), $P->{pctSeconds}));
  refuse('other', $says) unless $seen;
  my ($next, $polls) = (has_next($seen->{timer}), is_polling($seen->{service}));
  disarm() if $next || $polls;
  return { started => boolean(is_active($seen->{timer})), next => boolean($next || $polls),
    says => $next ? '' : $polls ? 'a poll runs' : "$P->{timer} has no next run" };
}
