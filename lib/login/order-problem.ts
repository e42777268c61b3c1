import type { Config } from '../config.ts'
import { exitCode } from '../exit-code.ts'
import { type LookEnd, lookProblem } from '../look-problem.ts'
import { Problem } from '../problem.ts'
import type { OrderOutput, Verb } from './order.ts'
import { onlyLooks } from './order-command.ts'

/** Z2 gave no whole answer. An order that changes something may have been carried out all the same. */
export function orderProblem(
  config: Config,
  verb: Verb,
  end: LookEnd,
  output: Exclude<OrderOutput<never>, { state: 'whole' }>,
): Problem {
  const { lines } = lookProblem(config, end, output)
  if (onlyLooks(verb)) return new Problem(lines, exitCode.couldNotLook)
  const what = `${config.host} did not answer to "${verb}"`
  const left = 'it is not known whether it was done; asking again is safe'
  return new Problem({ ...lines, what, left }, exitCode.couldNotLook)
}
