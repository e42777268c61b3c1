import { exitCode } from '../exit-code.ts'
import type { Bank } from '../invariant.ts'
import { look } from '../next-step.ts'
import { Problem } from '../problem.ts'
import type { Broken } from './order.ts'

const things: Record<Broken['broken'], string> = {
  lease: 'the lease',
  record: 'the record of logins',
  issued: 'the number of the last login',
  folder: 'a folder of logins',
  lock: 'the lock',
  disk: 'the disk',
  other: 'something',
}

/** Z2 did nothing, since what it goes by is not as it must be. Nothing of it is ever replaced without a person. */
export const brokenProblem = (bank: Bank, stack: string, { broken, why }: Broken): Problem =>
  new Problem(
    {
      what: `${things[broken]} of ${bank} on z2 is in the way`,
      why,
      next: look(stack),
      left: 'nothing was changed',
    },
    exitCode.couldNotLook,
  )
