import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../lib/problem.ts'
import { takeLock } from '../../tools/build-lock.ts'
import { runQuietly } from '../../tools/child.ts'
import { type Progress, terminalProgress } from '../../tools/progress.ts'

// The two root file systems, built once for all checkouts of this machine: Z2's, and CT109's in the place where LXC looks for
// it. Nothing is ever written into a finished one: labs lay their own files over it.

/** Debian's own packages, by the side that they are for. Perl: every Proxmox host has all of it; any shell may be root's. */
const packages = {
  z2: 'systemd,systemd-sysv,dbus,openssh-server,openssh-sftp-server,iproute2,lxc,uidmap,curl,jq,perl,acl,procps,zsh,fish',
  ct109: 'systemd,systemd-sysv,dbus,curl,jq,ca-certificates',
}
const ownScript = join(import.meta.dirname, 'image/build.sh')
const rootfs = 'var/lib/lxc/109/rootfs'
const unusedDays = 14
const dayMs = 86_400_000

export const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env.XDG_CACHE_HOME || '/var/cache', 'bulma-infra-lab')

/** The same for the same inputs: a changed package list or script makes another image. */
export const imageKey = (script = ownScript): string =>
  createHash('sha256')
    .update([JSON.stringify(packages), process.arch, readFileSync(script, 'utf8')].join('\0'))
    .digest('hex')
    .slice(0, 16)

type Building = { cache: string; progress: Progress; tell(line: string): void; script: string }

/**
 * The folder of the finished image; built now where it is missing, by one process of this machine at a time.
 * @throws Problem when Debian's packages cannot be had
 */
export async function ensureImage(given: Partial<Building> = {}): Promise<string> {
  const building: Building = {
    cache: cacheFolder(),
    progress: terminalProgress(),
    tell: (line) => console.error(line),
    script: ownScript,
    ...given,
  }
  const { cache, tell, script } = building
  const image = join(cache, `image-${imageKey(script)}`)
  if (!existsSync(image)) {
    let isTold = false
    const release = await takeLock(cache, (holder) => {
      if (!isTold) tell(`${holder} is building the real lab's image: waiting for it`)
      isTold = true
    })
    try {
      if (!existsSync(image)) await build(image, building)
    } finally {
      release()
    }
  }
  utimesSync(image, new Date(), new Date())
  return image
}

async function build(image: string, building: Building): Promise<void> {
  const { cache } = building
  for (const name of readdirSync(cache)) {
    // the lock is ours: whatever is unfinished belongs to nobody
    if (name.startsWith('building-') || isUnused(cache, name)) rmSync(join(cache, name), { recursive: true })
  }
  const [z2, ct109] = ['building-z2', 'building-ct109'].map((name) => join(cache, name)) as [string, string]
  await buildRoot('z2', z2, 'building the file system of the real Z2, once, about a minute', building)
  await buildRoot('ct109', ct109, 'building the file system of its container, once, about a minute', building)
  renameSync(ct109, join(z2, rootfs))
  renameSync(z2, image)
}

async function buildRoot(
  side: keyof typeof packages,
  folder: string,
  what: string,
  { cache, progress, script }: Building,
): Promise<void> {
  const debs = join(cache, 'debs')
  mkdirSync(debs, { recursive: true })
  // Namespaces of their own, which end when we do: an interrupted build leaves neither a mount nor a process.
  const withUs = ['--pdeathsig', 'KILL', '--']
  const own = 'unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh'.split(' ')
  const ended = await progress.during(what, (detail) =>
    runQuietly('setpriv', [...withUs, ...own, script, side, folder, debs, packages[side]], {
      onLine: (line) => line.startsWith('I: ') && detail(line.slice('I: '.length)),
    }),
  )
  if (ended.code === 0) return
  throw new Problem({
    what: 'the file systems of the real lab could not be built',
    why: ended.tail,
    next: 'npm run lab -- up --real',
    left: `no lab was started; what was downloaded is kept in ${debs}`,
  })
}

const isUnused = (cache: string, name: string): boolean =>
  name.startsWith('image-') && Date.now() - statSync(join(cache, name)).mtimeMs > unusedDays * dayMs
