import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { findFaults } from '../../../lab/fault/catalogue.ts'
import { readCount, resetCount } from '../../../lab/sim/count.ts'
import { startLab, stopLab } from '../../../lab/sim/lifecycle.ts'
import { placeAt } from '../../../lab/sim/place.ts'
import { mendAll, plantFaults } from '../../../lab/sim/plant.ts'
import { parseConfig } from '../../../lib/config.ts'
import { openUpload } from '../../../lib/io/login/upload.ts'
import { temporaryFolder } from '../../lab/temporary-folder.ts'
import { closeMaster, problemOf } from './scene.ts'

// the paths of Pulumi.lab.yaml: relative, so that everything counts from the checkout
const folder = temporaryFolder('a checkout, 100%')
const place = placeAt(folder)
const config = parseConfig({ sshConfig: '.lab/ssh_config', hostRoot: '.lab/z2' }, 'test')
const staging = join(place.roots.z2, 'mnt/data/hinata/data/.bulma-infra-staging')
const content = Buffer.from('{"refresh_token":"canary-of-the-simulation-test"}')
const plant = (...names: string[]) => plantFaults(place, findFaults(names).found)

const master = (): void => {
  const before = process.cwd()
  process.chdir(folder)
  closeMaster(config)
  process.chdir(before)
}

beforeAll(() => startLab(place))
beforeEach(() => {
  rmSync(staging, { recursive: true, force: true })
  mkdirSync(staging, { recursive: true, mode: 0o700 })
})
afterEach(() => mendAll(place))
afterAll(async () => {
  master()
  await stopLab(place)
  rmSync(folder, { recursive: true, force: true })
})

const isWhole = (): boolean => readFileSync(join(staging, 'monzo.tokens')).equals(content)

it('the simulated Z2 gets it over SFTP, in one connection', async () => {
  resetCount(place)
  const upload = await openUpload(config, folder)
  expect(upload.how).toBe('sftp')
  await upload.put('monzo.tokens', content)
  await upload.end()
  expect(isWhole()).toBe(true)
  expect(statSync(join(staging, 'monzo.tokens')).mode & 0o777).toBe(0o600)
  expect(readCount(place)).toMatchObject({ connections: 1, sessions: 1 })
})

it('a greeting of the login shell is no matter, over SFTP or through ssh', async () => {
  await plant('noisy-shell')
  const upload = await openUpload(config, folder)
  await upload.put('monzo.tokens', content)
  await upload.end()
  expect(isWhole()).toBe(true)
  copyFileSync(place.sshConfig, join(place.lab, 'through_ssh'))
  await appendFile(join(place.lab, 'through_ssh'), '  BindAddress 127.0.0.1\n')
  const through = await openUpload({ ...config, sshConfig: '.lab/through_ssh' }, folder)
  expect(through.how).toBe('ssh')
  await through.remove('monzo.tokens')
  await through.put('monzo.tokens', content)
  await through.end()
  expect(isWhole()).toBe(true)
  expect(statSync(join(staging, 'monzo.tokens')).mode & 0o777).toBe(0o600)
})

it('a port that refuses, a host that is not ours: told as such, and nothing is sent', async () => {
  master()
  await plant('port-refused')
  const refused = await problemOf(openUpload(config, folder))
  expect(refused.lines.why).toMatch(/^ssh: connect to host 127\.0\.0\.1 port \d+: Connection refused$/)
  expect(refused.lines.next).toBe('ssh -F .lab/ssh_config hinata-z2 true')
  await mendAll(place)
  await plant('host-key')
  expect((await problemOf(openUpload(config, folder))).lines.what).toBe(
    'cannot upload to hinata-z2: it shows another host key than the known one',
  )
})
