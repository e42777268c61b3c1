import { brokenProblem } from '../../login/broken-problem.ts'
import type { Broken, Sight } from '../../login/order.ts'
import type { Ready } from './login.ts'

/** What Z2 answered, unless it could not do what it was asked. @throws Problem (3) then */
export function sure<T extends object>({ bank, flags }: Pick<Ready, 'bank' | 'flags'>, reply: T | Broken): T {
  if ('broken' in reply) throw brokenProblem(bank, flags.stack, reply)
  return reply
}

/** A look at Z2 and CT109 with a login's eyes. @throws Problem (3) */
export const see = async (ready: Ready): Promise<Sight> => sure(ready, await ready.z2.ask({ do: 'see' }))
