import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Files that take long, much of it spent waiting, begin first: at the end of a run nobody waits for one of them alone.

const long = [
  'fault/real/machine',
  'e2e/login-reach',
  'e2e/login-approval',
  'real/fault',
  'e2e/login-others',
  'e2e/login-killed',
  'e2e/person',
  'e2e/login-interruption',
  'e2e/repair',
  'e2e/login-push',
  'real/login-z2',
  'real/by-hand',
  'e2e/login-exchange',
  'fault/kill-login-truelayer',
  'e2e/login-canary',
  'e2e/blind',
  'real/life',
  'login/exchange/kill',
  'e2e/login',
  'fault/kill-login-monzo',
  'backend/postgres',
  'fault/cut',
  'login/z2/commit',
  'e2e/login-refusal',
  'real/rotation',
  'e2e/mapped-owner',
  'e2e/login-callback',
  'e2e/canary',
  'e2e/failing-repair',
  'fault/at-once',
  'e2e/doctor',
  'login/z2/switch',
  'login/z2/lock',
  'login/z2/kill',
  'e2e/lease',
  'e2e/login-account',
  'e2e/login-proactive',
  'e2e/login-browser',
  'e2e/watch',
  'fault/simulation/odd',
  'fault/real/odd',
  'fault/killed',
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
