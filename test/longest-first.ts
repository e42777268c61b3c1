import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Files that take long, much of it spent waiting, begin first: at the end of a run nobody waits for one of them alone.

const long = [
  'real/life',
  'real/fault',
  'e2e/login-reach',
  'e2e/person',
  'e2e/repair',
  'e2e/login-approval',
  'e2e/login-interruption',
  'e2e/login-others',
  'e2e/login-killed',
  'real/by-hand',
  'e2e/login-push',
  'e2e/login-exchange',
  'e2e/blind',
  'e2e/login-canary',
  'e2e/login',
  'login/exchange/kill',
  'login/z2/kill',
  'login/z2/commit',
  'fault/kill-login-truelayer',
  'fault/kill-login-monzo',
  'backend/postgres',
  'real/login-z2',
  'e2e/login-refusal',
  'e2e/doctor',
  'real/rotation',
  'fault/cut',
  'e2e/failing-repair',
  'e2e/mapped-owner',
  'real/login-shell',
  'login/z2/lock',
]

const rank = ({ moduleId }: TestSpecification): number => {
  const at = long.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  return at === -1 ? long.length : at
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other))
  }
}
