import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { afterAll, describe, expect, it } from 'vitest'
import { Problem, renderProblem } from '../../lib/problem.ts'
import { buildWithGo, goEnvironment } from '../../tools/go-build.ts'
import { terminalProgress } from '../../tools/progress.ts'
import { toolchainDir } from '../../tools/project.ts'

const dir = mkdtempSync(`${tmpdir()}/bulma-go-`)
afterAll(() => rmSync(dir, { recursive: true }))

const fails = async (go: string | undefined): Promise<string> => {
  const work = buildWithGo(
    go,
    `${toolchainDir}/partial-test/bin`,
    ['pulumi: not on PATH'],
    terminalProgress(),
  )
  const error: unknown = await work.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Problem)
  return renderProblem((error as Problem).lines)
}

describe('the build from source', () => {
  it('without Go says what to install', async () => {
    expect(await fails(undefined)).toBe(
      [
        'error: Pulumi is not installed',
        'why:   pulumi: not on PATH',
        '       go: not found, so it cannot be built from source either',
        'next:  install Pulumi: https://www.pulumi.com/docs/iac/download-install/',
        'left:  nothing was looked at and nothing was changed',
      ].join('\n'),
    )
  })

  it('that fails says why', async () => {
    expect(await fails('/bin/false')).toContain('error: pulumi could not be built from source\nwhy:')
  })

  it('uses the caches of the machine, and the toolchain where there is no home', () => {
    expect(goEnvironment({ HOME: homedir() })).not.toHaveProperty('GOCACHE')
    const homeless = goEnvironment({ GOFLAGS: '-x' })
    expect(homeless).toMatchObject({
      GOCACHE: `${toolchainDir}/go/build`,
      GOPATH: `${toolchainDir}/go/path`,
      GOFLAGS: '-x -modcacherw',
    })
    expect(goEnvironment({ GOCACHE: '/c', GOPATH: '/p' })).toMatchObject({ GOCACHE: '/c', GOPATH: '/p' })
  })
})
