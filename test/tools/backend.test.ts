import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Problem } from '../../lib/problem.ts'
import { backendEnv, backendOf, splitBackend } from '../../tools/backend.ts'
import { pulumiEnv } from '../../tools/pulumi-run.ts'
import { pendingInExport } from '../../tools/state-file.ts'

const dir = mkdtempSync(join(tmpdir(), 'bulma-backend-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const named = (url: string | null): void =>
  writeFileSync(join(dir, 'Pulumi.yaml'), `name: bulma\n${url === null ? '' : `backend:\n  url: ${url}\n`}`)
const canary = 'pass-4f1c'

describe('where the state lies', () => {
  it.each([
    [null, {}, { shown: 'file://./.state', isOurs: true }],
    ['file://./.state', {}, { shown: 'file://./.state', isOurs: true }],
    ['file:///srv/state', {}, { shown: 'file:///srv/state', isOurs: false }],
    ['s3://bulma?endpoint=http://nas:9000', {}, { shown: 's3://bulma', isOurs: false }],
    [
      'file://./.state',
      { BULMA_BACKEND_URL: `postgres://me:${canary}@db/bulma` },
      { shown: 'postgres://me@db/bulma', isOurs: false },
    ],
    [
      'file://./.state',
      { PULUMI_BACKEND_URL: 's3://of-another-project' },
      { shown: 'file://./.state', isOurs: true },
    ],
  ])('%s with %j', (url, env, wanted) => {
    named(url)
    expect(backendOf(dir, env)).toEqual(wanted)
  })

  it.each([
    [
      `postgres://me:${canary}@db/bulma`,
      {},
      'backend.url in Pulumi.yaml',
      'it holds a password, and the file is committed',
    ],
    [
      `postgres://me@db/bulma?password=${canary}`,
      {},
      'backend.url in Pulumi.yaml',
      'it holds a password, and the file is committed',
    ],
    [
      'file://./.state',
      { BULMA_BACKEND_URL: `https://me:${canary}@cloud` },
      'BULMA_BACKEND_URL',
      'it holds a password, which pulumi would print',
    ],
    [
      'file://./.state',
      { BULMA_BACKEND_URL: `me:${canary} at db` },
      'BULMA_BACKEND_URL',
      'it is no address of a backend',
    ],
  ])('refuses %s with %j, and does not say what it refuses', (url, env, place, why) => {
    named(url)
    const attempt = (): unknown => backendOf(dir, env)
    expect(attempt).toThrow(Problem)
    try {
      attempt()
    } catch (error) {
      const { exitCode, lines } = error as Problem
      expect([exitCode, lines.what, lines.why]).toEqual([64, `${place} cannot be used`, why])
      expect(Object.values(lines).join()).not.toContain(canary)
    }
  })
})

describe('a password', () => {
  it.each([
    [
      `postgres://me:p%40ss@db:5432/bulma?sslmode=require`,
      'postgres://me@db:5432/bulma?sslmode=require',
      'p@ss',
    ],
    [`postgres://me@db/bulma?password=p1`, 'postgres://me@db/bulma', 'p1'],
    ['postgres://me@db/bulma', 'postgres://me@db/bulma', null],
    ['s3://bucket', 's3://bucket', null],
  ])('is taken out of %s', (address, wanted, password) => {
    expect(splitBackend(address)).toEqual({ address: wanted, password })
  })

  it('goes to the engine by a variable of libpq, and by no other', () => {
    const engine = { pulumi: 'pulumi', env: {}, says: '' }
    const env = pulumiEnv(engine, {
      BULMA_BACKEND_URL: `postgres://me:${canary}@db/bulma`,
      PULUMI_BACKEND_URL: 's3://x',
    })
    expect(env).toMatchObject({ PULUMI_BACKEND_URL: 'postgres://me@db/bulma', PGPASSWORD: canary })
    expect(Object.entries(env).filter(([, value]) => value?.includes(canary))).toHaveLength(1)
    expect(backendEnv({})).toEqual({})
    expect(pulumiEnv(engine, { PULUMI_BACKEND_URL: 's3://x' })).not.toHaveProperty('PULUMI_BACKEND_URL')
  })
})

it('what an interrupted up began is found in an export as in a file', () => {
  const pending_operations = [
    { type: 'creating', resource: { urn: 'urn:pulumi:z2::bulma::command:local:Command::one' } },
    { type: 'updating', resource: { urn: 'urn:x::two' } },
  ]
  expect(pendingInExport(JSON.stringify({ version: 3, deployment: { pending_operations } }))).toEqual(['one'])
  expect(pendingInExport('{"version":3}')).toEqual([])
})
