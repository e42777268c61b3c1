# Everything that a login must know beforehand. Takes no lock and changes nothing.
sub see {
  my ($lease, $record, $issued) = (read_lease(), read_record(), read_issued());
  my $data = "$R$P->{dataDir}";
  my $container = container();
  my $look = $container->{identity} eq 'ours' ? start_look() : { failed => 'not asked' };
  my $bytes = launch('df', '-Pk', $data);
  my $files = launch('stat', '-f', '-c', '%d %c', $data);
  my $armed = is_armed();
  my ($tokens, $credentials) = (tokens_on_z2(), credentials_on_z2());
  my @folder = stat $data;
  my $here = @folder && S_ISDIR($folder[2]);
  # the staging folder is made by the first login: until then the folder above it tells its file system
  my ($above) = $staging =~ m{^(.*)/};
  my @staging = lstat $staging;
  @staging = stat $above unless @staging;
  my ($kilobytes) = (finish($bytes, 5))[1] =~ /^.*\n\S.*?\s\d+\s+\d+\s+(\d+)\s+\d+%/;
  my ($inodes) = (finish($files, 5))[1] =~ /^(\d+) [1-9]/;
  my ($seen, $says) = seen_inside(finish($look, $P->{pctSeconds}));
  my ($timer, $service, $facts) = $seen ? @$seen{qw(timer service facts)} : ({}, {}, {});
  my $writable = $here && ($seen ? $facts->{may} : -w $data);
  return {
    now => time, uid => 0 + $>, lease => $lease, record => $record, issued => $issued,
    token => { state => $tokens->{state}, fingerprint => $tokens->{fingerprint}, shape => shape_of($tokens->{object}) },
    credentials => { state => $credentials->{state}, client => $credentials->{fingerprint}, sha256 => $credentials->{sha256} },
    container => { %$container, running => boolean($seen || $container->{identity} eq 'ours' && is_running()), says => $seen ? undef : $says },
    timer => { active => $timer->{ActiveState} // 'unknown', unitFile => $timer->{UnitFileState} // 'unknown', load => $timer->{LoadState} // 'unknown', next => boolean(has_next($timer)) },
    service => { active => $service->{ActiveState} // 'unknown', sub => $service->{SubState} // 'unknown', load => $service->{LoadState} // 'unknown', since => since($service) },
    folder => {
      here => boolean($here), shared => boolean($here && ($facts->{folder} // '') eq "$folder[0] $folder[1]"),
      sameFileSystem => boolean($here && @staging && $staging[0] == $folder[0]), writable => boolean($writable),
      immutable => [grep { is_immutable("$data/$_") } $P->{tokenFile}, $P->{credentialsFile}],
    },
    room => { bytes => 1024 * ($kilobytes // 0), files => defined $inodes ? 0 + $inodes : undef },
    switchArmed => boolean($armed),
  };
}

# pct's own word, asked only when the look failed.
sub is_running { return (finish(launch('pct', 'status', $P->{containerId}), $P->{pctSeconds}))[1] =~ /^status: running$/m }
