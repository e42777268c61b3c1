import { type Diagnosis, diagnose } from '../../diagnosis.ts'
import { observe } from '../observe.ts'
import type { Ready } from './login.ts'
import { withLease } from './session.ts'

/** The doctor's verdict on one bank, from one look. @throws Problem (3) when Z2 could not be looked at */
export const verdictOn = async ({ bank, config, flags }: Ready): Promise<Diagnosis> =>
  diagnose(bank, await observe(config, flags.stack))

/**
 * The same for somebody who is about to log in: a lease that a killed run of this Mac left says nothing of the bank, so it
 * is taken over and given back first.
 * @throws Problem (1) that names who is logging in just now
 */
export async function verdictForLogin(ready: Ready): Promise<Diagnosis> {
  const first = await verdictOn(ready)
  if (first.verdict !== 'reauth-running') return first
  await withLease(ready, null, async () => undefined)
  return verdictOn(ready)
}
