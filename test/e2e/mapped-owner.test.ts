import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newProject, type Project } from './project.ts'

// The other policy: owner is the container's mapped root, mode 0600, nobody else. Real engine, real ssh.

let project: Project

beforeAll(async () => {
  project = await newProject()
  appendFileSync(join(project.dir, 'Pulumi.lab.yaml'), '\n')
  await project.run('sed', [
    '-i',
    's/^config:$/config:\\n  bulma:tokenAccess: mapped-owner/',
    'Pulumi.lab.yaml',
  ])
  await project.lab('up')
  await project.run(project.engine.pulumi, ['stack', 'select', '--create', 'lab'])
})
afterAll(() => project.end())

const ids = [
  'z2/credentials-file/monzo_credentials.json',
  'z2/data-folder/mnt/data/hinata/data/bulma',
  'z2/token-file/tokens_monzo.json',
  'z2/token-file/tokens_truelayer.json',
]

it('a Z2 that follows the other policy is brought to this one by the first up', async () => {
  expect((await project.off()).sort()).toEqual(ids)
  const up = await project.up()
  expect(up.code, up.out).toBe(0)
  expect(await project.off()).toEqual([])
  const { json } = await project.drift()
  expect(json.findings.find(({ id }) => id === 'z2/token-file/tokens_monzo.json')?.seen).toBe(
    '0600, owner 100000',
  )
  expect((await project.preview()).code).toBe(0)
})

it.each([
  ['token-unreadable-monzo', ['z2/token-file/tokens_monzo.json']],
  ['credentials-world-writable', ['z2/credentials-file/monzo_credentials.json']],
  ['data-folder-closed', ['z2/data-folder/mnt/data/hinata/data/bulma']],
])('%s is seen, repaired, and seen again', async (fault, changed) => {
  await project.lab('break', fault)
  expect(await project.off()).toEqual(changed)
  const up = await project.up()
  expect(up.code, up.out).toBe(0)
  expect((await project.preview()).code).toBe(0)
  await project.lab('break', fault)
  expect(await project.off()).toEqual(changed)
  expect((await project.up()).code).toBe(0)
})

it('up --parallel 64 of everything at once repairs everything at once', async () => {
  await project.lab('break', 'token-unreadable-monzo', 'token-read-only-truelayer', 'data-folder-closed')
  await project.lab(
    'break',
    'timer-disabled-monzo',
    'timer-stopped-truelayer',
    'legacy-morning',
    'legacy-evening',
  )
  const up = await project.up('--parallel', '64')
  expect(up.code, up.out).toBe(0)
  expect(await project.off()).toEqual([])
})
