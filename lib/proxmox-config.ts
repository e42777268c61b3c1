/** What a container's configuration says, of what is judged here (pct.conf(5)). Current values only, no snapshots. */
export type ContainerConfig = {
  hostname: string
  onboot: boolean
  unprivileged: boolean
  /** why it is locked, as `backup`; null when it is not */
  lock: string | null
  /** bind and volume mounts: `mp0` → source and destination */
  mounts: { key: string; source: string; destination: string }[]
  /** static IPv4 addresses of its interfaces, without the prefix length */
  addresses: string[]
}

/** Reads the `key: value` lines before the first section. */
export function parseContainerConfig(lines: string[]): ContainerConfig {
  const pairs = lines.map((line) => {
    const at = line.indexOf(':')
    return [line.slice(0, at), line.slice(at + 1).trim()] as const
  })
  const get = (key: string): string | undefined => pairs.find(([name]) => name === key)?.[1]
  return {
    hostname: get('hostname') ?? '',
    onboot: get('onboot') === '1',
    unprivileged: get('unprivileged') === '1',
    lock: get('lock') || null,
    mounts: pairs.filter(([key]) => /^mp\d+$/.test(key)).map(([key, value]) => mountPoint(key, value)),
    addresses: pairs
      .filter(([key]) => /^net\d+$/.test(key))
      .flatMap(([, value]) => /(?:^|,)ip=(\d+\.\d+\.\d+\.\d+)(?:\/|,|$)/.exec(value)?.[1] ?? []),
  }
}

function mountPoint(key: string, value: string): ContainerConfig['mounts'][number] {
  const [first = '', ...options] = value.split(',')
  const option = (name: string): string | undefined =>
    options.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1)
  return { key, source: option('volume') ?? first.replace(/^volume=/, ''), destination: option('mp') ?? '' }
}

/** The first `mpN` that the configuration does not use. */
export function freeMountKey({ mounts }: ContainerConfig): string {
  const used = new Set(mounts.map(({ key }) => key))
  const free = Array.from({ length: 256 }, (_, n) => `mp${n}`).find((key) => !used.has(key))
  return free ?? 'mp0'
}
