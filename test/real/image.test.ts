import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { cacheFolder, ensureImage, imageKey } from '../../lab/real/image.ts'
import { Problem } from '../../lib/problem.ts'
import { temporaryFolder } from '../lab/temporary-folder.ts'

// The cache of the images, with a script that builds in no time what the real one takes a minute for.

let folder = ''
let cache = ''
let script = ''
const quiet = {
  progress: { during: <T>(_: string, work: (detail: () => void) => Promise<T>) => work(() => {}) },
  tell: () => {},
}

beforeEach(() => {
  folder = temporaryFolder('image')
  cache = join(folder, 'cache')
  script = join(folder, 'build.sh')
  recipe('exit 0')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A build that notes each run and then does what `more` says. */
const recipe = (more: string): void =>
  writeFileSync(
    script,
    `mkdir -p "$2/var/lib/lxc/109" "$3"; echo "$1" >>${folder}/runs; [ $1 = z2 ] || : >"$2/init"; ${more}\n`,
  )
const runs = (): string =>
  existsSync(join(folder, 'runs')) ? readFileSync(join(folder, 'runs'), 'utf8') : ''
const ensure = (): Promise<string> => ensureImage({ cache, script, ...quiet })

it('an image is built once, with the container where LXC looks for it', async () => {
  const image = await ensure()
  expect(image).toBe(join(cache, `image-${imageKey(script)}`))
  expect(existsSync(join(image, 'var/lib/lxc/109/rootfs/init'))).toBe(true)
  expect(await ensure()).toBe(image)
  expect(runs()).toBe('z2\nct109\n')
})

it('two that need it at the same time build it once', async () => {
  recipe('sleep 0.3')
  expect(new Set(await Promise.all([ensure(), ensure(), ensure()])).size).toBe(1)
  expect(runs()).toBe('z2\nct109\n')
})

it('another script makes another image, and one that nobody has used for long goes', async () => {
  const [old, used] = ['image-old', 'image-used'].map((name) => join(cache, name)) as [string, string]
  for (const each of [old, used]) mkdirSync(each, { recursive: true })
  utimesSync(old, 0, 0)
  const first = await ensure()
  recipe('true')
  expect(await ensure()).not.toBe(first)
  expect([old, used, first].map(existsSync)).toEqual([false, true, true])
})

it('a build that fails says why and leaves nothing half-made in use', async () => {
  recipe('echo "E: Couldn\'t download packages: curl" >&2; exit 1')
  const error = await ensure().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Problem)
  expect((error as Problem).lines).toEqual({
    what: 'the file systems of the real lab could not be built',
    why: "E: Couldn't download packages: curl",
    next: 'npm run lab -- up --real',
    left: `no lab was started; what was downloaded is kept in ${cache}/debs`,
  })
  recipe('true')
  expect(existsSync(await ensure())).toBe(true)
  expect(readdirSync(cache).filter((name) => name.startsWith('building-'))).toEqual([])
})

it('a build whose process is killed leaves no process and no mount, and the next one begins anew', async () => {
  recipe('mount -t tmpfs none "$2"; sleep 300.25')
  const program = `import { ensureImage } from ${JSON.stringify(join(import.meta.dirname, '../../lab/real/image.ts'))}
    await ensureImage(${JSON.stringify({ cache, script })})`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' })
  const sleeps = (): string => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  for (const end = Date.now() + 10_000; !sleeps().includes('sleep 300.25') && Date.now() < end; )
    await wait(50)
  expect(sleeps()).toContain('sleep 300.25')
  child.kill('SIGKILL')
  for (const end = Date.now() + 5000; sleeps().includes('sleep 300.25') && Date.now() < end; ) await wait(50)
  expect(sleeps()).not.toContain('sleep 300.25')
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(cache)
  rmSync(join(folder, 'runs'))
  recipe('true')
  await ensure()
  expect(runs()).toBe('z2\nct109\n')
})

it('the cache is shared by all checkouts of a machine', () => {
  expect(cacheFolder({})).toBe('/var/cache/bulma-infra-lab')
  expect(cacheFolder({ XDG_CACHE_HOME: '/home/x/.cache' })).toBe('/home/x/.cache/bulma-infra-lab')
})
