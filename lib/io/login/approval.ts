import { setTimeout as sleep } from 'node:timers/promises'
import { exitCode } from '../../exit-code.ts'
import { verify } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { askApproval } from './bank-api.ts'
import type { Login } from './login.ts'

const askMs = 3000

/**
 * Monzo: waits for the tap in the app, by asking `/accounts` with the access token of this login. Nothing is ever
 * refreshed from here.
 * @returns `refreshed` when CT109 has refreshed meanwhile, so that only its log knows
 * @throws Problem (4) when nobody tapped in time: the tokens are on CT109 and go on working once somebody does
 */
export async function awaitApproval(login: Login, accessToken: string): Promise<'approved' | 'refreshed'> {
  const { approvalSeconds } = login.config.login
  return login.terminal.wait(
    'approve in the Monzo app. if you dismissed the prompt, it sits in the feed',
    approvalSeconds * 1000,
    asked(login, accessToken, performance.now() + approvalSeconds * 1000),
  )
}

async function asked(login: Login, accessToken: string, until: number): Promise<'approved' | 'refreshed'> {
  for (;;) {
    const answer = await askApproval(login.endpoints, accessToken)
    if (answer.kind === 'approved' || answer.kind === 'refreshed') return answer.kind
    if (performance.now() >= until)
      throw notApproved(login.flags.stack, answer.kind === 'trouble' ? answer.says : null)
    login.interruption.check()
    await sleep(askMs)
  }
}

/** The tokens are where they belong; only the tap is missing. @param trouble what kept us from asking, if anything did */
export const notApproved = (stack: string, trouble: string | null): Problem =>
  new Problem(
    {
      what: 'the login is not approved in the Monzo app yet',
      why: trouble
        ? `the bank could not be asked: ${trouble}`
        : 'accounts still answers 403; the token itself is good',
      next: `approve in the Monzo app (the prompt sits in the feed), then ${verify('monzo', stack)}`,
      left: 'the tokens are on ct109 and its timer runs, so the next poll after the tap succeeds. do not log in again',
    },
    exitCode.personNeeded,
  )
