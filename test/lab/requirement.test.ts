import { expect, test } from 'vitest'
import { requireMachine } from '../../lab/real/requirement.ts'
import { Problem } from '../../lib/problem.ts'

const left = 'no lab was started; npm run lab -- up starts the simulation, which needs none of this'
const what = 'the real lab cannot run here'

function refusal(...machine: Parameters<typeof requireMachine>): object {
  try {
    requireMachine(...machine)
  } catch (error) {
    if (error instanceof Problem) return { ...error.lines, exitCode: error.exitCode }
    throw error
  }
  return {}
}

test('what a machine lacks for a real lab is said, with how to get it', () => {
  const debian = { platform: 'linux', uid: 0, has: () => true }
  expect(refusal(debian)).toEqual({})
  expect(refusal({ ...debian, platform: 'darwin' })).toEqual({
    what,
    why: 'it boots a Debian under systemd-nspawn, and this is darwin',
    next: 'npm run lab -- up',
    left,
    exitCode: 64,
  })
  expect(refusal({ ...debian, uid: 1000 })).toEqual({
    what,
    why: 'it makes namespaces and mounts file systems, which only root may',
    next: 'sudo npm run lab -- up --real',
    left,
    exitCode: 64,
  })
  const has = (program: string): boolean =>
    !['debootstrap', 'systemd-nspawn', 'unshare', 'nsenter'].includes(program)
  expect(refusal({ ...debian, has })).toEqual({
    what,
    why: 'not installed: debootstrap systemd-container util-linux',
    next: 'apt-get install --no-install-recommends debootstrap systemd-container util-linux',
    left,
    exitCode: 64,
  })
})
