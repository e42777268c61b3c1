import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Config } from '../../config.ts'
import type { Bank } from '../../invariant.ts'
import { type Order, parseOrderOutput, type ReplyOf } from '../../login/order.ts'
import { orderCommand, orderProgram } from '../../login/order-command.ts'
import { orderProblem } from '../../login/order-problem.ts'
import { askOverSsh } from '../ssh-look.ts'

/** Z2, as a login of one bank asks things of it. */
export type Z2 = { ask<O extends Order>(order: O): Promise<ReplyOf<O>> }

const programs = join(import.meta.dirname, '../../login/z2')

const readPart = (name: string): string => readFileSync(join(programs, name), 'utf8')

/** What ssh is given to carry out an order. @param id random and new for each order */
export function commandOf(config: Config, bank: Bank, order: Order, id: string): string {
  const program = orderProgram(config, bank, order, readPart, id)
  return orderCommand(gzipSync(program).toString('base64'), order, bank)
}

/**
 * Each order is one ssh session over the shared connection.
 * @param project the checkout, since `sshConfig` may be relative to it
 * @returns `ask`, which throws Problem (3) when Z2 cannot be reached or gives no whole answer
 */
export function z2Of(config: Config, bank: Bank, project: string): Z2 {
  return {
    async ask<O extends Order>(order: O): Promise<ReplyOf<O>> {
      const id = randomBytes(12).toString('hex')
      const verb: O['do'] = order.do
      // An order that was begun is finished, whatever is typed meanwhile.
      const { end, out } = await askOverSsh(config, commandOf(config, bank, order, id), project, true)
      const output = parseOrderOutput(verb, out, id)
      if (output.state === 'whole') return output.reply
      throw orderProblem(config, verb, end, output)
    },
  }
}
